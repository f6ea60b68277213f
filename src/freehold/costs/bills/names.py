"""Whether two names mean one model: a provider writes it differently on the wire and on its bill.

`gpt-4o-mini` (asked for), `gpt-4o-mini-2024-07-18` (answered by, OpenAI's bill) and `gpt 4o mini 0718`
(Azure's meters) are one. Does not know which models there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORDS = re.compile(r"[a-z0-9.]+")
_STAMP = re.compile(r"(?:20\d\d)?((?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))")


def key_of(name: str) -> tuple[str, str | None]:
    """The name without punctuation, vendor and date, and the date apart as MMDD (`None`: it has none)."""
    words = _WORDS.findall(name.lower().rpartition("/")[2])
    kept: list[str] = []
    stamp = None
    position = 0
    while position < len(words):
        dated = _dated(words, position)
        if dated is None:
            kept.append(words[position])
            position += 1
        else:
            stamp, position = dated
    return "".join(kept).removeprefix("gpt") if len(kept) > 1 else "".join(kept), stamp


def _dated(words: list[str], position: int) -> tuple[str, int] | None:
    """A date at this place: three words (2024 07 18) or one (0718, 20240718), never the first."""
    if position == 0:
        return None
    for length in (3, 1):
        piece = words[position : position + length]
        written = _STAMP.fullmatch("".join(piece))
        if len(piece) == length and written is not None and (length == 1 or len(piece[0]) == 4):
            return written[1], position + length
    return None


def same_model(ours: str, theirs: Iterable[str]) -> str | None:
    """Which of `theirs` means `ours`: the same text, else the only one with the same words and date.

    A name without a date fits any date, if only one is there.
    """
    names = set(theirs)
    if ours in names:
        return ours
    words, stamp = key_of(ours)
    alike = {name: key_of(name)[1] for name in names if key_of(name)[0] == words}
    exact = [name for name, theirs_stamp in alike.items() if theirs_stamp == stamp]
    if len(exact) == 1:
        return exact[0]
    open_ = [name for name, theirs_stamp in alike.items() if stamp is None or theirs_stamp is None]
    return open_[0] if len(open_) == 1 else None


def one_name_each(names: Iterable[str]) -> dict[str, str]:
    """For each name the one that stands for its model, where several exports spell it differently."""
    said: dict[str, str] = {}
    for name in sorted(set(names), key=lambda name: (key_of(name)[1] is None, name)):
        said[name] = same_model(name, said.values()) or name
    return said
