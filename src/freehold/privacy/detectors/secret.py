"""Keys, tokens and passwords: by prefix, as private keys, in addresses, in assignments, in sentences."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Iterator
from threading import Lock
from typing import Final

from freehold.privacy.detectors._secret_prefixes import PREFIXES
from freehold.privacy.detectors._secret_values import is_key, is_password, is_plainly_one
from freehold.privacy.reading import Reading
from freehold.privacy.secrets import SHORTEST_LONG, STEMS, Candidate, SecretModel, long, said
from freehold.privacy.span import Span

_TYPE: Final = "SECRET"
# Ordinary words are shorter: the table of prefixes is tried within long runs alone.
_LONG: Final = re.compile(r"(?<![A-Za-z0-9_\-.+/=~:$])[A-Za-z0-9_\-.+/=~:$]{16,}+")
_SHORTEST_TOKEN: Final = 16
_KEY_BLOCK: Final = re.compile(
    r"-----BEGIN ((?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?)-----|PuTTY-User-Key-File-[23]:"
)
_SHORTEST_BLOCK: Final = 64
_LONGEST_BLOCK: Final = 12_000
_BASE64: Final = re.compile(r"(?:[A-Za-z0-9+/=]|\\[nr]|[\s\"'+,\\>|-]){32,12000}")
_IN_ADDRESS: Final = re.compile(
    r"[A-Za-z][A-Za-z0-9+.\-]{1,30}://[^\s/:@\"'<>{}]{0,100}:(?P<value>[^\s/@\"'<>{}$]{3,200})@(?=[A-Za-z0-9\[])"
)
_SPOKEN: Final = (
    "pass",
    "pwd",
    "login",
    "credential",
    "kennwort",
    "senha",
    "contraseña",
    "wachtwoord",
    "парол",
    "密码",
)
_SAID: Final = re.compile(
    r"(?<![\w-])(?P<name>password|passwort|passphrase|passcode|passwd|pwd|mot de passe"
    r"|contraseña|senha|kennwort|wachtwoord"
    r"|пароль|密码|pass|login|credentials?)(?!\w)"
    r"(?:\s{1,2}(?:is|was|to|ist|lautet|est|es|è|of|for|as|set|[\w.@-]{1,40})){0,3}?\s{0,2}[:=]?\s{0,2}"
    r"(?P<quote>[\"'“‘`]?)(?P<value>[^\s\"'”’`]{5,64})",
    re.IGNORECASE,
)
_AFTER_ADDRESS: Final = re.compile(
    r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}\s{0,2}[/:|]\s{0,2}(?P<value>\S{6,64})"
)
_BASIC: Final = re.compile(r"(?<![A-Za-z])[Bb]asic (?P<value>[A-Za-z0-9+/]{6,400}={0,2})")
# The private members of a JSON Web Key (RFC 7518, sections 6.2 to 6.4).
_JSON_WEB_KEY: Final = re.compile(
    r"(?<![A-Za-z0-9_])(?:k|d|p|q|dp|dq|qi)[\"']?\s{0,4}:\s{0,4}[\"'](?P<value>[A-Za-z0-9_-]{20,2000})[\"']"
)
_LINK: Final = re.compile(r"[:=]|\b(?:is|was|to|ist|lautet|est|es|è)\b", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"[^@]+@[\w-]+(?:\.[\w-]+)+")
_DOTS_AFTER_THE_HEADER: Final = 3  # of a token that is encrypted
# Placeholders in documentation: one sign again and again, or the word itself.
# The very same sign: "CCcCC" is chance, and stands in one key of some ten thousand.
_MADE_UP: Final = re.compile(r"([A-Za-z0-9*.])\1{4}|(?i:EXAMPLE|RANDOM|your[_-]|abcdefgh)")
# The chance from which a candidate counts: models/secrets/README.md says what another would cost.
_LEAST_CHANCE, _LEAST_WITHOUT_NAME = 0.7, 0.9
# So many of one piece of a text; of a text full of them the others are judged by a rule, which is quick.
_MOST_JUDGED: Final = 64
_LEARNED: Final = 0.7


class Detector:
    types = frozenset({_TYPE})

    def __init__(self, *, learned: bool = True) -> None:
        """`learned`: whether the trained model is asked; it is read with the first candidate."""
        self._learned = learned
        self._model: SecretModel | None = None
        self._lock = Lock()
        rows = "|".join(f"(?:{prefix}){body}" for prefix, body in PREFIXES)
        self._known = re.compile(rf"(?<![A-Za-z0-9])(?:{rows})")

    def find(self, reading: Reading) -> Iterator[Span]:
        text = reading.text
        for run in _LONG.finditer(text) if reading.longest >= _SHORTEST_TOKEN else ():
            for match in self._known.finditer(text, run.start(), run.end()):
                if _MADE_UP.search(match[0]) is None and not _is_open(match[0]):
                    yield Span(match.start(), match.end(), _TYPE, 0.95)
        if "-----BEGIN " in text or "PuTTY-" in text:
            yield from _blocks(text)
        if "://" in text and "@" in text:
            yield from _values(_IN_ADDRESS, text, 0.9)
        if "asic " in text:
            yield from _basic(text)
        if "kty" in text:
            yield from _values(_JSON_WEB_KEY, text, 0.8)
        yield from _said(reading)
        # Where only numbers are written otherwise, the words were read before.
        if self._learned and not reading.respelled:
            yield from self._judged(reading)

    def _judged(self, reading: Reading) -> Iterator[Span]:
        """The candidates that the model holds to be secrets."""
        text, past = reading.text, -1
        judged = 0
        for each in _candidates(reading):
            if each.start < past:
                continue
            if judged < _MOST_JUDGED:
                chance = self._chance(text, each)
            else:
                chance = float(bool(each.name) and is_key(text[each.start : each.end]))
            judged += 1
            if chance >= (_LEAST_CHANCE if each.name else _LEAST_WITHOUT_NAME):
                past = each.end
                yield Span(each.start, each.end, _TYPE, _LEARNED)

    def _chance(self, text: str, each: Candidate) -> float:
        if self._model is None:
            with self._lock:
                self._model = self._model or SecretModel()
        return self._model.chance(text, each)


def _candidates(reading: Reading) -> Iterator[Candidate]:
    if any(map(reading.lower.__contains__, STEMS)):
        yield from said(reading.text, reading.lower)
    if reading.has_digit and reading.longest >= SHORTEST_LONG:
        yield from long(reading.text)


def _is_open(token: str) -> bool:
    """Whether a token's own header says that it is encrypted (RFC 7516) or signed by nobody (RFC 7519, 6)."""
    if not token.startswith("eyJ"):
        return False
    head, _, rest = token.partition(".")
    try:
        said = b64decode(head + "=" * (-len(head) % 4), altchars=b"-_").replace(b" ", b"")
    except (Error, ValueError):
        return False
    unsigned = b'"alg":"none"' in said and not rest.partition(".")[2].strip(".")
    return unsigned or (b'"enc":' in said and rest.rstrip(".").count(".") == _DOTS_AFTER_THE_HEADER)


