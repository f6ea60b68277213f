"""Check digits of identity numbers that any row of eleven or thirteen digits could be: a first, quick look.

What passes is checked in full by python-stdnum, which knows dates and places too but takes some 50 µs.
Formulas are the ones of the issuing offices, as python-stdnum names them.
"""

from __future__ import annotations

import re
from typing import Final

from freehold.privacy.detectors._digits import luhn, weighted
from freehold.privacy.detectors._kind import Check, stdnum

_SIGNS: Final = re.compile(r"[^0-9]")


def screened(screen: Check, module: str) -> Check:
    """`stdnum(module)` for what `screen` lets through; it is given the digits alone."""
    full = stdnum(module)

    def check(written: str) -> bool:
        return screen(_SIGNS.sub("", written)) and full(written)

    return check


def norway(digits: str) -> bool:
    """The second check digit: weighted sum modulo 11."""
    return weighted(digits, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0


def poland(digits: str) -> bool:
    """PESEL: weighted sum modulo 10."""
    return weighted(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


def turkey(digits: str) -> bool:
    """The last digit is the sum of the others modulo 10."""
    return digits[0] != "0" and sum(map(int, digits[:-1])) % 10 == int(digits[-1])


def belgium(digits: str) -> bool:
    """The last two are 97 less the rest modulo 97; a 2 stands before the numbers of those born since 2000."""
    check = int(digits[9:])
    return check in (97 - int(digits[:9]) % 97, 97 - int("2" + digits[:9]) % 97)


def baltic(digits: str) -> bool:
    """Estonia and Lithuania: weighted sum modulo 11, with a second row of weights where that is 10."""
    for weights in ((1, 2, 3, 4, 5, 6, 7, 8, 9, 1), (3, 4, 5, 6, 7, 8, 9, 1, 2, 3)):
        rest = weighted(digits, weights) % 11
        if rest < 10:
            return rest == int(digits[-1])
    return digits[-1] == "0"


def romania(digits: str) -> bool:
    """Weighted sum modulo 11, 10 as 1."""
    rest = weighted(digits, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return (1 if rest == 10 else rest) == int(digits[-1])


def yugoslavia(digits: str) -> bool:
    """The EMŠO and its kin: weighted sum modulo 11, taken from 11."""
    return (-weighted(digits, (7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11) % 10 == int(digits[-1])


def south_africa(digits: str) -> bool:
    """Luhn's."""
    return luhn(digits)


def switzerland(digits: str) -> bool:
    """An EAN-13 that begins with the country's number."""
    return digits.startswith("756") and weighted(digits, (1, 3) * 6 + (1,)) % 10 == 0
