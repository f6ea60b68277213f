"""What a pseudonym looks like: near enough to the real thing that a model answers as well.

Each stands where nothing real can: names that nobody bears, addresses and numbers from what is reserved for
examples (RFC 2606 for domains, RFC 5737 and RFC 3849 for addresses) or was never given out. Does not know who
asks for one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

LONGEST: Final = 40  # characters: a stream holds back no more than that

_ONSETS: Final = (
    "B",
    "Br",
    "D",
    "Dr",
    "F",
    "G",
    "H",
    "K",
    "L",
    "M",
    "N",
    "P",
    "R",
    "S",
    "T",
    "Tr",
    "V",
    "W",
    "Y",
    "Z",
)
_VOWELS: Final = ("a", "e", "i", "o", "u", "ae", "ia", "eo")
_MIDDLES: Final = (
    "b",
    "d",
    "g",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "t",
    "v",
    "x",
    "z",
    "lm",
    "nd",
    "rk",
    "st",
)
_ENDS: Final = ("n", "l", "r", "s", "x", "th", "nn", "m", "k", "d")
_LETTERS: Final = "abcdefghijkmnpqrstuvwxyz"
_DIGITS: Final = "0123456789"


class Dice:
    """Choices out of the bytes of one seed, the same at every call. One byte a choice."""

    def __init__(self, seed: bytes) -> None:
        self._bytes: Iterator[int] = iter(seed)

    def of(self, options: str | tuple[str, ...]) -> str:
        return options[next(self._bytes, 0) % len(options)]

    def word(self) -> str:
        """A name that nobody bears, seven to twelve letters."""
        return (
            self.of(_ONSETS)
            + self.of(_VOWELS)
            + self.of(_MIDDLES)
            + self.of(_VOWELS)
            + self.of(_MIDDLES)
            + self.of(_VOWELS)
            + self.of(_ENDS)
        )

    def run(self, alphabet: str, length: int) -> str:
        return "".join(self.of(alphabet) for _ in range(length))


def shape(type_: str, value: str, seed: bytes) -> str:
    """A pseudonym for a value of this type, at most `LONGEST` characters."""
    return _SHAPES.get(type_, _bracketed(type_))(value, Dice(seed))


def _person(value: str, dice: Dice) -> str:
    """As many words as the value has, up to three: a model keeps first and last names apart."""
    words = min(3, len(value.split())) or 1
    name = " ".join(dice.word() for _ in range(words))
    return name if len(name) <= LONGEST else name[:LONGEST].rpartition(" ")[0]


def _organization(value: str, dice: Dice) -> str:
    del value
    return f"{dice.word()} {dice.of(('Works', 'Group', 'Trading', 'Partners', 'Systems'))}"


def _place(value: str, dice: Dice) -> str:
    del value
    return f"{dice.word()}{dice.of(('ford', 'stad', 'ville', 'burg'))}"


def _address(value: str, dice: Dice) -> str:
    del value
    return f"{dice.run(_DIGITS[1:], 3)} {dice.word()} Street"


def _email(value: str, dice: Dice) -> str:
    del value
    return f"{dice.word()}.{dice.run(_DIGITS, 4)}@example.com".lower()


def _url(value: str, dice: Dice) -> str:
    del value
    return f"https://{dice.word().lower()}.example/{dice.run(_LETTERS, 6)}"


def _phone(value: str, dice: Dice) -> str:
    """+999 was never given to a country (ITU-T E.164, list of assigned codes)."""
    del value
    return f"+999 {dice.run(_DIGITS, 3)} {dice.run(_DIGITS, 4)} {dice.run(_DIGITS, 3)}"


def _card(value: str, dice: Dice) -> str:
    """Issuer numbers that begin with 9 are for national use (ISO/IEC 7812), no scheme's."""
    del value
    return "99" + "-".join((dice.run(_DIGITS, 2), *(dice.run(_DIGITS, 4) for _ in range(3))))


def _iban(value: str, dice: Dice) -> str:
    """XX is no country (ISO 3166, user-assigned)."""
    del value
    return "XX00" + "".join(f" {dice.run(_DIGITS, 4)}" for _ in range(4))


def _ssn(value: str, dice: Dice) -> str:
    """Numbers that begin with 9 were never given out (Social Security Administration)."""
    del value
    return f"9{dice.run(_DIGITS, 2)}-0{dice.of(_DIGITS)}-{dice.run(_DIGITS, 4)}"


def _ip(value: str, dice: Dice) -> str:
    """Version 6 for either: its block for documentation is large enough (RFC 3849)."""
    del value
    groups = ":".join(dice.run("0123456789abcdef", 4) for _ in range(3))
    return f"2001:db8:{groups}::1"


def _secret(value: str, dice: Dice) -> str:
    del value
    return f"placeholder-{dice.run(_LETTERS, 16)}"


def _bracketed(type_: str) -> Callable[[str, Dice], str]:
    """`[US_PASSPORT kmwtrzqp]` for what has no harmless shape."""

    def made(value: str, dice: Dice) -> str:
        del value
        return f"[{type_[:24]} {dice.run(_LETTERS, 10)}]"

    return made


_SHAPES: Final[Mapping[str, Callable[[str, Dice], str]]] = {
    "PERSON": _person,
    "ORGANIZATION": _organization,
    "LOCATION": _place,
    "GPE": _place,
    "ADDRESS": _address,
    "EMAIL_ADDRESS": _email,
    "URL": _url,
    "PHONE_NUMBER": _phone,
    "CREDIT_CARD": _card,
    "IBAN_CODE": _iban,
    "US_SSN": _ssn,
    "IP_ADDRESS": _ip,
    "SECRET": _secret,
}
