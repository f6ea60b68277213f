"""A text made from another, which knows for each of its characters where that stood. Knows no disguise."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

# What takes a match's place: text that stands for the whole match, or pieces with their own offsets in it.
Piece = tuple[str, int, int]
Replace = Callable[[re.Match[str]], "str | list[Piece] | None"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """`starts[i]` and `ends[i]` bound what character i stood for; `None` where nothing was moved."""

    text: str
    starts: list[int] | None = None
    ends: list[int] | None = None

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The place in the first text of all that `start` to `end` of this one (not empty) was made from."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]

    def rewritten(self, expression: re.Pattern[str], replace: Replace) -> Stretch | None:
        """With every match replaced, `None` where nothing was. `replace` leaves one alone by `None`."""
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        at = 0

        def copy(start: int, end: int) -> None:
            pieces.append(self.text[start:end])
            if self.starts is None or self.ends is None:
                starts.extend(range(start, end))
                ends.extend(range(start + 1, end + 1))
            else:
                starts.extend(self.starts[start:end])
                ends.extend(self.ends[start:end])

        for match in expression.finditer(self.text):
            put = replace(match)
            if put is None:
                continue
            copy(at, match.start())
            at = match.end()
            whole = [(put, match.start(), at)] if isinstance(put, str) else put
            for text, start, end in whole:
                if not text:
                    continue
                pieces.append(text)
                if self.starts is None and len(text) == 1:
                    starts.append(start)
                    ends.append(end)
                    continue
                first, last = self.origin(start, end)
                starts.extend([first] * len(text))
                ends.extend([last] * len(text))
        if at == 0:
            return None
        copy(at, len(self.text))
        return Stretch("".join(pieces), starts, ends)
