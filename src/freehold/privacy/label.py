"""How private a request is. An order, nothing else."""

from __future__ import annotations

from enum import IntEnum


class Label(IntEnum):
    """`public` < `internal` < `personal` < `secret`. A clearance is the highest label a model may receive."""

    PUBLIC = 0
    INTERNAL = 1
    PERSONAL = 2
    SECRET = 3

    word: str

    @classmethod
    def parse(cls, text: str) -> Label:
        """From the word as written in a config or header. Raises `ValueError` naming the four words."""
        try:
            return cls[text.strip().upper()]
        except KeyError:
            words = ", ".join(label.word for label in cls)
            raise ValueError(f"{text!r} is not a label; labels are {words}") from None


for _label in Label:
    _label.word = _label.name.lower()  # once: a member's `name` is computed at each call
