"""Which pseudonym stands for which value in one conversation. Does not know how a body is shaped.

The same key, tenant, conversation, type and value give the same pseudonym at every turn, so nothing has to be
kept between turns. A pseudonym that the conversation's own text holds already is passed over for the next:
nothing that looks like one is ever restored that was not issued here.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass

from freehold.errors import FreeholdError
from freehold.privacy.redaction.shapes import LONGEST, shape

_MOST_TRIES = 1000
_WORD = re.compile(r"\w+")


class NoPseudonym(FreeholdError):
    """Nothing could be found to stand for a value; it must not leave."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose conversation it is. Other tenants and other conversations get other pseudonyms."""

    key: bytes
    tenant: str
    conversation: str

    def stream(self, type_: str, value: str) -> Iterator[bytes]:
        """Bytes to make pseudonyms from, 32 a try, without end."""
        said = f"{self.tenant}\0{self.conversation}\0{type_}\0{value}"
        for number in range(_MOST_TRIES):
            yield hmac.digest(self.key, f"{number}\0{said}".encode("utf-8", "surrogatepass"), "sha256")
        raise NoPseudonym(f"no pseudonym is free for a value of type {type_}")


class Book:
    """Pseudonyms issued for one request, and the way back. `text` is all that the conversation says."""

    __slots__ = ("_beginnings", "_by_value", "_folded", "_owner", "_said", "originals", "parts")

    def __init__(self, owner: Owner, text: str) -> None:
        self._owner = owner
        self._said = frozenset(_words(text))
        self._by_value: dict[tuple[str, str], str] = {}
        self._folded: set[str] = set()  # what was issued, in small letters
        self._beginnings: set[str] = set()  # and what each begins with
        self.originals: dict[str, str] = {}
        self.parts: dict[str, str] = {}  # words of a name's pseudonym: a model greets by the first name alone

    @property
    def way_back(self) -> dict[str, str]:
        """Everything that is restored: pseudonyms, and the single words of names."""
        return self.parts | self.originals

    def issue(self, type_: str, value: str) -> str:
        """What stands for `value`. Raises `NoPseudonym` where nothing can."""
        known = self._by_value.get((type_, value))
        if known is not None:
            return known
        for seed in self._owner.stream(type_, value):
            made = shape(type_, value, seed)
            if self._free(made):
                self._by_value[type_, value] = made
                self.originals[made] = value
                self._remember(made.casefold())
                if type_ == "PERSON":  # its words are nobody's; "Works" and "Street" are everybody's
                    self._keep_parts(made, value)
                return made
        raise NoPseudonym(f"no pseudonym is free for a value of type {type_}")

    def _keep_parts(self, made: str, value: str) -> None:
        ours, theirs = made.split(" "), value.split()
        if len(ours) == len(theirs) > 1 and all(word.isalpha() for word in ours):
            self.parts |= dict(zip(ours, theirs, strict=True))

    def _remember(self, folded: str) -> None:
        self._folded.add(folded)
        self._beginnings.update(_beginnings(folded))

    def _free(self, made: str) -> bool:
        """In no text of the conversation, and neither the beginning of another nor begun by one.

        A text whose words are not all there does not hold it: only whole words are ever restored.
        """
        folded = made.casefold()
        if len(made) > LONGEST or self._said.issuperset(_words(made)):
            return False
        return folded not in self._beginnings and self._folded.isdisjoint(_beginnings(folded))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _beginnings(text: str) -> list[str]:
    return [text[:end] for end in range(1, len(text) + 1)]
