"""A text made from another, which knows for each of its characters where that stood. Knows no disguise."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

# What takes a match's place: text that stands for the whole match, or pieces with their own offsets in it.
Piece = tuple[str, int, int]
Replace = Callable[[re.Match[str]], "str | list[Piece] | None"]

# What stands beside a change is read with it: the words that say what a number is.
_BEFORE, _AFTER, _TO_A_BLANK = 192, 96, 128
# Nearer than this a change may have shown what it did not touch: `%3A4539…`.
_NEAR: Final = 64
# Between two places that are far from each other: no number goes on over it, and no sentence.
_GULF: Final = "\n;;;;;;;\n"
# Of a text that is changed nearly everywhere nothing is left out.
_MOST_KEPT: Final = 0.8


@dataclass(frozen=True, slots=True)
class Stretch:
    """`starts[i]` and `ends[i]` bound what character i stood for; `None` where nothing was moved.

    `changed` are the places where it says something else than the text it was made from, from left to right.
    """

    text: str
    starts: list[int] | None = None
    ends: list[int] | None = None
    changed: tuple[tuple[int, int], ...] = ()

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The place in the first text of all that `start` to `end` of this one (not empty) was made from."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]

    def is_news(self, start: int, end: int) -> bool:
        """Whether a change is in or near the place; what is far from all was read before."""
        if not self.changed:
            return True
        at = bisect_left(self.changed, (end + _NEAR, 0)) - 1
        return at >= 0 and self.changed[at][1] > start - _NEAR

    def near_changes(self) -> Stretch:
        """The changes with what stands beside them; itself where that is nearly all."""
        starts, ends = self.starts, self.ends
        windows = self._windows()
        kept = sum(end - start for start, end in windows)
        if starts is None or ends is None or kept > _MOST_KEPT * len(self.text):
            return self
        text, new_starts, new_ends = [], [], []
        changed: list[tuple[int, int]] = []
        moved, number = 0, 0
        for start, end in windows:
            text += [self.text[start:end], _GULF]
            new_starts += starts[start:end] + [ends[end - 1]] * len(_GULF)
            new_ends += ends[start:end] + [ends[end - 1]] * len(_GULF)
            while number < len(self.changed) and self.changed[number][0] < end:
                begin, stop = self.changed[number]
                changed.append((begin - start + moved, stop - start + moved))
                number += 1
            moved += end - start + len(_GULF)
        return Stretch("".join(text), new_starts, new_ends, tuple(changed))

    def _windows(self) -> list[tuple[int, int]]:
        """What is near a change, from blank to blank where there are some."""
        windows: list[tuple[int, int]] = []
        for begin, stop in self.changed:
            start, end = max(0, begin - _BEFORE), min(len(self.text), stop + _AFTER)
            if windows and start <= windows[-1][1] + _TO_A_BLANK:
                windows[-1] = windows[-1][0], max(end, windows[-1][1])
            else:
                windows.append((start, end))
        # Where a change took everything away nothing is left to read.
        wide = [(self._blank_before(start), self._blank_behind(end)) for start, end in windows]
        return [(start, end) for start, end in wide if start < end]

    def _blank_before(self, start: int) -> int:
        if start == 0:
            return 0
        at = max(self.text.rfind(blank, max(0, start - _TO_A_BLANK // 2), start) for blank in " \n")
        return start if at < 0 else at + 1

    def _blank_behind(self, end: int) -> int:
        near = [self.text.find(blank, end, end + _TO_A_BLANK // 2) for blank in " \n"]
        return min((at for at in near if at >= 0), default=end)

    def rewritten(self, expression: re.Pattern[str], replace: Replace) -> Stretch | None:
        """With every match replaced, `None` where nothing was. `replace` leaves one alone by `None`."""
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        changed: list[tuple[int, int]] = []
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
            begin = len(starts)
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
            changed.append((begin, len(starts)))
        if at == 0:
            return None
        copy(at, len(self.text))
        return Stretch("".join(pieces), starts, ends, tuple(changed))
