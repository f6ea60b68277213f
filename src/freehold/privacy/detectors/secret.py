"""Keys, tokens and passwords: by prefix, as private keys, in addresses, in assignments, in sentences."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Iterator
from typing import Final

from freehold.privacy.detectors._secret_prefixes import PREFIXES
from freehold.privacy.detectors._secret_values import is_key, is_password, is_plainly_one
from freehold.privacy.reading import Reading
from freehold.privacy.span import Span

_TYPE: Final = "SECRET"
# Ordinary words are shorter: the table of prefixes is tried within long runs alone.
_LONG: Final = re.compile(r"[A-Za-z0-9_\-.+/=~:$]{16,}")
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
_STEMS: Final = ("pass", "pwd", "pword", "secret", "token", "key", "auth", "cred", "salt", "bearer")
# From a word of secrets to its value; what stands before the word in a name does not matter.
_ASSIGNED: Final = re.compile(
    r"(?P<name>(?:pass|pwd|pword|secret|token|key|auth|cred|salt|bearer)[A-Za-z0-9_\-]{0,24}+)"
    r"[\"'\])`]{0,3}\s{0,4}(?::=|=>|==|=|:|->|,|\()\s{0,4}(?:[A-Za-z]{1,9}\s{1,2})?(?P<quote>\\?[\"'`]|)"
    r"(?P<value>[^\s\"'`,;<>(){}\[\]]{4,400})",
    re.IGNORECASE,
)
_QUOTED_REST: Final = re.compile(r"[^\"'`\n]{0,200}")
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
# Placeholders in documentation: one sign again and again, or the word itself.
_MADE_UP: Final = re.compile(r"([A-Za-z0-9*.])\1{4}|EXAMPLE|RANDOM|your[_-]", re.IGNORECASE)
_PASSWORDS: Final = re.compile(r"pass|pwd|pword|\bpw\b", re.IGNORECASE)


class Detector:
    types = frozenset({_TYPE})

    def __init__(self) -> None:
        rows = "|".join(f"(?:{prefix}){body}" for prefix, body in PREFIXES)
        self._known = re.compile(rf"(?<![A-Za-z0-9])(?:{rows})")

    def find(self, reading: Reading) -> Iterator[Span]:
        text = reading.text
        for run in _LONG.finditer(text) if reading.longest >= _SHORTEST_TOKEN else ():
            for match in self._known.finditer(text, run.start(), run.end()):
                if _MADE_UP.search(match[0]) is None:
                    yield Span(match.start(), match.end(), _TYPE, 0.95)
        if "-----BEGIN " in text or "PuTTY-" in text:
            yield from _blocks(text)
        if "://" in text and "@" in text:
            yield from _values(_IN_ADDRESS, text, 0.9)
        if any(map(reading.lower.__contains__, _STEMS)):
            yield from _assigned(text)
        if "asic " in text:
            yield from _basic(text)
        if "kty" in text:
            yield from _values(_JSON_WEB_KEY, text, 0.8)
        yield from _said(reading)


def _blocks(text: str) -> Iterator[Span]:
    """A private key's block with its body; without one it is somebody's talk about keys."""
    for begin in _KEY_BLOCK.finditer(text):
        end = text.find("-----END", begin.end(), begin.end() + _LONGEST_BLOCK)
        if end >= 0:
            line = text.find("-----", end + len("-----END"), end + 80)
            end = line + len("-----") if line >= 0 else end
        else:
            body = _BASE64.match(text, begin.end())
            end = -1 if body is None else body.end()
        if end - begin.end() >= _SHORTEST_BLOCK:
            yield Span(begin.start(), end, _TYPE, 0.95)


def _values(expression: re.Pattern[str], text: str, score: float) -> Iterator[Span]:
    for match in expression.finditer(text):
        value = match["value"]
        if len(set(value)) > len("xx") and not value.lower().startswith(("pass", "pwd", "your", "%", "*")):
            yield Span(match.start("value"), match.end("value"), _TYPE, score)


def _assigned(text: str) -> Iterator[Span]:
    for match in _ASSIGNED.finditer(text):
        start, end = match.span("value")
        if match["quote"]:
            rest = _QUOTED_REST.match(text, start)
            end = end if rest is None else rest.end()
        if not match["quote"] and text[end : end + 1] in ("(", "["):
            continue  # what a function or a table returns
        value = text[start:end].rstrip(".\\")
        judge = is_password if _PASSWORDS.search(match["name"]) and match["quote"] else is_key
        if judge(value):
            yield Span(start, start + len(value), _TYPE, 0.7)


def _basic(text: str) -> Iterator[Span]:
    """HTTP's basic authorization: user and password, encoded (RFC 7617)."""
    for match in _BASIC.finditer(text):
        value = match["value"]
        try:
            plain = b64decode(value + "=" * (-len(value) % 4))
        except (Error, ValueError):
            continue
        if b":" in plain and plain.isascii():
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
