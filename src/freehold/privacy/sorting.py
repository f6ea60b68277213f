"""Which types of spans raise a request's label, and how far. Knows no text and no detector."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from freehold.privacy.label import Label
from freehold.privacy.span import Span

SECRET_TYPES: Final = frozenset({"SECRET"})
# They accuse nobody when they stand alone.
HARMLESS_TYPES: Final = frozenset({"ORGANIZATION", "LOCATION", "DATE_TIME", "URL"})
# Found by what stands around them; everything else by its own form.
NAME_TYPES: Final = frozenset({"PERSON", "ORGANIZATION", "LOCATION", "ADDRESS"})


class Sorting(msgspec.Struct, frozen=True):
    """What is `personal`, and what is `secret`. A type in neither raises nothing."""

    personal: frozenset[str]
    secret: frozenset[str]

    @classmethod
    def usual(cls, types: Iterable[str]) -> Sorting:
        """Of all `types` that can be found: keys are secret, the rest personal, the harmless nothing."""
        return cls(frozenset(types) - SECRET_TYPES - HARMLESS_TYPES, SECRET_TYPES)

    @property
    def types(self) -> frozenset[str]:
        """Whatever raises a label."""
        return self.personal | self.secret

    def label(self, spans: Iterable[Span], floor: Label) -> Label:
        """The label of what holds these spans, at least `floor`.

        What the organisation itself said is private is personal at least, whatever its type.
        """
        label = floor
        for span in spans:
            if span.type in self.secret:
                return Label.SECRET
            if span.known or span.type in self.personal:
                label = max(label, Label.PERSONAL)
        return label
