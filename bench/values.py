"""Valid values made anew: cards, IBANs of every country and phone numbers, from published rules alone.

Knows nothing of the detectors, so that what both believe wrongly does not cancel out. Draws from the
`random.Random` that it is given: the same seed gives the same values.
"""

from __future__ import annotations

import re
import string
from random import Random
from typing import Final

# Prefix, length: by the schemes' own documents.
CARDS: Final = {
    "Visa": (("4",), (16, 19)),
    "Visa of 13": (("4",), (13,)),
    "Mastercard": (("51", "52", "53", "54", "55", "2221", "2345", "2699", "2720"), (16,)),
    "American Express": (("34", "37"), (15,)),
    "Discover": (("6011", "644", "649", "65"), (16, 19)),
    "Diners Club": (("36", "300", "305", "3095", "38", "39"), (14,)),
    "JCB": (("3528", "3550", "3589"), (16, 19)),
    "UnionPay": (("62",), (16, 17, 18, 19)),
    "Maestro": (
        ("5018", "5020", "5038", "5893", "6304", "6759", "6761", "6763"),
        (12, 13, 14, 15, 16, 17, 18, 19),
    ),
    "Mir": (("2200", "2204"), (16,)),
    "RuPay": (("60", "6521", "81", "82"), (16,)),
    "Elo": (("5067", "509", "6363"), (16,)),
    "Hipercard": (("606282",), (16,)),
    "Troy": (("9792",), (16,)),
    "Verve": (("5061", "6500"), (16, 18, 19)),
    "Dankort": (("5019",), (16,)),
    "Interpayment": (("636",), (16, 17, 18, 19)),
    "UATP": (("1",), (15,)),
}
_CARD_GROUPS: Final = {14: (4, 6, 4), 15: (4, 6, 5), 13: (4, 4, 5), 16: (4, 4, 4, 4), 19: (4, 4, 4, 4, 3)}
# What follows country and check digits in SWIFT's registry: n digits, a capitals, c either.
IBANS: Final = {
    "AD": "8n12c", "AE": "19n", "AL": "8n16c", "AT": "16n", "AZ": "4a20c", "BA": "16n", "BE": "12n",
    "BG": "4a6n8c", "BH": "4a14c", "BI": "23n", "BR": "23n1a1c", "BY": "4c4n16c", "CH": "5n12c",
    "CR": "18n", "CY": "8n16c", "CZ": "20n", "DE": "18n", "DJ": "23n", "DK": "14n", "DO": "4c20n",
    "EE": "16n", "EG": "25n", "ES": "20n", "FI": "14n", "FK": "2a12n", "FO": "14n", "FR": "10n11c2n",
    "GB": "4a14n", "GE": "2a16n", "GI": "4a15c", "GL": "14n", "GR": "7n16c", "GT": "24c", "HN": "4a20n",
    "HR": "17n", "HU": "24n", "IE": "4a14n", "IL": "19n", "IQ": "4a15n", "IS": "22n", "IT": "1a10n12c",
    "JO": "4a4n18c", "KW": "4a22c", "KZ": "3n13c", "LB": "4n20c", "LC": "4a24c", "LI": "5n12c",
    "LT": "16n", "LU": "3n13c", "LV": "4a13c", "LY": "21n", "MC": "10n11c2n", "MD": "20c", "ME": "18n",
    "MK": "3n10c2n", "MN": "16n", "MR": "23n", "MT": "4a5n18c", "MU": "4a19n3a", "NI": "4a20n",
    "NL": "4a10n", "NO": "11n", "OM": "3n16c", "PK": "4a16c", "PL": "24n", "PS": "4a21c", "PT": "21n",
    "QA": "4a21c", "RO": "4a16c", "RS": "18n", "RU": "14n15c", "SA": "2n18c", "SC": "4a20n3a",
    "SD": "14n", "SE": "20n", "SI": "15n", "SK": "20n", "SM": "1a10n12c", "SO": "19n", "ST": "21n",
    "SV": "4a20n", "TL": "19n", "TN": "20n", "TR": "6n16c", "UA": "6n19c", "VA": "18n", "VG": "4a16n",
    "XK": "16n", "YE": "4a4n18c",
}  # fmt: skip
# d any digit, n none of 0 and 1, m one of 6 to 9; the rest stands as it is.
PHONES: Final = {
    "USA": (
        "+1 (ndd) ndd-dddd",
        "(ndd) ndd-dddd",
        "ndd-ndd-dddd",
        "+1-ndd-ndd-dddd",
        "ndd.ndd.dddd",
        "1 ndd ndd dddd",
        "+1ndd ndddddd",
    ),
    "United Kingdom": (
        "+44 20 7ddd dddd",
        "+44 7ddd dddddd",
        "07ddd dddddd",
        "020 7ddd dddd",
        "0044 161 ddd dddd",
        "+44 (0)20 7ddd dddd",
    ),
    "Germany": (
        "+49 151 dddddddd",
        "+49 (0)30 ddddddd",
        "0171 ddddddd",
        "030 / dd dd dd dd",
        "0049 89 ddddddd",
        "089-ddddddd",
    ),
    "France": (
        "+33 6 dd dd dd dd",
        "06 dd dd dd dd",
        "01.dd.dd.dd.dd",
        "+33 (0)1 dd dd dd dd",
        "0033 6dddddddd",
    ),
    "Spain": ("+34 6dd ddd ddd", "6dd dd dd dd", "+34 91 ddd dd dd"),
    "Italy": ("+39 06 dddd dddd", "+39 339 ddd dddd", "339 ddddddd", "06 dddddddd"),
    "Netherlands": ("+31 6 dddddddd", "06-dddddddd", "020 ddd dddd"),
    "Belgium": ("+32 470 dd dd dd", "0470 dd dd dd"),
    "Switzerland": ("+41 7d ddd dd dd", "07d ddd dd dd", "044 ddd dd dd"),
    "Austria": ("+43 664 ddddddd", "0664 ddddddd"),
    "Poland": ("+48 6dd ddd ddd", "6dd ddd ddd"),
    "Sweden": ("+46 70 ddd dd dd", "070-ddd dd dd"),
    "Denmark": ("+45 dd dd dd dd",),
    "Brazil": ("+55 11 9dddd-dddd", "(11) 9dddd-dddd", "(21) 3ddd-dddd"),
    "Mexico": ("+52 55 dddd dddd", "55 dddd dddd"),
    "India": ("+91 mdddd ddddd", "mdddd ddddd", "+91-mddddddddd", "0mddddddddd"),
    "China": ("+86 139 dddd dddd", "139 dddd dddd", "139dddddddd"),
    "Japan": ("+81 90-dddd-dddd", "090-dddd-dddd", "03-dddd-dddd"),
    "Korea": ("+82 10-dddd-dddd", "010-dddd-dddd"),
    "Australia": ("+61 4 dddd dddd", "0470 ddd ddd", "(02) dddd dddd"),
    "South Africa": ("+27 82 ddd dddd", "082 ddd dddd"),
    "Russia": ("+7 916 ddd-dd-dd", "8 (916) ddd-dd-dd", "8 916 ddd dd dd"),
    "Turkey": ("+90 532 ddd dd dd", "0532 ddd dd dd"),
    "Israel": ("+972 54-ddd-dddd", "054-ddd-dddd"),
    "Emirates": ("+971 50 ddd dddd", "050 ddd dddd"),
    "Singapore": ("+65 9ddd dddd", "9ddd dddd"),
}


