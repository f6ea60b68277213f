"""Whether two words of one value, with others between them, are that value. Knows no fingerprint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from freehold.privacy.learned.values import FILLING

_BETWEEN_FIELDS: Final = frozenset("\n:=\t|{}")

Place = tuple[int, int]


def stands(text: str, where: Sequence[Place], *, common: bool) -> list[Place]:
    """The places of the value that begins and ends with the words of `where`; none where they are two.

    `common`: one of them is everybody's word.
    """
    first, last = where[0], where[-1]
    if len(where) == 2:
        return [(first[0], last[1])]
    if not _BETWEEN_FIELDS.isdisjoint(text[first[1] : last[0]]):
        return [first, last]  # the words that name the fields are no part of it
    return [(first[0], last[1])] if _one_name(text, where, common=common) else []


def _one_name(text: str, where: Sequence[Place], *, common: bool) -> bool:
    """Such as "Maria Elena Okonkwo" and "Maria de la Cruz", and not "may look at Kim"."""
    capital = text[where[0][0]].isupper()
    others = [where[-1], *(place for place in where[1:-1] if not _fills(text[slice(*place)]))]
    return (capital or not common) and all(text[start].isupper() == capital for start, _ in others)


def _fills(word: str) -> bool:
    """Whether it is an initial, or a word such as "de"."""
    return len(word) < 2 or word.lower().encode() in FILLING
