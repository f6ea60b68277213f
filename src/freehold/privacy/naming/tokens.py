"""A text cut into the tokens that names are made of, with where each stands. Knows no names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

# A web address, a word (O'Brien is one, the 's behind a name is not of it), a number, a line's end, a sign.
_WORDS: Final = r"https?://\S{1,400}|[^\W\d_]{1,40}(?:['\u2019](?![sS]\b)[^\W\d_]{1,20})*|\d{1,20}|\n+|([^\w\s]|_)\1{0,40}"
_TOKEN: Final = re.compile(_WORDS)
# An e-mail address is one token: its parts are found as an address, and are nobody's name in the sentence.
_TOKEN_OR_MAIL: Final = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9][A-Za-z0-9-]{0,62}(?:\.[A-Za-z0-9-]{1,63}){1,6}|" + _WORDS
)
# A sequence ends with the first line or sentence that ends behind so many tokens, or at twice as many.
_LONG: Final = 120
_ENDS: Final = frozenset("\n.!?")

Token = tuple[int, int, str]


def tokens(text: str) -> list[Token]:
    """Where each token begins and ends, in code points, and the token."""
    cut = _TOKEN_OR_MAIL if "@" in text else _TOKEN
    return [(m.start(), m.end(), m[0]) for m in cut.finditer(text)]


def sequences(found: list[Token]) -> Iterator[list[Token]]:
    """The tokens in runs short enough to be labelled at once."""
    start = 0
    for at, (_, _, word) in enumerate(found):
        length = at - start + 1
        if length >= _LONG and (word[0] in _ENDS or length >= 2 * _LONG):
            yield found[start : at + 1]
            start = at + 1
    if start < len(found):
        yield found[start:]
