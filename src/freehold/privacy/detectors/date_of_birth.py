"""Dates of birth: a date with a word of birth beside it. Any other date accuses nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from freehold.privacy.reading import Reading
from freehold.privacy.span import Span

_MONTHS: Final = (
    r"(?:jan\w*|feb\w*|mar\w*|mär\w*|apr\w*|avr\w*|abr\w*|may|mai|mayo|maggio|jun\w*|juin|jul\w*|juil\w*|giu\w*|lug\w*"
    r"|aug\w*|ago\w*|août|sep\w*|set\w*|oct\w*|okt\w*|ott\w*|out\w*|nov\w*|dec\w*|dez\w*|déc\w*|dic\w*|ene\w*|gen\w*|fév\w*)"
)
_DATE: Final = re.compile(
    r"(?:[0-9]{1,2}[./\- ]{1,2}[0-9]{1,2}[./\- ]{1,2}(?:[0-9]{4}|[0-9]{2})"
    r"|(?:19|20)[0-9]{2}[./\-年][ ]?[0-9]{1,2}[./\-月][ ]?[0-9]{1,2}日?"
    rf"|[0-9]{{1,2}}(?:st|nd|rd|th|\.|er|º)?[ \-](?:of |de )?{_MONTHS}\.?,?[ \-](?:de |of )?"
    r"(?:19|20)?[0-9]{2}"
    rf"|{_MONTHS}\.? [0-9]{{1,2}}(?:st|nd|rd|th)?,? ?(?:19|20)[0-9]{{2}}|(?:19|20)[0-9]{{6}})(?![0-9])",
    re.IGNORECASE,
)
_BIRTH: Final = re.compile(
    r"(?<!\w)(?:born|birth\w*|d\.?o\.?b\.?|b-day|bday|geboren|geb\.?|geburts\w*|née?|naissance|nacid[oa]|nacimiento"
    r"|nat[oa]|nascita|nascid[oa]|nascimento|geboorte\w*|urodzon\w*|urodzenia|född|født|fødsels\w*|syntynyt"
    r"|родил\w*|рождения|出生\w*|生年月日|생년월일)(?!\w)"
)
_STEMS: Final = (
    *("born", "birth", "ob", "o.b", "bday", "b-day", "geb", "né", "naiss", "naci", "nat", "nasci", "urodz"),
    *("född", "født", "fødsel", "syntynyt", "роди", "рожд", "出生", "生年", "생년"),
)
_BEGIN: Final = re.compile(rf"(?<![\w])(?:[0-9]|{_MONTHS})", re.IGNORECASE)
_FAR: Final = 40


class Detector:
    types = frozenset({"DATE_OF_BIRTH"})

    def find(self, reading: Reading) -> Iterator[Span]:
        if not reading.has_digit or not any(map(reading.lower.__contains__, _STEMS)):
            return
        past = 0
        words = [word.span() for word in _BIRTH.finditer(reading.lower)]
        for (_, end), (following, _) in pairwise([*words, (len(reading.text), 0)]):
            near, far = max(past, end), min(end + _FAR, following)
            for start in (m.start() for m in _BEGIN.finditer(reading.text, near, far)):
                date = _DATE.match(reading.text, start)
                if date is not None:
                    yield Span(date.start(), date.end(), "DATE_OF_BIRTH", 0.9)
                    past = date.end()
                    break
