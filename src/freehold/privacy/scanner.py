"""Text in, spans out: every chosen detector over the text, then over what disguises hide in it.

Knows detectors by what they promise alone, and no file, no clock, no label.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from freehold.errors import FreeholdError
from freehold.privacy.detectors import Detector, load, names, types_of
from freehold.privacy.disguise import Stretch, folded, unmasked
from freehold.privacy.own import Allowed
from freehold.privacy.pieces import pieces
from freehold.privacy.reading import Reading
from freehold.privacy.span import Span

_LEAST_SCORE = 0.5
# One of each kind that makes a detector load something.
_SAMPLE = (
    "4539 1488 0343 6467, RCCMNL83S18D969H, 54362315K, ACUPA7085R, 880320-0016, 710319/2745, 2341 2341 2346"
)

Pause = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Scanner:
    """The detectors for the types that matter to somebody. Made once, used by all, in any thread.

    `own` look for what an organisation itself said is private; `known` are the types of theirs that matter.
    What is `allowed` is not told.
    """

    detectors: tuple[Detector, ...]
    types: frozenset[str]
    own: tuple[Detector, ...] = ()
    known: frozenset[str] = frozenset()
    allowed: Allowed | None = None

    def spans(self, text: str, pause: Pause | None = None) -> tuple[Span, ...]:
        """As `scan`, with these."""
        return scan(text, self.own + self.detectors, self._matters, pause, self.allowed)

    def _matters(self, span: Span) -> bool:
        return span.type in (self.known if span.known else self.types)

    def warm(self) -> None:
        """Load what detectors load with the first value that they check. One that fails, fails later."""
        with suppress(FreeholdError):
            scan(_SAMPLE, self.detectors)


def all_types() -> frozenset[str]:
    """Every type that some detector finds."""
    return frozenset[str]().union(*(types_of(name) for name in names()))


def make_scanner(
    types: frozenset[str],
    own: Iterable[Detector] = (),
    *,
    plugs: Iterable[Detector] = (),
    alone: bool = False,
    allowed: Allowed | None = None,
) -> Scanner:
    """A scanner for `types`, and for whatever `own` detectors find; with `alone` for `types` alone.

    `plugs` guess beside our own detectors.

    Those that nothing finds are left out.
    """
    guessing = [load(name) for name in names() if types_of(name) & types]
    guessing += (detector for detector in plugs if detector.types & types)
    mine = tuple(detector for detector in own if not alone or detector.types & types)
    known = frozenset[str]().union(*(detector.types for detector in mine))
    return Scanner(tuple(guessing), types, mine, known & types if alone else known, allowed)


def scan(
    text: str,
    detectors: Iterable[Detector],
    matters: Callable[[Span], bool] | None = None,
    pause: Pause | None = None,
    allowed: Allowed | None = None,
) -> tuple[Span, ...]:
    """The spans in `text`, in order and not overlapping, offsets in its code points.

    Spans that do not matter to `matters`, and those `allowed`, are left out. `pause` is called between the
    pieces of a long text, and may raise. What it or a detector raises goes through: the caller decides what
    it means.
    """
    chosen = tuple(detectors)
    found: list[Span] = []
    for start, piece in pieces(text):
        if pause is not None and start:
            pause()
        found += (_moved(span, start) for span in _found(piece, chosen))
    if matters is not None:
        found = [span for span in found if matters(span)]
    if allowed is not None and found:
        found = allowed.without(text, found)
    return tuple(_trimmed(_apart(found), text))


def _trimmed(found: Iterable[Span], text: str) -> Iterator[Span]:
    """Without the blanks at their ends: what a surer finding leaves of another may be nothing else."""
    for span in found:
        start, end = span.start, span.end
        if text[start].isspace() or text[end - 1].isspace():
            said = text[start:end]
            start += len(said) - len(said.lstrip())
            end = start + len(said.strip())
            if start == end:
                continue
            yield Span(start, end, span.type, span.score, span.known)
        else:
            yield span


def _moved(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by, span.type, span.score, span.known) if by else span


def _found(text: str, chosen: tuple[Detector, ...]) -> list[Span]:
    plain = folded(text)
    reading = Reading(plain.text)
    found = [*_located(plain, reading, chosen)]
    for view, read in unmasked(plain, reading, found):
        found += _located(view, read, chosen)
    return found


def _located(view: Stretch, reading: Reading, detectors: Iterable[Detector]) -> Iterator[Span]:
    for detector in detectors:
        for span in detector.find(reading):
            if span.score >= _LEAST_SCORE and view.is_news(span.start, span.end):
                start, end = view.origin(span.start, span.end)
                yield Span(start, end, span.type, span.score, span.known)


def _apart(found: list[Span]) -> tuple[Span, ...]:
    """Of two spans that overlap the surer keeps its place, of equally sure ones the longer.

    What the other covers beside it stays. The surest are placed first, each where nobody stands yet.
    """
    if len(found) < 2:
        return tuple(found)
    kept: list[Span] = []
    ends: list[int] = []
    for span in sorted(found, key=_certainty, reverse=True):
        _place(span, kept, ends)
    return tuple(kept)


def _place(span: Span, kept: list[Span], ends: list[int]) -> None:
    """Put what of `span` is free among those kept, which stand in order and end at `ends`."""
    start, at = span.start, bisect_right(ends, span.start)
    while start < span.end:
        free = min(span.end, kept[at].start) if at < len(kept) else span.end
        if start < free:
            kept.insert(at, Span(start, free, span.type, span.score, span.known))
            ends.insert(at, free)
            at += 1
        if at == len(kept):
            return
        start = max(start, kept[at].end)
        at += 1


def _certainty(span: Span) -> tuple[bool, float, int, int, str]:
    """What is known outranks what is guessed. No two draw: the order they come in is no matter."""
    return span.known != "", span.score, span.end - span.start, -span.start, span.type
