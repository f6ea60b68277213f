"""One learned source as bytes that any process may map: a line of facts, then sorted fingerprints.

A checksum with the key tells a damaged or foreign one. Knows no file: it reads whatever memory it is given.
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

import msgspec

from freehold.errors import FreeholdError
from freehold.privacy.learned.fingerprint import KEY_BYTES, Seal

_MAGIC: Final = b"freehold learned 1\n"
_ARRAYS: Final = ("words", "pairs", "wholes", "parts", "shingles")
_BYTES: Final = 8


class Damaged(FreeholdError):
    """A source cannot be read: it is not whole, or was made with another key."""


class Facts(msgspec.Struct, frozen=True):
    """What is said of a source. `at` is in Unix seconds; `counts` are of fingerprints."""

    name: str
    type: str
    kind: str
    values: int
    left_out: int
    at: float
    lengths: tuple[int, ...]
    counts: dict[str, int]
    order: str
    key: str
    sum: str = ""


@dataclass(frozen=True, slots=True)
class Sums:
    """Fingerprints of one source before they are packed, each list in order."""

    words: Sequence[int]
    pairs: Sequence[int] = ()
    wholes: Sequence[int] = ()
    parts: Sequence[int] = ()
    shingles: Sequence[int] = ()
    lengths: Sequence[int] = ()


def pack(facts: Mapping[str, Any], sums: Sums, key: bytes) -> bytes:
    """A source as bytes. `facts` are name, type, kind (`values` or `documents`), values, left_out and at."""
    body = b"".join(_packed(getattr(sums, name)) for name in _ARRAYS)
    said = Facts(
        **facts,
        lengths=tuple(sums.lengths),
        counts={name: len(getattr(sums, name)) for name in _ARRAYS},
        order=sys.byteorder,
        key=Seal(key).check,
    )
    line = msgspec.json.encode(msgspec.structs.replace(said, sum=_sum(said, body, key)))
    head = _MAGIC + line
    return head + b" " * (-(len(head) + 1) % _BYTES) + b"\n" + body


def _packed(numbers: Sequence[int]) -> bytes:
    from array import array  # noqa: PLC0415 - a gateway reads sources and makes none

    return array("Q", numbers).tobytes()


def _sum(facts: Facts, body: bytes | memoryview, key: bytes) -> str:
    made = blake2b(key=key, digest_size=16, person=b"source")
    made.update(msgspec.json.encode(msgspec.structs.replace(facts, sum="")))
    made.update(body)
    return made.hexdigest()


class Source:
    """A source to be looked into. `raw` has to stay in memory as long as it does."""

    __slots__ = ("_arrays", "facts")

    def __init__(self, raw: bytes | memoryview, key: bytes) -> None:
        """Read all of it once, to see that it is whole. Raises `Damaged`."""
        view = memoryview(raw)
        self.facts, start = facts_of(view)
        body = view[start:]
        if len(key) != KEY_BYTES or Seal(key).check != self.facts.key:
            raise Damaged("it was made with another key")
        if self.facts.order != sys.byteorder:
            raise Damaged("it was made on a machine with another order of bytes")
        if _sum(self.facts, body, key) != self.facts.sum:
            raise Damaged("it is not as it was written")
        self._arrays: dict[str, memoryview] = {}
        at = 0
        for name in _ARRAYS:
            end = at + _BYTES * self.facts.counts[name]
            self._arrays[name] = body[at:end].cast("Q")
            at = end

    def knows(self, kind: str, fingerprint: int) -> bool:
        """Whether it is among the fingerprints of a kind, such as words or pairs."""
        array = self._arrays[kind]
        at = bisect_left(array, fingerprint)
        return at < len(array) and array[at] == fingerprint


def facts_of(raw: bytes | memoryview) -> tuple[Facts, int]:
    """What a source says of itself, unchecked, and where its fingerprints begin. Raises `Damaged`."""
    view = memoryview(raw)
    if bytes(view[: len(_MAGIC)]) != _MAGIC:
        raise Damaged("it does not begin as a learned source does")
    line = bytes(view[len(_MAGIC) : len(_MAGIC) + 65_536]).partition(b"\n")
    try:
        facts = msgspec.json.decode(line[0], type=Facts)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Damaged("its first lines cannot be read") from None
    return facts, len(_MAGIC) + len(line[0]) + 1
