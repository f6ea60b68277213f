"""IP addresses, v4 and v6, and hardware (MAC) addresses. What names no machine (127.0.0.1) is left alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv6Address, ip_address
from typing import Final

from freehold.privacy.reading import Reading
from freehold.privacy.span import Span

_OCTET: Final = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_V4: Final = re.compile(rf"(?<![\w.])(?:{_OCTET}\.){{3}}{_OCTET}(?![\w]|\.[0-9])")
_V6: Final = re.compile(r"(?<![\w:.])(?=[0-9A-Fa-f:]{0,5}:)[0-9A-Fa-f:.]++(?![\w:])")
_MAC: Final = re.compile(
    r"(?<![\w:-])(?:[0-9A-Fa-f]{2}([:-]))(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![\w]|[:-][0-9A-Fa-f])"
    r"|(?<![\w.])[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}(?![\w.])"
)
# Where none of these is, the costlier expressions need not be tried.
_DOTTED: Final = re.compile(r"[0-9]\.[0-9]{1,3}\.[0-9]")
_GROUPED: Final = re.compile("[0-9A-Fa-f:]:[0-9A-Fa-f]{0,4}:")
_VERSION: Final = re.compile(r"(?:version|release|build|chapter|section|clause|v|ver)s?\W{0,3}$")
# This machine, no machine, masks.
_NOBODY: Final = ("127.0.", "0.", "255.")
_FEWEST_COLONS: Final = 2
_DOTS_OF_V4: Final = 3
_SIGNS_OF_MAC: Final = 5
_LONGEST_V6: Final = 45
_FEWEST_GROUPS: Final = 3


class Detector:
    types = frozenset({"IP_ADDRESS", "MAC_ADDRESS"})

    def find(self, reading: Reading) -> Iterator[Span]:
        text = reading.text
        dots, colons = text.count("."), text.count(":")
        if reading.has_digit and dots >= _DOTS_OF_V4 and _DOTTED.search(text) is not None:
            yield from _v4(reading)
        if colons >= _FEWEST_COLONS and _GROUPED.search(text) is not None:
            yield from _v6(text)
        if reading.has_digit and (
            colons >= _SIGNS_OF_MAC or dots >= _FEWEST_COLONS or text.count("-") >= _SIGNS_OF_MAC
        ):
            for match in _MAC.finditer(text):
                if len(set(match[0].lower()) - set(":-.")) > 1:
                    yield Span(match.start(), match.end(), "MAC_ADDRESS", 0.9)


def _v4(reading: Reading) -> Iterator[Span]:
    for match in _V4.finditer(reading.text):
        if match[0].startswith(_NOBODY) or match[0] in ("1.1.1.1", "8.8.8.8", "8.8.4.4"):
            continue
        if _VERSION.search(reading.before(match.start(), 12)) is None:
            yield Span(match.start(), match.end(), "IP_ADDRESS", 0.9)


def _v6(text: str) -> Iterator[Span]:
    for match in _V6.finditer(text):
        written = match[0].rstrip(".:") if not match[0].endswith("::") else match[0]
        if written.count(":") < _FEWEST_COLONS or len(written) > _LONGEST_V6:
            continue
        groups = [group for group in written.split(":") if group]
        if len(groups) >= _FEWEST_GROUPS and any(c.isdigit() for c in written) and _is_v6(written):
            yield Span(match.start(), match.start() + len(written), "IP_ADDRESS", 0.9)


def _is_v6(written: str) -> bool:
    try:
        return isinstance(ip_address(written), IPv6Address)
    except ValueError:
        return False
