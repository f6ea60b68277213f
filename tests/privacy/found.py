"""What the usual scanner, names left out, finds in a text. Shared by the tests of this room."""

from __future__ import annotations

from functools import cache

from freehold.privacy import Scanner, Sorting, all_types, make_scanner
from freehold.privacy.detectors import types_of


@cache
def usual_scanner() -> Scanner:
    return make_scanner(Sorting.usual(all_types()).types - types_of("named"))


def found(text: str) -> list[tuple[str, str]]:
    return [(span.type, text[span.start : span.end]) for span in usual_scanner().spans(text)]
