"""Numbers as people write them: order ids in many formats, and those that are not order ids.

``x`` stands for a digit, ``L`` for a capital, ``l`` for a small letter. The sentences around them it does not
know.
"""

from __future__ import annotations

import random

ORDER_FORMATS = ["xxxxx", "xxxxx", "xxxxxx", "xxxxxx", "xxxx", "xxxxxxx", "xxxxxxxx", "xxx", "xxxxxxxxx", "xxxxxxxxxx", "ORD-202x-xxx", "ORD-xxxxx", "ord-xxxx", "ORDxxxxx", "L-xxxxx", "L-xxxx", "l-xxxx", "l-xxxxx", "xx-xxxx", "xx-xxx", "xxx-xxxx", "xxxx-xx", "xxxx-x", "LLxxxx", "LLxxx", "Lxxx", "Lxxxxx", "llxxxx", "LL-xxxx", "LL-xxxxx", "LLL-xxxx", "202x-xxxx", "202x-xxx", "PO-xxxxx", "POxxxxx", "po-xxxx", "SO-xxxxx", "SO/xxxxx", "LL/xxxx", "xxxx/xx", "L-xxxx-x", "xx-xxxx-L", "lxx-xxx", "Lxx-xxx", "LL-xx-xxx", "xxxx-L", "xxx-xxxxxxx-xxxxxxx", "WEB-xxxxx", "web-xxxxx", "WEBxxxxxx", "LL xxxx", "LL_xxxx", "LxLxLx", "LLxxLLxx", "xxL-xxx", "202xxxxx-xx", "xxxxx-L", "LLL-xx-xxx", "LLxxxxxx", "xxx.xxx", "L.xxxx", "xLL-xxxx", "BKxxxxx", "R-xxxxxx", "Nxxxxxx", "TRX-xxxxx", "xxxx-xxxx", "xx/xxxx", "lll-xxxx", "LLxxxx-xx", "EU-xxxxx", "UK-xxxx", "LL-202x-xxxx", "xxxxxL", "Lxxxx-LL", "xx-xxxxx-xx"]

# What follows looks like an id but is none. Their formats overlap with orders': the words around must decide.
OTHER_FORMATS = {
    "phone": "+44 7700 900xxx|07700 900xxx|020 7946 0xxx|(555) 01x-xxxx|555-01xx|+49 30 23125xxx|0151 496 0xxx|01632 960xxx",
    "inv": "INV-xxxxx|INV-202x-xxx|INVxxxx|R-202x-xx|RE-xxxxx|xxxxx|202x/0xxx|F-xxxxx|inv xxxx|202x-xxxx",
    "track": "1Z999AA10xxxxxxxxx|JD0146000xxxxxxxxx|LLxxxxxxxxxGB|0034xxxxxxxxxxxx|RBxxxxxxxxxDE|xxxxxxxxxxxxxx",
    "custno": "K-xxxxx|xxxxxx|C-xxxx|CUST-xxxx|xxxxx|10xxxxx|M-xxxxxx",
    "serial": "SN-xxxxxx|LLxxLxxxx|xxxxLLxx|WM-xxxx|HT-xx|xxx.xxx.xx|LLL-xxxL|S/xxxxx",
    "case": "CS-xxxxx|xxxxxx|T-xxxx|CASE-xxxx|#xxxxx|INC00xxxxx",
    "four": "xxxx",
    "ver": "x.x.x|x.x|vx.xx|x.x.xx|1x.x|202x.x",
    "year": "20xx|199x|201x|202x",
    "addr": "1x Elm Court, LSx xAL|x Mill Lane, NRxx xLL|4x Station Road|Hauptstr. x, xxxxx Berlin|xxx Oak Ave, Apt xL|"
    "SWxL xLL|Eircode Lxx LLxx|2x rue du Port, xxxxx Nantes|xx High Street, Leeds LSx xLL|P.O. Box xxx",
    "email": "lll.lllll@example.com|llllx@example.org|info@lllll.example",
}
_OTHERS = {slot: formats.split("|") for slot, formats in OTHER_FORMATS.items()}
_DATES = ("{d} {m}", "{d} {m}", "{m} {d}", "{d}/{n}", "{d}.{n}.", "202{y}-{n:02}-{d:02}", "{d:02}.{n:02}.202{y}", "the {d}th")
_MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December", "Jan", "Feb", "Oct", "Nov", "Dec"]
_PRICES = ("£{a}.{b:02}", "${a}.{b:02}", "{a},{b:02} €", "{a}.{b:02} EUR", "€{a}", "{a} euros", "£{a}", "{a} dollars", "USD {a}")


def pattern(rng: random.Random, formats: list[str]) -> str:
    """One of the formats with its places filled."""
    return "".join(_character(rng, place) for place in rng.choice(formats))


def _character(rng: random.Random, place: str) -> str:
    if place == "x":
        return rng.choice("0123456789")
    if place == "L":
        return rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ")
    return rng.choice("abcdefghijkmnoprstuvw") if place == "l" else place


def order_id(rng: random.Random) -> str:
    """An order id without a leading ``#``."""
    return pattern(rng, ORDER_FORMATS)


def other(rng: random.Random, slot: str) -> str | None:
    """A number of the given kind, or None if the slot is none of these kinds."""
    if slot == "date":
        day, number, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(2, 6)
        return rng.choice(_DATES).format(d=day, n=number, m=rng.choice(_MONTHS), y=year)
    if slot == "price":
        return rng.choice(_PRICES).format(a=rng.choice((rng.randint(2, 99), rng.randint(100, 2500))), b=rng.randint(0, 99))
    return pattern(rng, _OTHERS[slot]) if slot in _OTHERS else None
