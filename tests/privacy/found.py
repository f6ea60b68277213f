"""What the usual scanner finds in a text, as (type, value) pairs. Shared by the tests of this room."""

from __future__ import annotations

from functools import cache

from freehold.privacy import Scanner, Sorting, all_types, make_scanner


@cache
def usual_scanner() -> Scanner:
    return make_scanner(Sorting.usual(all_types()).types)


def found(text: str) -> list[tuple[str, str]]:
    return [(span.type, text[span.start : span.end]) for span in usual_scanner().spans(text)]
