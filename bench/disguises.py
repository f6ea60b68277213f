"""How many disguised cards, IBANs and phone numbers are found, each way by itself.

    python -m bench.disguises [--of 40] [--seed 1] [--missed]

Values, sentences and ways are drawn anew from the seed; nothing here knows the detectors. Found: some span
lies over at least half of what was disguised. Covered: nothing of it but tags and signs stands outside.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from bench.values import card_number, grouped_card, grouped_iban, iban_number, phone_number, seeded
from bench.ways import WAYS
from freehold.privacy import Scanner, Sorting, all_types, make_scanner

# `{}` is where the value stands: in talk, fields, other languages; what it is called is before or behind.
SENTENCES: Final = {
    "CREDIT_CARD": (
        "My credit card is {} until May.",
        "Please charge {} for the annual plan, that is my Visa card.",
        "card number: {}",
        "{} is the number of my credit card, does it work?",
        "Meine Kreditkarte ist {}, bitte belasten.",
        "Ma carte bancaire : {} merci",
        "Mi tarjeta de crédito es {} gracias",
        "Can you check whether this card was declined: {}",
    ),
    "IBAN_CODE": (
        "Please pay to {} today.",
        "IBAN: {}",
        "{} is my IBAN, send it there.",
        "Bitte überweise es auf {} bis morgen.",
        "Transfer the rent to account {} as always",
        "Mon compte est {} merci",
    ),
    "PHONE_NUMBER": (
        "You can call me at {} tonight.",
        "phone: {}",
        "{} is my mobile number, text me.",
        "Ruf mich an: {} ab acht",
        "Mon téléphone est le {} merci",
        "Llámame al {} por favor",
    ),
}

_TAG: Final = re.compile("<[^<>]*>|&[A-Za-z]+;")


@dataclass(frozen=True, slots=True)
class Hidden:
    """A message's parts (most have one), and where in all of them together the disguised value stands."""

    parts: tuple[str, ...]
    start: int
    end: int
    type: str


def value(rng: Random, type_: str) -> str:
    """One as a person would write it."""
    if type_ == "PHONE_NUMBER":
        return phone_number(rng)
    if type_ == "IBAN_CODE":
        iban = iban_number(rng)
        return grouped_iban(iban) if rng.random() < 0.6 else iban
    number = card_number(rng)
    return number if rng.random() < 0.3 else grouped_card(number, rng.choice("  -"))


def hidden(rng: Random, type_: str, hide: Callable[[Random, str], str | tuple[str, ...]]) -> Hidden:
    """A sentence with a value that `hide` disguised."""
    before, after = rng.choice(SENTENCES[type_]).split("{}")
    said = hide(rng, value(rng, type_))
    pieces = (said,) if isinstance(said, str) else said
    parts = [before + pieces[0], *pieces[1:]]
    parts[-1] += after
    return Hidden(tuple(parts), len(before), len(before) + sum(map(len, pieces)), type_)


def drawn(seed: int, each: int) -> Iterator[tuple[str, Hidden]]:
    """`each` of every way and every type; a way's do not change when another is added."""
    for way, hide in WAYS.items():
        for type_ in SENTENCES:
            rng = seeded(f"{seed} {way} {type_}")
            for _ in range(each):
                yield way, hidden(rng, type_, hide)


def judged(scanner: Scanner, each: Hidden) -> tuple[bool, bool]:
    """Whether it is found, and whether nothing of it is left uncovered."""
    text = "".join(each.parts)
    covered = {at for span in scanner.spans(text) for at in range(span.start, span.end)}
    place = range(each.start, each.end)
    tags = {at for tag in _TAG.finditer(text, each.start, each.end) for at in range(*tag.span())}
    signs = [at for at in place if text[at].isalnum() and at not in tags]
    return 2 * sum(at in covered for at in place) >= len(place), all(at in covered for at in signs)


def main() -> None:
    """Print a line for each way, then all together."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--of", type=int, default=40, help="values of each type and way")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--missed", action="store_true", help="print what is missed, three of each way")
    asked = parser.parse_args()
    scanner = make_scanner(
        Sorting.usual(all_types()).types - frozenset({"PERSON", "ORGANIZATION", "LOCATION"})
    )
    counts: dict[str, dict[str, list[tuple[bool, bool]]]] = {}
    shown: dict[str, int] = {}
    for way, each in drawn(asked.seed, asked.of):
        verdict = judged(scanner, each)
        counts.setdefault(way, {}).setdefault(each.type, []).append(verdict)
        if asked.missed and not verdict[0] and shown.setdefault(f"{way} {each.type}", 0) < 3:
            shown[f"{way} {each.type}"] += 1
            print(f"    {way}: {' || '.join(each.parts)!r}")
    for way, types in counts.items():
        print(f"{way:32}", "  ".join(f"{type_} {_share(said)}" for type_, said in types.items()))
    every = {type_: [v for types in counts.values() for v in types[type_]] for type_ in SENTENCES}
    print(f"{'all':32}", "  ".join(f"{type_} {_share(said)}" for type_, said in every.items()))
    together = [verdict for said in every.values() for verdict in said]
    print(f"{len(WAYS)} ways, {len(together)} values: {_share(together)}")


def _share(verdicts: list[tuple[bool, bool]]) -> str:
    found, whole = (sum(v[at] for v in verdicts) / len(verdicts) for at in (0, 1))
    return f"{found:6.1%} found {whole:6.1%} covered"


if __name__ == "__main__":
    main()