def seeded(seed: str) -> Random:
    """Chance that comes out the same again, for data that is made up."""
    return Random(seed)


def luhn_digit(digits: str) -> str:
    """The check digit that belongs behind `digits` (ISO/IEC 7812-1)."""
    doubled = [int(d) * (2 if at % 2 == 0 else 1) for at, d in enumerate(reversed(digits))]
    return str(-sum(n - 9 if n > 9 else n for n in doubled) % 10)


def digits_of(rng: Random, count: int) -> str:
    """So many digits by chance."""
    return "".join(rng.choices(string.digits, k=count))


def card_number(rng: Random, scheme: str | None = None, length: int | None = None) -> str:
    """A number without groups."""
    prefixes, lengths = CARDS[scheme or rng.choice([*CARDS])]
    prefix, length = rng.choice(prefixes), length or rng.choice(lengths)
    body = prefix + digits_of(rng, length - len(prefix) - 1)
    return body + luhn_digit(body)


def grouped_card(number: str, between: str) -> str:
    """In the groups that stand on the plastic."""
    groups, at, parts = _CARD_GROUPS.get(len(number), (4, 4, 4, 4, 3)), 0, []
    for size in groups:
        parts.append(number[at : at + size])
        at += size
    return between.join(part for part in parts if part)


def iban_number(rng: Random, country: str | None = None) -> str:
    """Without blanks, check digits by ISO 7064 mod 97-10."""
    country = country or rng.choice([*IBANS])
    kinds = {"n": string.digits, "a": string.ascii_uppercase, "c": string.digits + string.ascii_uppercase}
    parts = re.findall(r"(\d+)([nac])", IBANS[country])
    body = "".join(rng.choice(kinds[kind]) for count, kind in parts for _ in range(int(count)))
    number = "".join(str(int(sign, 36)) for sign in body + country + "00")
    return f"{country}{98 - int(number) % 97:02}{body}"


def grouped_iban(iban: str) -> str:
    """In fours, as on paper."""
    return " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))


def phone_number(rng: Random, form: str | None = None) -> str:
    """A number as people of some country write it."""
    form = form or rng.choice(PHONES[rng.choice([*PHONES])])
    drawn = {"d": string.digits, "n": "23456789", "m": "6789"}
    return "".join(rng.choice(drawn.get(sign, sign)) for sign in form)
