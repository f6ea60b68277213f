"""Detectors for a few learned values or documents. Shared by the tests of this room."""

from __future__ import annotations

from collections.abc import Iterable

from freehold.privacy import DocumentShingles, Learned, Scanner, Seal, Source, Span, Sums, ValuePrints, pack

KEY = bytes(range(32))


def packed_values(values: Iterable[str], type_: str = "PERSON", key: bytes = KEY) -> bytes:
    prints = ValuePrints(Seal(key))
    for value in values:
        prints.add(value)
    facts = {"name": "list", "type": type_, "kind": "values", "values": prints.values}
    sums = Sums(prints.words, prints.pairs, prints.wholes, prints.parts, lengths=prints.lengths)
    return pack({**facts, "left_out": prints.left_out, "at": 0.0}, sums, key)


def packed_documents(texts: Iterable[str], type_: str = "SECRET", key: bytes = KEY) -> bytes:
    prints = DocumentShingles(Seal(key))
    for text in texts:
        prints.add(text)
    facts = {"name": "texts", "type": type_, "kind": "documents", "values": prints.values}
    sums = Sums(prints.words, shingles=prints.shingles)
    return pack({**facts, "left_out": prints.left_out, "at": 0.0}, sums, key)


def detector(*packed: bytes) -> Learned:
    return Learned([Source(one, KEY) for one in packed], Seal(KEY))


def knowing(*packed: bytes) -> Scanner:
    """A scanner that looks for what was learned and nothing else."""
    looking = detector(*packed)
    return Scanner((), frozenset(), (looking,), looking.types)


def found(text: str, *packed: bytes) -> list[str]:
    return [text[span.start : span.end] for span in knowing(*packed).spans(text)]


def spans(text: str, *packed: bytes) -> tuple[Span, ...]:
    return knowing(*packed).spans(text)