def _blocks(text: str) -> Iterator[Span]:
    """A private key's block with its body; without one it is somebody's talk about keys."""
    begins = [*_KEY_BLOCK.finditer(text)]
    for number, begin in enumerate(begins):
        after = begins[number + 1].start() if number + 1 < len(begins) else len(text)
        far = min(begin.end() + _LONGEST_BLOCK, after)
        end = text.find("-----END", begin.end(), far)
        if end >= 0:
            line = text.find("-----", end + len("-----END"), end + 80)
            end = line + len("-----") if line >= 0 else end
        else:
            body = _BASE64.match(text, begin.end(), far)
            end = -1 if body is None else body.end()
        if end - begin.end() >= _SHORTEST_BLOCK:
            yield Span(begin.start(), end, _TYPE, 0.95)


def _values(expression: re.Pattern[str], text: str, score: float) -> Iterator[Span]:
    for match in expression.finditer(text):
        value = match["value"]
        if len(set(value)) > len("xx") and not value.lower().startswith(("pass", "pwd", "your", "%", "*")):
            yield Span(match.start("value"), match.end("value"), _TYPE, score)


def _basic(text: str) -> Iterator[Span]:
    """HTTP's basic authorization: user and password, encoded (RFC 7617)."""
    for match in _BASIC.finditer(text):
        value = match["value"]
        try:
            plain = b64decode(value + "=" * (-len(value) % 4)).decode()
        except (Error, ValueError):
            continue
        if ":" in plain and plain.isprintable():
            yield Span(match.start("value"), match.end("value"), _TYPE, 0.9)


def _said(reading: Reading) -> Iterator[Span]:
    text = reading.text
    for match in _SAID.finditer(text) if _speaks(reading.lower) else ():
        value = match["value"] if match["quote"] else match["value"].rstrip(".,;:?)")
        said = match["quote"] or _LINK.search(text[match.end("name") : match.start("value")]) is not None
        if not (said or is_plainly_one(value)):
            continue
        if is_password(value) and _ADDRESS.fullmatch(value) is None and "://" not in value:
            yield Span(match.start("value"), match.start("value") + len(value), _TYPE, 0.7)
    if "@" in text and ("/" in text or "|" in text or ":" in text):
        for match in _AFTER_ADDRESS.finditer(text):
            value = match["value"].rstrip(".,;:)")
            if is_password(value) and value[0] not in "/<" and "/" not in value:
                yield Span(match.start("value"), match.start("value") + len(value), _TYPE, 0.6)


def _speaks(lower: str) -> bool:
    return any(map(lower.__contains__, _SPOKEN))
