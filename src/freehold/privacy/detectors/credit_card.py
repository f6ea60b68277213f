"""Payment cards of every scheme: number ranges, lengths and Luhn's check digit (ISO/IEC 7812-1).

Ranges are public facts from the schemes' own documents, as of 2025.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from freehold.privacy.detectors._digits import luhn
from freehold.privacy.detectors._words import words
from freehold.privacy.reading import Reading
from freehold.privacy.span import Span

# First prefix, last prefix, lengths.
_RANGES: Final = (
    ("4", "4", (13, 16, 18, 19)),  # Visa, Visa Electron, Switch
    ("51", "55", (16,)),  # Mastercard
    ("2221", "2720", (16,)),  # Mastercard
    ("34", "34", (15,)),  # American Express
    ("37", "37", (15,)),
    ("6011", "6011", (16, 17, 18, 19)),  # Discover
    ("644", "649", (16, 17, 18, 19)),
    ("65", "65", (16, 17, 18, 19)),  # Discover, RuPay, Troy, Verve
    ("300", "305", (14, 15, 16, 17, 18, 19)),  # Diners Club
    ("3095", "3095", (14, 15, 16, 17, 18, 19)),
    ("36", "36", (14, 15, 16, 17, 18, 19)),
    ("38", "39", (14, 15, 16, 17, 18, 19)),
    ("3528", "3589", (15, 16, 17, 18, 19)),  # JCB
    ("1800", "1800", (15,)),
    ("2131", "2131", (15,)),
    ("62", "62", (16, 17, 18, 19)),  # UnionPay
    ("81", "82", (16, 17, 18, 19)),  # UnionPay, RuPay
    ("50", "50", (12, 13, 14, 15, 16, 17, 18, 19)),  # Maestro, Dankort, Elo, Verve
    ("56", "58", (12, 13, 14, 15, 16, 17, 18, 19)),  # Maestro, Bankcard
    ("60", "61", (12, 13, 14, 15, 16, 17, 18, 19)),  # Maestro, RuPay, Hipercard
    ("63", "64", (12, 13, 14, 15, 16, 17, 18, 19)),  # Maestro, InstaPayment, Laser
    ("66", "69", (12, 13, 14, 15, 16, 17, 18, 19)),  # Maestro
    ("2200", "2205", (16, 17, 18, 19)),  # Mir, Borica
    ("353", "356", (16,)),  # RuPay
    ("9792", "9792", (16,)),  # Troy
    ("9704", "9704", (16, 19)),  # Napas
    ("8600", "8600", (16,)),  # Uzcard
    ("9860", "9860", (16,)),  # Humo
    ("1946", "1946", (16, 17, 18, 19)),  # GPN
    ("1", "1", (15,)),  # UATP
)
# How people group them; a dash stands for any one separator. The longest are tried first.
_GROUPS: Final = (
    "9999-9999-9999-9999-999",
    "9999-9999-9999-9999",
    "999999-9999999999999",
    "9999-9999-9999-999",
    "9999-9999-9999-99",
    "9999-9999-9999-9",
    "9999-999999-99999",
    "9999-999999-9999",
    "9999-9999-99999",
    "9999-9999-9999",
    "99999999-99999999",
)
_WRITTEN: Final = re.compile(
    "(?:9{12,19}|"
    + "|".join(
        group.replace("-", f"(?P<s{number}>[ ./-])", 1).replace("-9", f"(?P=s{number})9")
        for number, group in enumerate(_GROUPS)
    )
    + ")(?![9A]|[./-]9)"
)
_FEWEST, _SAFE_ALONE = 12, 13
_SEPARATORS: Final = re.compile(r"[^0-9]")
_CONTEXT: Final = words(
    *("card*", "credit", "debit", "visa", "mastercard", "amex", "american express", "discover", "diners*"),
    *("jcb", "maestro", "unionpay", "cc", "cc#", "ccn", "cvv", "cvc", "pan", "expir*", "exp", "charge*"),
    *("payment*", "kreditkarte*", "karte*", "kartennummer", "carte*", "bancaire", "tarjeta*", "carta"),
    *("carte di credito", "cartão", "cartao", "kaart*", "kort*", "karta", "kartę", "карт*", "кредитк*"),
)
_STRONG: Final = words(
    *("credit card*", "debit card*", "card number*", "card no", "card #", "visa", "mastercard", "amex"),
    *("american express", "kreditkarte*", "carte bancaire", "carte de crédit", "tarjeta de crédito"),
)


class Detector:
    types = frozenset({"CREDIT_CARD"})

    def find(self, reading: Reading) -> Iterator[Span]:
        if not reading.has_number:
            return
        past = 0
        for start, shape in reading.shapes:
            if start < past or shape[0] != "9" or shape.count("9") < _FEWEST:
                continue
            written = _WRITTEN.match(shape)
            if written is None:
                continue
            end = start + written.end()
            score = _score(reading, start, end, _SEPARATORS.sub("", reading.text[start:end]))
            if score is not None:
                yield Span(start, end, "CREDIT_CARD", score)
                past = end


def _score(reading: Reading, start: int, end: int, digits: str) -> float | None:
    if len(set(digits)) == 1:
        return None
    around = reading.around(start, end)
    if luhn(digits):
        if _in_range(digits):
            if _CONTEXT.search(around) is not None:
                return 1.0
            return 0.8 if len(digits) >= _SAFE_ALONE else 0.6
        return 0.6 if _CONTEXT.search(around) is not None else None
    # A slip of the pen, or a made-up number: grouped like a card and called one.
    called = end - start > len(digits) and len(digits) >= _SAFE_ALONE and _STRONG.search(around)
    return 0.5 if called else None


def _in_range(digits: str) -> bool:
    return any(
        len(digits) in lengths and first <= digits[: len(first)] <= last for first, last, lengths in _RANGES
    )
