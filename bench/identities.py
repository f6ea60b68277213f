"""Valid numbers of identity, made anew from the rules that their offices publish: one function a kind.

Check digits are reckoned here, by nobody's library, so that a mistake in one of ours shows. Made-up data.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from bench.values import digits_of, luhn_digit

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Italy's values of a letter, or of a digit, at an odd place.
_ODD: Final = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)


def _sum(digits: str, weights: Sequence[int]) -> int:
    return sum(int(d) * w for d, w in zip(digits, weights, strict=True))


def _born(rng: Random, form: str) -> str:
    day, month, year = rng.randrange(1, 29), rng.randrange(1, 13), rng.randrange(1940, 2000)
    fields = {"dd": f"{day:02}", "mm": f"{month:02}", "yyyy": str(year), "yy": f"{year % 100:02}"}
    for name, said in fields.items():
        form = form.replace(name, said)
    return form


def _again(make: Callable[[Random], str | None]) -> Callable[[Random], str]:
    """Until one comes out: some bodies have no check digit."""

    def made(rng: Random) -> str:
        number = None
        while number is None:
            number = make(rng)
        return number

    return made


def _canada(rng: Random) -> str:
    body = rng.choice("1234567") + digits_of(rng, 7)
    number = body + luhn_digit(body)
    return f"{number[:3]} {number[3:6]} {number[6:]}"


def _brazil(rng: Random) -> str:
    number = digits_of(rng, 9)
    for _ in range(2):
        rest = _sum(number, range(len(number) + 1, 1, -1)) * 10 % 11 % 10
        number += str(rest)
    return f"{number[:3]}.{number[3:6]}.{number[6:9]}-{number[9:]}"


@_again
def _argentina(rng: Random) -> str | None:
    body = rng.choice(("20", "23", "27")) + digits_of(rng, 8)
    check = -_sum(body, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return None if check == 10 else f"{body[:2]}-{body[2:]}-{check}"


def _chile(rng: Random) -> str:
    body = str(rng.randrange(5_000_000, 25_000_000))
    check = -sum(int(d) * (2 + at % 6) for at, d in enumerate(reversed(body))) % 11
    return f"{int(body):,}".replace(",", ".") + "-" + "0123456789K"[check]


@_again
def _britain(rng: Random) -> str | None:
    body = digits_of(rng, 9)
    check = 11 - _sum(body, range(10, 1, -1)) % 11
    check = 0 if check == 11 else check
    return None if check == 10 else f"{body[:3]} {body[3:6]} {body[6:]}{check}"


def _spain(rng: Random) -> str:
    body = digits_of(rng, 8)
    return body + "TRWAGMYFPDXBNJZSQVHLCKE"[int(body) % 23]


def _spain_foreign(rng: Random) -> str:
    first, body = rng.randrange(3), digits_of(rng, 7)
    return "XYZ"[first] + body + "TRWAGMYFPDXBNJZSQVHLCKE"[int(f"{first}{body}") % 23]


def _italy(rng: Random) -> str:
    odd = dict(zip("0123456789", _ODD, strict=False)) | dict(zip(_LETTERS, _ODD, strict=True))
    name = "".join(rng.choices("BCDFGLMNPRSTV", k=6))
    body = f"{name}{digits_of(rng, 2)}{rng.choice('ABCDEHLMPRST')}{rng.randrange(1, 29):02}H501"
    total = sum(
        odd[s] if at % 2 == 0 else int(s, 36) - (0 if s.isdigit() else 10) for at, s in enumerate(body)
    )
    return body + _LETTERS[total % 26]


def _france(rng: Random) -> str:
    body = f"{rng.choice('12')}{digits_of(rng, 2)}{rng.randrange(1, 13):02}75{digits_of(rng, 6)}"
    check = 97 - int(body) % 97
    return f"{body[0]} {body[1:3]} {body[3:5]} {body[5:7]} {body[7:10]} {body[10:]} {check:02}"


def _germany(rng: Random) -> str:
    signs = rng.sample("0123456789", 9)
    while signs[0] == "0":
        rng.shuffle(signs)
    signs.append(rng.choice(signs[1:]))
    product = 10
    for sign in signs:
        product = ((int(sign) + product) % 10 or 10) * 2 % 11
    number = "".join(signs) + str((11 - product) % 10)
    return f"{number[:2]} {number[2:5]} {number[5:8]} {number[8:]}"


@_again
def _austria(rng: Random) -> str | None:
    first, born = str(rng.randrange(100, 999)), _born(rng, "ddmmyy")
    check = _sum(first + born, (3, 7, 9, 5, 8, 4, 2, 1, 6)) % 11
    return None if check == 10 else f"{first}{check} {born}"


def _switzerland(rng: Random) -> str:
    body = "756" + digits_of(rng, 9)
    check = -_sum(body, (1, 3) * 6) % 10
    return f"{body[:3]}.{body[3:7]}.{body[7:11]}.{body[11]}{check}"


@_again
def _netherlands(rng: Random) -> str | None:
    body = rng.choice("12") + digits_of(rng, 7)
    check = _sum(body, range(9, 1, -1)) % 11
    return None if check == 10 else f"{body}{check}"


def _belgium(rng: Random) -> str:
    born, serial = _born(rng, "yy.mm.dd"), rng.randrange(1, 998)
    check = 97 - int(f"{born.replace('.', '')}{serial:03}") % 97
    return f"{born}-{serial:03}.{check:02}"


def _portugal(rng: Random) -> str:
    body = rng.choice("123") + digits_of(rng, 7)
    check = 11 - _sum(body, range(9, 1, -1)) % 11
    return f"{body}{0 if check > 9 else check}"


def _ireland(rng: Random) -> str:
    body = digits_of(rng, 7)
    return body + "WABCDEFGHIJKLMNOPQRSTUV"[_sum(body, range(8, 1, -1)) % 23]


def _finland(rng: Random) -> str:
    born, serial = _born(rng, "ddmmyy"), f"{rng.randrange(2, 899):03}"
    return f"{born}-{serial}{'0123456789ABCDEFHJKLMNPRSTUVWXY'[int(born + serial) % 31]}"


def _sweden(rng: Random) -> str:
    body = _born(rng, "yymmdd") + f"{rng.randrange(1, 979):03}"
    return f"{body[:6]}-{body[6:]}{luhn_digit(body)}"


@_again
def _norway(rng: Random) -> str | None:
    body = _born(rng, "ddmmyy") + f"{rng.randrange(0, 500):03}"
    first = -_sum(body, (3, 7, 6, 1, 8, 9, 4, 5, 2)) % 11
    second = -_sum(f"{body}{first % 10}", (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return None if 10 in (first, second) else f"{body}{first}{second}"


def _poland(rng: Random) -> str:
    body = _born(rng, "yymmdd") + digits_of(rng, 4)
    return body + str(-_sum(body, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10)


@_again
def _czechia(rng: Random) -> str | None:
    body = _born(rng, "yymmdd") + digits_of(rng, 3)
    check = int(body) % 11
    born_later = int(body[:2]) >= 54
    return f"{body[:6]}/{body[6:]}{check}" if check < 10 and born_later else None


def _romania(rng: Random) -> str:
    body = (
        rng.choice("12") + _born(rng, "yymmdd") + f"{rng.randrange(1, 47):02}" + f"{rng.randrange(1, 999):03}"
    )
    check = _sum(body, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return body + str(1 if check == 10 else check)


def _bulgaria(rng: Random) -> str:
    body = _born(rng, "yymmdd") + digits_of(rng, 3)
    return body + str(_sum(body, (2, 4, 8, 5, 10, 9, 7, 3, 6)) % 11 % 10)


def _croatia(rng: Random) -> str:
    body, rest = digits_of(rng, 10), 10
    for sign in body:
        rest = ((int(sign) + rest) % 10 or 10) * 2 % 11
    return body + str((11 - rest) % 10)


def _estonia(rng: Random) -> str:
    body = rng.choice("34") + _born(rng, "yymmdd") + digits_of(rng, 3)
    check = _sum(body, (1, 2, 3, 4, 5, 6, 7, 8, 9, 1)) % 11
    if check == 10:
        check = _sum(body, (3, 4, 5, 6, 7, 8, 9, 1, 2, 3)) % 11 % 10
    return f"{body}{check}"


def _russia(rng: Random) -> str:
    body = digits_of(rng, 9)
    check = _sum(body, range(9, 0, -1)) % 101 % 100
    return f"{body[:3]}-{body[3:6]}-{body[6:]} {check:02}"


def _turkey(rng: Random) -> str:
    body = rng.choice("123456789") + digits_of(rng, 8)
    tenth = (sum(map(int, body[::2])) * 7 - sum(map(int, body[1::2]))) % 10
    return f"{body}{tenth}{(sum(map(int, body)) + tenth) % 10}"


def _israel(rng: Random) -> str:
    body = rng.choice("0123") + digits_of(rng, 7)
    return body + luhn_digit(body)


def _india(rng: Random) -> str:
    """Aadhaar, by Verhoeff: the dihedral group of a pentagon and powers of one permutation."""
    body = rng.choice("23456789") + digits_of(rng, 10)
    check = 0
    for at, sign in enumerate(reversed(body)):
        check = _turned(check, _permuted(int(sign), at + 1))
    number = body + str(next(d for d in range(10) if _turned(check, d) == 0 or _turned(d, check) == 0))
    return f"{number[:4]} {number[4:8]} {number[8:]}"


def _turned(one: int, other: int) -> int:
    if one < 5:
        return (one + other) % 5 if other < 5 else (one + other - 5) % 5 + 5
    return (one - 5 - other) % 5 + 5 if other < 5 else (one - other) % 5


def _permuted(digit: int, times: int) -> int:
    for _ in range(times % 8):
        digit = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[digit]
    return digit


def _china(rng: Random) -> str:
    body = rng.choice(("110105", "310104", "440524", "510107")) + _born(rng, "yyyymmdd") + digits_of(rng, 3)
    return body + "10X98765432"[_sum(body, [2 ** (17 - at) % 11 for at in range(17)]) % 11]


def _korea(rng: Random) -> str:
    body = _born(rng, "yymmdd") + rng.choice("12") + digits_of(rng, 5)
    check = (11 - _sum(body, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11) % 10
    return f"{body[:6]}-{body[6:]}{check}"


def _japan(rng: Random) -> str:
    body = digits_of(rng, 11)
    rest = _sum(body, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    number = f"{body}{0 if rest <= 1 else 11 - rest}"
    return f"{number[:4]} {number[4:8]} {number[8:]}"


def _taiwan(rng: Random) -> str:
    letter, body = rng.choice("ABCDEFGH"), rng.choice("12") + digits_of(rng, 7)
    number = _LETTERS.index(letter) + 10
    total = number // 10 + number % 10 * 9 + _sum(body, range(8, 0, -1))
    return f"{letter}{body}{-total % 10}"


def _singapore(rng: Random) -> str:
    body = digits_of(rng, 7)
    return f"S{body}{'JZIHGFEDCBA'[_sum(body, (2, 7, 6, 5, 4, 3, 2)) % 11]}"


def _hong_kong(rng: Random) -> str:
    letter, body = rng.choice(_LETTERS), digits_of(rng, 6)
    total = 9 * 36 + 8 * (_LETTERS.index(letter) + 10) + _sum(body, range(7, 1, -1))
    return f"{letter}{body}({'0123456789A'[-total % 11]})"


@_again
def _australia(rng: Random) -> str | None:
    body = rng.choice("123456789") + digits_of(rng, 7)
    total = _sum(body, (1, 4, 3, 7, 5, 8, 6, 9))
    check = next((d for d in range(10) if (total + 10 * d) % 11 == 0), None)
    return None if check is None else f"{body[:3]} {body[3:6]} {body[6:]}{check}"


def _south_africa(rng: Random) -> str:
    body = _born(rng, "yymmdd") + digits_of(rng, 4) + "08"
    return body + luhn_digit(body)


# What it is called in the sentence, and how one is made.
IDENTITIES: Final[dict[str, tuple[str, Callable[[Random], str]]]] = {
    "Argentina": ("CUIL", _argentina),
    "Australia": ("tax file number", _australia),
    "Austria": ("Sozialversicherungsnummer", _austria),
    "Belgium": ("rijksregisternummer", _belgium),
    "Brazil": ("CPF", _brazil),
    "Britain": ("NHS number", _britain),
    "Bulgaria": ("ЕГН", _bulgaria),
    "Canada": ("social insurance number", _canada),
    "Chile": ("RUT", _chile),
    "China": ("身份证号", _china),
    "Croatia": ("OIB", _croatia),
    "Czechia": ("rodné číslo", _czechia),
    "Estonia": ("isikukood", _estonia),
    "Finland": ("henkilötunnus", _finland),
    "France": ("numéro de sécurité sociale", _france),
    "Germany": ("Steuer-ID", _germany),
    "Hong Kong": ("HKID", _hong_kong),
    "India": ("Aadhaar", _india),
    "Ireland": ("PPS number", _ireland),
    "Israel": ("Teudat Zehut", _israel),
    "Italy": ("codice fiscale", _italy),
    "Japan": ("My Number", _japan),
    "Korea": ("resident registration number", _korea),
    "Netherlands": ("BSN", _netherlands),
    "Norway": ("fødselsnummer", _norway),
    "Poland": ("PESEL", _poland),
    "Portugal": ("NIF", _portugal),
    "Romania": ("CNP", _romania),
    "Russia": ("СНИЛС", _russia),
    "Singapore": ("NRIC", _singapore),
    "South Africa": ("South African ID", _south_africa),
    "Spain": ("DNI", _spain),
    "Spain, foreigners": ("NIE", _spain_foreign),
    "Sweden": ("personnummer", _sweden),
    "Switzerland": ("AHV-Nummer", _switzerland),
    "Taiwan": ("national ID", _taiwan),
    "Turkey": ("TC kimlik", _turkey),
}
