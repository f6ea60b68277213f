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
    return [line.replace("\\n", "\n").replace("\\t", "\t") for line in lines]


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
_TECHNICAL = _phrases("technical.txt")
_WORD_SLOT = re.compile(r"\{([wWn])\}")
_SLOT = re.compile(r"\{([A-Za-z])\}")
_TYPES = {"P": "PERSON", "F": "PERSON", "S": "PERSON", "A": "ADDRESS", "O": "ORGANIZATION", "L": "LOCATION"}

_SCRAP_WORDS = _words("scrap")
_SCRAPS = _phrases("scraps.txt")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

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

    def bodies(self, number: int) -> Iterator[Row]:
        """What the strings of a message look like one below the other: ids, words, JSON, a sentence."""
        for _ in range(number):
            text, spans = "", []
            for _ in range(self.dice.randint(2, 5)):
                line: Row = {"text": self._scrap(), "spans": []}
                if self.dice.random() < 0.25:
                    line = self._filled(self.dice.choice(_WITH))
                spans += [_moved(span, len(text)) for span in line["spans"]]
                text += line["text"] + "\n"
            yield {"text": text[:-1], "spans": spans}

    def technical(self, number: int, words: list[str]) -> Iterator[Row]:
        """Configs, paths, tables, single words: `words` in the places where programs put them."""
        for _ in range(number):
            text = _WORD_SLOT.sub(lambda slot: self._word(slot[1], words), self.dice.choice(_TECHNICAL))
            yield {"text": text.replace("{{", "{").replace("}}", "}"), "spans": []}

    def _word(self, slot: str, words: list[str]) -> str:
        if slot == "n":
            return str(self.dice.randint(0, 9999))
        word = words[int(len(words) * self.dice.random())]
        return word.capitalize() if slot == "W" else word

    def renamed(self, row: Row) -> Row:
        """The row with other people in it, each with as many words and written as the one before."""
        parts, spans, length, last = [], [], 0, 0
        for span in sorted(row["spans"], key=lambda span: int(span["start"])):
            if span["start"] < last:
                continue
            value = row["text"][span["start"] : span["end"]]
            if span["type"] == "PERSON" and value[:1] != "@":
                value = self._alike(value)
            before = row["text"][last : span["start"]]
            start = length + len(before)
            length = start + len(value)
            parts += [before, value]
            spans.append(span | {"start": start, "end": length})
            last = span["end"]
        return row | {"text": "".join([*parts, row["text"][last:]]), "spans": spans}

    def _alike(self, value: str) -> str:
        words = len(value.split())
        if words == 1:
            made = self._first_name() if self.dice.random() < 0.85 else self._surname()
        else:
            middle = [self._first_name() for _ in range(min(words, 4) - 2)]
            made = " ".join([self._first_name(), *middle, self._surname()])
        return made.lower() if value.islower() else made.upper() if value.isupper() else made

    def _scrap(self) -> str:
        """A string that an application puts beside what somebody said."""
        dice = self.dice
        return dice.choice(_SCRAPS).format(
            word=dice.choice(_SCRAP_WORDS),
            other=dice.choice(_SCRAP_WORDS),
            id="".join(dice.choice(_ALPHABET) for _ in range(dice.randint(4, 24))),
            long="".join(dice.choice(_ALPHABET) for _ in range(dice.randint(20, 90))),
            n=dice.randint(1, 99_999),
            digits=" ".join(f"{dice.randint(0, 9999):04}" for _ in range(dice.randint(1, 4))),
            text=dice.choice(_WITHOUT).replace("{n}", "7").partition("\n")[0],
        )

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


def _moved(span: dict[str, Any], by: int) -> dict[str, Any]:
    return span | {"start": span["start"] + by, "end": span["end"] + by}


def _list(path: Path) -> list[str]:
    return [line.split("\t")[0] for line in path.read_text().splitlines()]
