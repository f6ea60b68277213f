"""Web addresses. They raise no label by themselves; a password within one is a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from freehold.privacy.reading import Reading
from freehold.privacy.span import Span

_URL: Final = re.compile(
    r"(?<![\w@])(?:(?:https?|ftp)://|www\.)[^\s<>\"'`{}|\\^]{2,2000}(?<![.,;:!?)\]])", re.IGNORECASE
)


class Detector:
    types = frozenset({"URL"})

    def find(self, reading: Reading) -> Iterator[Span]:
        if "://" in reading.text or "www." in reading.lower:
            for match in _URL.finditer(reading.text):
                yield Span(match.start(), match.end(), "URL", 0.6)
