"""Phone numbers as people write them, by how they are grouped and by the words beside them.

Not by phonenumbers: one parse of it takes longer than the whole scan of a request may, and numbers that it
holds to be unassigned are somebody's all the same. Country codes are ITU-T E.164's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from freehold.privacy.detectors._words import words
from freehold.privacy.reading import Reading
from freehold.privacy.span import Span

_CODES: Final = (
    r"(?:1|7|20|27|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|2[1-69][0-9]|3[578][0-9]|42[0-9]|5[09][0-9]"
    r"|6[789][0-9]|8[05789][0-9]|9[679][0-9])"
)
_GAP: Final = r"[ \-./\u00a0\u2009\u202f\u2010-\u2014]"
_FORMS: Final = (
    ("plus", rf"\+\s?\(?{_CODES}\)?(?:[ \-./()\u00a0\u2010-\u2014]{{0,3}}[0-9]){{6,13}}"),
    ("prefix", rf"\(?(?:00|011)[ \-]?{_CODES}(?:[ \-./()]{{0,3}}[0-9]){{6,12}}"),
    ("nanp", rf"(?:1{_GAP})?\([0-9]{{3}}\){_GAP}{{0,2}}[0-9]{{3}}{_GAP}?[0-9]{{4}}"),
    ("nanp", rf"(?:1{_GAP})?[0-9]{{3}}[\-./\u2010-\u2014][0-9]{{3}}[\-.\u2010-\u2014][0-9]{{4}}"),
    ("nanp", r"(?:1[ \-])?[0-9]{3}[ \u00a0][0-9]{3}[ \-.\u00a0][0-9]{4}"),
    ("trunk", rf"\(?0[0-9]{{1,5}}\)?(?:{_GAP}{{1,2}}[0-9]{{2,8}}){{1,5}}"),
    ("trunk", r"\(0[0-9]{1,5}\)[0-9]{5,8}"),
    ("five", rf"[6-9][0-9]{{4}}{_GAP}[0-9]{{5}}"),
    ("three", r"[5-9][0-9]{2}([ .\-])[0-9]{3}\%d[0-9]{3}"),
    ("three", r"[5-9][0-9]{2}([ .\-])[0-9]{2}\%d[0-9]{2}\%d[0-9]{2}"),
    ("brazil", r"\(?[0-9]{2}\)? ?9?[ ]?[0-9]{4}-[0-9]{4}"),
    ("asia", r"[01][0-9]{1,2}[\- ][0-9]{4}[\- ][0-9]{4}"),
    ("local", r"[2-9][0-9]{2}[\-. ][0-9]{4}"),
    ("local", r"[2-9][0-9]{3}[\-. ][0-9]{4}"),
    ("local", r"[2-9][0-9]{2}[\-. ][0-9]{2}[\-. ][0-9]{2}"),
    ("bare", r"[0-9]{7,12}"),
)
_EXTENSION: Final = r"(?:[ ,;]{0,2}(?:x|ext\.?|extension|#|poste|Durchwahl|app\.?)[ .:]{0,2}[0-9]{1,6})?"
_CONTEXT: Final = words(
    *(
        "call*",
        "phone*",
        "tel",
        "telephone*",
        "telefon*",
        "mobile*",
        "cell",
        "cellphone*",
        "contact*",
        "reach*",
    ),
    *("text", "texted", "texting", "sms", "whatsapp", "fax", "dial*", "ring", "rang", "hotline", "helpline"),
    *(
        "landline",
        "viber",
        "voicemail",
        "pager",
        "handy",
        "handynummer",
        "mobil*",
        "ruf*",
        "anruf*",
        "rückruf*",
    ),
    *("festnetz*", "tél*", "portable", "appel*", "joindre", "joignable", "teléfono*", "móvil*", "celular*"),
    *("llam*", "llám*", "cellulare", "chiam*", "telemóvel", "ligue", "ligar", "bel", "gsm", "puhelin*"),
    *(
        "numer telefonu",
        "zadzwoń",
        "komórk*",
        "тел",
        "телефон*",
        "звон*",
        "позвон*",
        "電話*",
        "电话*",
        "手机*",
    ),
    *(
        "携帯*",
        "전화*",
        "휴대폰*",
        "फोन",
        "मोबाइल",
        "ph",
        "mob",
        "m.",
        "t.",
        "p.",
        "callback",
        "wa.me",
        "my number",
        "your number",
        "his number",
        "her number",
        "number is",
        "numéro",
        "número",
        "nummer",
        "numero",
    ),
)
# These need no word beside them: nothing else is commonly written like this.
_ALONE: Final = frozenset({"plus", "nanp", "five", "asia"})
_DATE: Final = re.compile(
    r"[0-9]{1,2}([./\-])[0-9]{1,2}\1(?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}([./\-])[0-9]{2}\2"
)
_NOT_A_PHONE: Final = re.compile(
    r"(?:isbn|issn|doi|order|invoice|ticket|tracking|sku|serial|case|bug|issue|pmid|arxiv|version|model)"
    r"\W{0,3}(?:no|nr|number|id|#)?\W{0,4}$"
)
_AREA: Final = re.compile(r"(?:1[ \-])?\(?[2-9][0-9]{2}\)?[^0-9]?[2-9]")
_FEWEST_TRUNK, _MOST_TRUNK = 9, 12
_FEWEST_PLUS, _MOST_PLUS = 8, 15
_OPENS: Final = ("(", "+", " ")
_FEWEST_LOCAL, _LONGEST_OPENING = 7, 3


def _expression() -> re.Pattern[str]:
    """One expression of all forms; back references count on."""
    parts, groups = [], 0
    for number, (_, form) in enumerate(_FORMS):
        groups += 1
        inner = form
        if "%d" in form:
            groups += 1
            inner = form.replace("%d", str(groups))
        parts.append(f"(?P<f{number}>{inner})")
    return re.compile(
        rf"(?<![\w.,$€£¥%+#=@/\-])(?:{'|'.join(parts)}){_EXTENSION}(?![\w%]|[.,:\-/][0-9])", re.IGNORECASE
    )


class Detector:
    types = frozenset({"PHONE_NUMBER"})

    def __init__(self) -> None:
        self._forms = _expression()
        self._names = {f"f{number}": name for number, (name, _) in enumerate(_FORMS)}

    def find(self, reading: Reading) -> Iterator[Span]:
        if not reading.has_number:
            return
        text, past = reading.text, 0
        for start, shape in reading.shapes:
            if start < past or shape[0] != "9" or shape.count("9") < _FEWEST_LOCAL:
                continue
            opening = len(_opening(text, start)) if text[start - 1 : start] in _OPENS else 0
            match = self._forms.match(text, start - opening)
            if match is None and opening:
                match = self._forms.match(text, start)
            if match is None:
                continue
            group = next(name for name in self._names if match[name] is not None)
            score = _score(reading, match, self._names[group], match[group])
            if score is not None:
                yield Span(match.start(), match.end(), "PHONE_NUMBER", score)
                past = match.end()


def _opening(text: str, start: int) -> str:
    """The + and the bracket that a number begins with."""
    before = text[max(0, start - _LONGEST_OPENING) : start]
    bare = before.rstrip("(")
    sign = bare.rstrip(" ")
    return before[len(sign) - 1 :] if sign.endswith("+") else before[len(bare) :][-1:]


def _score(reading: Reading, match: re.Match[str], form: str, number: str) -> float | None:
    digits = sum(sign.isdigit() for sign in number)
    if _DATE.match(number) is not None or not _plausible(form, digits):
        return None
    called = _CONTEXT.search(reading.around(match.start(), match.end())) is not None
    if not called and _NOT_A_PHONE.search(reading.before(match.start(), 24)) is not None:
        return None
    if called:
        return 0.95
    if form in _ALONE:
        spaced = form == "nanp" and " " in number and "(" not in number
        return None if spaced and _AREA.match(number) is None else 0.75
    if form in ("trunk", "brazil", "prefix", "three"):
        return 0.6 if _reads_as_one(form, number) else None
    return None


def _plausible(form: str, digits: int) -> bool:
    if form == "trunk":
        return _FEWEST_TRUNK <= digits <= _MOST_TRUNK
    if form == "plus":
        return _FEWEST_PLUS <= digits <= _MOST_PLUS
    return True


def _reads_as_one(form: str, number: str) -> bool:
    """Whether a number without words beside it is grouped so that it is hardly anything else."""
    if form == "brazil":
        return number.startswith("(")
    if form == "three":
        return number[0] in "679" and number.count(".") != len(".")
    return True
