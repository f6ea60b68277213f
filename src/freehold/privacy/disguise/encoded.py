"""Text within text: base64 and hexadecimal, of UTF-8 and UTF-16, on one line or many."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error
from codecs import getincrementaldecoder
from collections.abc import Iterator
from typing import Final

from freehold.privacy.disguise.stretch import Piece, Stretch
from freehold.privacy.reading import Reading

_RUN: Final = re.compile(r"(?<![A-Za-z0-9+/_\-])[A-Za-z0-9+/_\-]{14,}={0,2}")
# Lines of one length, and a last one that may be shorter.
_LINES: Final = re.compile(
    r"(?<![A-Za-z0-9+/_\-])[A-Za-z0-9+/_\-]{4,128}+(?:\r?\n[ \t>]{0,4}[A-Za-z0-9+/_\-]{1,128}+)++={0,2}"
)
_LINE: Final = re.compile(r"[A-Za-z0-9+/_\-]+")
# Words beside it that look like pairs ("ab") are taken off later; one that goes on otherwise ends the run.
_HEX_RUN: Final = re.compile(
    r"(?<![A-Za-z0-9])(?=[0-9A-Fa-fx :,;\r\n]{16})(?:0x)?(?:[0-9A-Fa-f]{2})++(?![A-Za-z0-9])"
    r"(?:[ :,;\r\n]{1,2}(?:0x)?(?:[0-9A-Fa-f]{2})++(?![A-Za-z0-9]))*+"
)
_FEWEST_BYTES: Final = 8
_HEX: Final = re.compile(r"[0-9A-Fa-f]{2}(?![x])")
_URL_SAFE: Final = str.maketrans("-_", "+/")
_GLANCE: Final = 32
_SHORTEST: Final = 14
_SHORTEST_SAID: Final = 6
_LAST_ASCII: Final = 0x7F
_MARKS: Final = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def decoded(text: Stretch, reading: Reading) -> Iterator[Stretch]:
    """With long runs of letters and digits as what they say once decoded, where that is text.

    Base64 and hexadecimal apart: a card number beneath base64 may read as hexadecimal of something else.
    """
    lines = text.rewritten(_LINES, _unlined) if "\n" in text.text else None
    view = lines or text
    if reading.longest >= _SHORTEST:
        based = view.rewritten(_RUN, _unbased)
        lines = based or lines
    if lines is not None:
        yield lines
    hexed = text.rewritten(_HEX_RUN, _unhexed) if reading.has_number else None
    if hexed is not None:
        yield hexed


def _unlined(match: re.Match[str]) -> str | None:
    lines = _LINE.findall(match[0])
    if len(set(map(len, lines[:-1]))) > 1 or len(lines[-1]) > len(lines[0]):
        return None
    whole = "".join(lines)
    said = _said(_from_base64(whole)) if len(whole) >= _SHORTEST else None
    return None if said is None else f" {said} "


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


def _unhexed(run: re.Match[str]) -> list[Piece] | None:
    """Short words beside it ("ab", "be") may look like hexadecimal, and are no ASCII: they are left."""
    pairs = [*_HEX.finditer(run[0])]
    if len(pairs) < _FEWEST_BYTES:
        return None
    raw = bytes(int(pair[0], 16) for pair in pairs)
    first, last = 0, len(raw)
    while first < last and raw[first] > _LAST_ASCII:
        first += 1
    while last > first and raw[last - 1] > _LAST_ASCII:
        last -= 1
    said = _said(raw)
    if said is not None:
        first, last = 0, len(raw)
    else:
        said = _said(raw[first:last])
    if said is None:
        return None
    begin, end = pairs[first].start(), pairs[last - 1].end()
    start = run.start()
    return [
        (run[0][:begin], start, start + begin),
        (f" {said} ", start + begin, start + end),
        (run[0][end:], start + end, run.end()),
    ]


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
    """Whether it is text without control characters; a sign may be cut off at the end."""
    try:
        text = getincrementaldecoder(_coding(raw))().decode(raw)
    except UnicodeDecodeError:
        return False
    return bool(text) and _is_readable(text)


def _coding(raw: bytes) -> str:
    """UTF-16 where a mark says so or every other byte is a nought, as it is of Latin letters and digits."""
    half = len(raw) // 2
    if raw[:2] in _MARKS:
        return _MARKS[raw[:2]]
    if half and not any(raw[1 : 2 * half : 2]):
        return "utf-16-le"
    return "utf-16-be" if half and not any(raw[: 2 * half : 2]) else "utf-8"


def _is_readable(text: str) -> bool:
    return all(sign.isprintable() or sign.isspace() or sign == "\ufeff" for sign in text)


def _said(raw: bytes) -> str | None:
    coding = _coding(raw)
    try:
        said = raw.decode(coding)
    except UnicodeDecodeError:
        try:
            said = raw[: raw.rindex(b"\n")].decode(coding)
        except ValueError:
            return None
    return said if _is_readable(said) and len(said) >= _SHORTEST_SAID else None
