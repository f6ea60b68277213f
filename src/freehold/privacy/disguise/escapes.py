"""Signs written as escapes: of URLs, JSON, C, Unicode's own notation, HTML and mail."""

from __future__ import annotations

import re
from html.entities import html5
from typing import Final

from freehold.privacy.disguise.stretch import Piece, Stretch

_PAIR: Final = "[0-9A-Fa-f]{2}"
# Runs of bytes are taken together: they may be UTF-8.
_ESCAPE: Final = re.compile(
    rf"(?P<url>%{_PAIR}(?:%{_PAIR})*+)|(?P<c>\\x{_PAIR}(?:\\x{_PAIR})*+)"
    r"|\\u(?P<json>[0-9A-Fa-f]{4})|\\u\{(?P<braced>[0-9A-Fa-f]{1,6})\}|\\U(?P<long>[0-9A-Fa-f]{8})"
    r"|\\(?P<octal>[01][0-7]{2})"
    r"|&#[xX](?P<hexed>[0-9A-Fa-f]{1,6});?|&#(?P<html>[0-9]{1,7});?|&(?P<named>[A-Za-z]{2,24});"
    r"|[Uu]\+(?P<point>[0-9A-Fa-f]{4,6})"
)
_BASES: Final = {"html": 10, "octal": 8}
# A line's end within a number alone: else it is base64's padding, or an assignment of nothing.
_SOFT_END: Final = r"(?:(?<=[0-9])|(?<=[0-9] ))=[ \t]{0,2}\r?\n(?=[ >]{0,2}[0-9A-Z])"
_SOFT: Final = re.compile(_SOFT_END)
_MAIL: Final = re.compile(rf"(?P<mail>={_PAIR}(?:={_PAIR})*+)|{_SOFT_END}")
# One alone is somebody's assignment, unless it stands within a number.
_OF_MAIL: Final = re.compile(rf"[0-9]={_PAIR}[0-9]|(?:={_PAIR}[^=]{{0,76}}+){{2}}")
# Bytes of signs to see in ASCII, and those that begin one in UTF-8 (RFC 3629).
_SAYS: Final = frozenset([9, 10, 13, *range(0x20, 0x7F), *range(0xC2, 0xF5)])
_STEPS: Final = {"url": 3, "c": 4, "mail": 3}
_LAST: Final = 0x10FFFF


def unescaped(text: Stretch) -> Stretch | None:
    """With escapes replaced by what they stand for, `None` where there are none."""
    said = text.text
    view: Stretch | None = None
    if "%" in said or "\\" in said or "&" in said or "U+" in said or "u+" in said:
        view = text.rewritten(_ESCAPE, _sign)
    if "=" in said and (_SOFT.search(said) is not None or _OF_MAIL.search(said) is not None):
        view = (view or text).rewritten(_MAIL, _mailed) or view
    return view


def _sign(match: re.Match[str]) -> str | list[Piece] | None:
    kind = match.lastgroup or ""
    if kind in _STEPS:
        return _bytes(match, _STEPS[kind])
    if kind == "named":
        return html5.get(f"{match[kind]};")
    code = int(match[kind], _BASES.get(kind, 16))
    if code < ord(" ") or (kind == "octal" and code > ord("~")) or code > _LAST or 0xD800 <= code < 0xE000:
        return " " if code in (9, 10, 13) else None
    return chr(code)


def _mailed(match: re.Match[str]) -> str | list[Piece] | None:
    """Quoted-printable (RFC 2045, 6.7): a line's end with a sign before it is none."""
    return "" if match["mail"] is None else _bytes(match, _STEPS["mail"])


def _bytes(match: re.Match[str], step: int) -> list[Piece] | None:
    """Each sign of a run, `step` characters a byte. Bytes that are no text stay; `None` where all do."""
    run, at = match[0], match.start()
    raw = bytes.fromhex("".join([run[n + step - 2 : n + step] for n in range(0, len(run), step)]))
    if not any(map(_SAYS.__contains__, raw)):
        return None
    pieces: list[Piece] = []
    for sign in raw.decode("utf-8", "surrogateescape"):
        width = step * (1 if sign.isascii() else len(sign.encode("utf-8", "surrogateescape")))
        if sign.isspace():
            said = " "
        else:
            said = sign if sign.isprintable() else run[at - match.start() : at - match.start() + width]
        pieces.append((said, at, at + width))
        at += width
    return pieces
