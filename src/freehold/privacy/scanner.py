"""Text in, spans out: every chosen detector over the text, then over what disguises hide in it.

Knows detectors by what they promise alone, and no file, no clock, no label.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from freehold.privacy.detectors import Detector, load, names
from freehold.privacy.disguise import Stretch, folded, unmasked
from freehold.privacy.reading import Reading
from freehold.privacy.span import Span

_LEAST_SCORE = 0.5


@dataclass(frozen=True, slots=True)
class Scanner:
    """The detectors for the types that matter to somebody. Made once, used by all, in any thread."""

    detectors: tuple[Detector, ...]
    types: frozenset[str]

    def spans(self, text: str) -> tuple[Span, ...]:
        """As `scan`, with these."""
        return scan(text, self.detectors, self.types)


def all_types() -> frozenset[str]:
    """Every type that some detector finds."""
    return frozenset[str]().union(*(load(name).types for name in names()))


def make_scanner(types: frozenset[str]) -> Scanner:
    """A scanner for `types`. Those that nothing finds are left out."""
    detectors = tuple(detector for name in names() if (detector := load(name)).types & types)
    return Scanner(detectors, types)


def scan(text: str, detectors: Iterable[Detector], types: frozenset[str] | None = None) -> tuple[Span, ...]:
    """The spans in `text`, in order and not overlapping, offsets in its code points.

    `types` leaves out all others. What a detector raises goes through: the caller decides what it means.
    """
    chosen = tuple(detectors)
    plain = folded(text)
    reading = Reading(plain.text)
    found = [*_located(plain, reading, chosen)]
    for view, read in unmasked(plain, reading, found):
        found += _located(view, read, chosen)
    if types is not None:
        found = [span for span in found if span.type in types]
    return _apart(found)


def _located(view: Stretch, reading: Reading, detectors: Iterable[Detector]) -> Iterator[Span]:
    for detector in detectors:
        for span in detector.find(reading):
            if span.score >= _LEAST_SCORE:
                start, end = view.origin(span.start, span.end)
                yield Span(start, end, span.type, span.score)


def _apart(found: list[Span]) -> tuple[Span, ...]:
    """Of two spans that overlap the surer keeps its place, of equally sure ones the longer.

    What the other covers beside it stays. One pass from left to right: linear in the spans.
    """
    if len(found) < 2:
        return tuple(found)
    kept: list[Span] = []
    for span in sorted(found, key=lambda s: (s.start, -s.score, -s.end, s.type)):
        if kept and span.start < kept[-1].end:
            _place(span, kept)
        else:
            kept.append(span)
    return tuple(kept)


def _place(span: Span, kept: list[Span]) -> None:
    """Put `span`, which begins within the last one kept, in its place."""
    last = kept[-1]
    surer = (span.score, span.end - span.start) > (last.score, last.end - last.start)
    if not surer:
        if span.end > last.end:
            kept.append(Span(last.end, span.end, span.type, span.score))
        return
    if span.start > last.start:
        kept[-1] = Span(last.start, span.start, last.type, last.score)
    else:
        kept.pop()
    kept.append(span)
    if last.end > span.end:
        kept.append(Span(span.end, last.end, last.type, last.score))
