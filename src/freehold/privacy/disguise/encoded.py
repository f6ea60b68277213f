"""Text within text: base64, hexadecimal, URL encoding, escapes of JSON, C and HTML."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error
from codecs import getincrementaldecoder
from typing import Final

from freehold.privacy.disguise.stretch import Piece, Stretch
from freehold.privacy.reading import Reading

_ESCAPE: Final = re.compile(
    r"%(?P<url>[0-9A-Fa-f]{2})|\\u(?P<json>[0-9A-Fa-f]{4})|\\x(?P<c>[0-9A-Fa-f]{2})"
    r"|&#x(?P<hexed>[0-9A-Fa-f]{1,6});|&#(?P<html>[0-9]{1,7});"
)
_RUN: Final = re.compile(r"(?<![A-Za-z0-9+/_\-])[A-Za-z0-9+/_\-]{14,}={0,2}")
_HEX_RUN: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:0x)?[0-9A-Fa-f]{2}(?:[ :,]?(?:0x)?[0-9A-Fa-f]{2}){7,}+(?![A-Za-z0-9])"
)
_HEX: Final = re.compile(r"[0-9A-Fa-f]{2}(?![x])")
_URL_SAFE: Final = str.maketrans("-_", "+/")
_GLANCE: Final = 32
_SHORTEST: Final = 14
_SHORTEST_SAID: Final = 6


def unescaped(text: Stretch) -> Stretch | None:
    """With escapes replaced by what they stand for, `None` where there are none."""
    if not ("%" in text.text or "\\" in text.text or "&#" in text.text):
        return None
    return text.rewritten(_ESCAPE, _sign)


def _sign(match: re.Match[str]) -> str | None:
    kind = match.lastgroup
    written = match[kind] if kind else ""
    code = int(written, 10 if kind == "html" else 16)
    if code < ord(" ") or (kind != "json" and ord("~") < code < 0x100) or code > 0x10FFFF:
        return " " if code in (9, 10, 13) else None
    return None if 0xD800 <= code < 0xE000 else chr(code)


def decoded(text: Stretch, reading: Reading) -> Stretch | None:
    """With long runs of letters and digits as what they say once decoded, where that is text."""
    based = text.rewritten(_RUN, _unbased) if reading.longest >= _SHORTEST else None
    hexed = text.rewritten(_HEX_RUN, _unhexed) if reading.has_number else None
    if based is None:
        return hexed
    return based if hexed is None else hexed.rewritten(_RUN, _unbased) or hexed


def _unbased(run: re.Match[str]) -> str | list[Piece] | None:
    said = _said(_from_base64(run[0]))
    if said is not None or "/" not in run[0]:
        return None if said is None else f" {said} "
    pieces: list[Piece] = []
    at, found = run.start(), False
    for piece in run[0].split("/"):
        said = _said(_from_base64(piece)) if len(piece) >= _SHORTEST else None
        found = found or said is not None
        pieces.append((f" {said} " if said is not None else piece, at, at + len(piece)))
        at += len(piece)
        if at < run.end():
            pieces.append(("/", at, at + 1))
            at += 1
    return pieces if found else None


def _unhexed(run: re.Match[str]) -> str | None:
    said = _said(bytes(int(pair, 16) for pair in _HEX.findall(run[0].replace("0x", ""))))
    return None if said is None else f" {said} "


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
    readable = all(sign.isprintable() or sign.isspace() for sign in said)
    return said if readable and len(said) >= _SHORTEST_SAID else None
