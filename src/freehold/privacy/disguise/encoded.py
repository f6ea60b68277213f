"""Text within text: base64, hexadecimal, URL encoding, escapes of JSON, C and HTML."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error
from codecs import getincrementaldecoder
from collections.abc import Iterator
from typing import Final

from freehold.privacy.disguise.stretch import Stretch
from freehold.privacy.reading import Reading

_ESCAPE: Final = re.compile(
    r"%(?P<url>[0-9A-Fa-f]{2})|\\u(?P<json>[0-9A-Fa-f]{4})|\\x(?P<c>[0-9A-Fa-f]{2})"
    r"|&#x(?P<hexed>[0-9A-Fa-f]{1,6});|&#(?P<html>[0-9]{1,7});|=(?P<mail>[0-9A-F]{2})(?=[=0-9A-Za-z])"
)
_RUN: Final = re.compile(r"(?<![A-Za-z0-9+/_\-])[A-Za-z0-9+/_\-]{14,}={0,2}")
_HEX_RUN: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:0x)?[0-9A-Fa-f]{2}(?:[ :,]?(?:0x)?[0-9A-Fa-f]{2}){7,}+(?![A-Za-z0-9])"
)
_HEX: Final = re.compile(r"[0-9A-Fa-f]{2}(?![x])")
_URL_SAFE: Final = str.maketrans("-_", "+/")
_GLANCE: Final = 32
_SHORTEST: Final = 14
_FEWEST_LETTERS: Final = 0.9


def unescaped(text: Stretch) -> Stretch | None:
    """With escapes replaced by what they stand for, `None` where there are none."""
    if not ("%" in text.text or "\\" in text.text or "&#" in text.text or "=" in text.text):
        return None
    return text.rewritten(_ESCAPE, _sign)


def _sign(match: re.Match[str]) -> str | None:
    kind = match.lastgroup
    written = match[kind] if kind else ""
    code = int(written, 10 if kind == "html" else 16)
    if code < ord(" ") or (kind != "json" and ord("~") < code < 0x100) or code > 0x10FFFF:
        return " " if code in (9, 10, 13) else None
    return None if 0xD800 <= code < 0xE000 else chr(code)


def decodings(text: Stretch, reading: Reading) -> Iterator[Stretch]:
    """What long runs of letters and digits say once decoded, where that is text."""
    if reading.longest >= _SHORTEST:
        for run in _RUN.finditer(text.text):
            yield from _base64(text, run)
    if reading.has_number:
        for run in _HEX_RUN.finditer(text.text):
            said = _said(_unhexed(run[0]))
            if said is not None:
                yield text.decoded(said, run.start(), run.end())


def _base64(text: Stretch, run: re.Match[str]) -> Iterator[Stretch]:
    said = _said(_from_base64(run[0]))
    if said is not None:
        yield text.decoded(said, run.start(), run.end())
        return
    if "/" not in run[0]:
        return
    at = run.start()
    for piece in run[0].split("/"):
        said = _said(_from_base64(piece)) if len(piece) >= _SHORTEST else None
        if said is not None:
            yield text.decoded(said, at, at + len(piece))
        at += len(piece) + 1


def _from_base64(run: str) -> bytes:
    """Empty where the beginning is not text: a picture's megabytes are not decoded."""
    plain = run.rstrip("=").translate(_URL_SAFE)
    glance = plain[:_GLANCE]
    if not _looks_like_text(_decode(glance[: len(glance) - len(glance) % 4])):
        return b""
    return _decode(plain)


def _decode(plain: str) -> bytes:
    if len(plain) % 4 == 1:
        plain = plain[:-1]
    try:
        return b64decode(plain + "=" * (-len(plain) % 4))
    except (Error, ValueError):
        return b""


def _unhexed(run: str) -> bytes:
    return bytes(int(pair, 16) for pair in _HEX.findall(run.replace("0x", "")))


def _looks_like_text(raw: bytes) -> bool:
    """Whether it is UTF-8 without control characters; a sign may be cut off at the end."""
    try:
        text = getincrementaldecoder("utf-8")().decode(raw)
    except UnicodeDecodeError:
        return False
    return bool(text) and all(sign.isprintable() or sign.isspace() for sign in text)


def _said(raw: bytes) -> str | None:
    try:
        said = raw.decode()
    except UnicodeDecodeError:
        try:
            said = raw[: raw.rindex(b"\n")].decode()
        except ValueError:
            return None
    readable = sum(sign.isprintable() or sign.isspace() for sign in said)
    return said if len(said) > 5 and readable >= _FEWEST_LETTERS * len(said) else None
