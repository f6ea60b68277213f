"""Made-up requests to an assistant with names in the places where people put them, and many without any.

Real text carries the training; this only fills what the public files lack: addresses, signatures, forms,
JSON, comments of code, names from elsewhere, small letters. Written by the project, names drawn from
public-domain lists.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_PHRASES = Path(__file__).with_name("phrases")


def _phrases(name: str) -> list[str]:
    lines = (_PHRASES / name).read_text(encoding="utf-8").splitlines()
    return [line.replace("\\n", "\n") for line in lines]


def _words(name: str) -> list[str]:
    """The line of `words.txt` that begins so."""
    lines = (_PHRASES / "words.txt").read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if line.startswith(f"{name}: ")).split(" ")[1:]


_ELSEWHERE_FIRST = _words("elsewhere_first")
_ELSEWHERE_LAST = _words("elsewhere_last")
_STREET = _words("street")
_KIND = _words("kind")
_TOWN = _words("town")
_STATE = _words("state")
_ABROAD = (
    "{Town}er Straße {n}", "{Last}straße {n}", "Hauptstr. {n}", "rue de la République {n}", "{n} rue {Last}",
    "Calle {Last} {n}", "Via {Last} {n}", "ul. {Last} {n}/{m}", "{Last}straat {n}", "Avenida {Last}, {n}",
    "{Last}gatan {n}", "Am {Last}platz {n}", "Carrer de {Last}, {n}",
)  # fmt: skip
_COMPANY = (
    "Inc|Ltd|LLC|GmbH|AG|Corp|Group|Partners|Bank|Insurance|Logistics|Systems|Consulting|Clinic|University"
)

# {P} a person, {A} an address, {O} an organisation, {L} a town; {F} a first name, {S} a surname alone.
_WITH = _phrases("with.txt")
_WITHOUT = _phrases("without.txt")
_SLOT = re.compile(r"\{([A-Za-z])\}")
_TYPES = {"P": "PERSON", "F": "PERSON", "S": "PERSON", "A": "ADDRESS", "O": "ORGANIZATION", "L": "LOCATION"}

Row = dict[str, Any]


class Chatter:
    """A source of made-up rows, the same for the same seed."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.dice = random.Random(seed)
        self._first = _list(folder / "names_first.txt") + _list(folder / "names_first_ssa.txt")[:6000]
        self._last = _list(folder / "names_surnames.txt")

    def rows(self, with_names: int, without: int) -> Iterator[Row]:
        for _ in range(with_names):
            yield self._filled(self.dice.choice(_WITH))
        for _ in range(without):
            text = self.dice.choice(_WITHOUT).replace("{n}", str(self.dice.randint(2, 999)))
            yield {"text": self._cased(text), "spans": []}

    def _filled(self, template: str) -> Row:
        parts, spans, length, last = [], [], 0, 0
        for slot in _SLOT.finditer(template):
            value = {"P": self._person, "F": self._first_name, "S": self._surname, "A": self._address,
                     "O": self._company, "L": self._town}[slot[1]]()  # fmt: skip
            before = template[last : slot.start()]
            start = length + len(before)
            length = start + len(value)
            parts += [before, value]
            spans.append({"start": start, "end": length, "type": _TYPES[slot[1]]})
            last = slot.end()
        return {"text": self._cased("".join([*parts, template[last:]])), "spans": spans}

    def _cased(self, text: str) -> str:
        roll = self.dice.random()
        other = text.lower() if roll < 0.25 else text.upper() if roll < 0.3 else text
        return other if len(other) == len(text) else text

    def _pick(self, names: list[str], elsewhere: list[str]) -> str:
        if self.dice.random() < 0.25:
            return self.dice.choice(elsewhere).replace("_", " ")
        return names[int(len(names) * self.dice.random() ** 2)]

    def _first_name(self) -> str:
        return self._pick(self._first, _ELSEWHERE_FIRST)

    def _surname(self) -> str:
        return self._pick(self._last, _ELSEWHERE_LAST)

    def _person(self) -> str:
        roll = self.dice.random()
        middle = f" {self.dice.choice('ABCDEFGHJKLMPRSTW')}." if roll < 0.12 else ""
        if roll > 0.95:
            return f"{self._surname()}, {self._first_name()}"
        return f"{self._first_name()}{middle} {self._surname()}"

    def _town(self) -> str:
        return self.dice.choice(_TOWN)

    def _company(self) -> str:
        words = self._surname() if self.dice.random() < 0.5 else self.dice.choice(_STREET) + self.dice.choice(
            ("tech", " Data", "ware", " Health", " Energy", " Foods"))  # fmt: skip
        return f"{words} {self.dice.choice(_COMPANY.split('|'))}"

    def _address(self) -> str:
        dice, n = self.dice, self.dice.randint(1, 4999)
        if dice.random() < 0.35:
            street = dice.choice(_ABROAD).format(Town=self._town(), Last=self._surname(), n=n % 200, m=n % 30)
            return street if dice.random() < 0.4 else f"{street}, {dice.randint(10000, 99999)} {self._town()}"
        name = dice.choice(_STREET) if dice.random() < 0.6 else self._surname()
        street = f"{n} {name} {dice.choice(_KIND)}"
        street += dice.choice(("", "", "", f", Apt {n % 90}", f" #{n % 50}", f", Suite {n % 400}"))
        roll = dice.random()
        if roll < 0.35:
            return street
        if roll < 0.5:
            return f"{street}, {self._town()}"
        return f"{street}, {self._town()}, {dice.choice(_STATE)} {dice.randint(10000, 99999)}"


def _list(path: Path) -> list[str]:
    return [line.split("\t")[0] for line in path.read_text().splitlines()]
