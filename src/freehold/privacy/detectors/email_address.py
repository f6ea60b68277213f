"""E-mail addresses (the addr-spec of RFC 5322 as people write it). Does not ask whether a domain exists."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from typing import Final

from freehold.privacy.reading import Reading
from freehold.privacy.span import Span

_LOCAL: Final = string.ascii_letters + string.digits + "._%+'&-"
_LONGEST_LOCAL: Final = 64
_DOMAIN: Final = re.compile(
    r"(?:[^\W_](?:[\w-]{0,62})\.){1,8}(?P<top>[^\W\d_]{2,24}|xn--[a-z0-9-]{2,59})(?!\w)"
    r"|\[[0-9]{1,3}(?:\.[0-9]{1,3}){3}\]",
    re.IGNORECASE,
)
# a@b.png names a file (icon@2x.png), git@host:path a repository.
_FILES: Final = frozenset(
    ("png", "jpg", "jpeg", "gif", "svg", "webp", "css", "scss", "js", "ts", "json", "py")
)
# john [at] example [dot] com; john at example dot com.
_SPOKEN: Final = re.compile(
    r"(?<![\w.+%-])[\w.+%-]{1,64}+(?:\s{1,3}dot\s{1,3}[\w+%-]{1,32}+){0,3}"
    r"\s{0,3}(?:[\[({<]\s?at\s?[\])}>]|(?<=\s)at(?=\s))\s{0,3}"
    r"[\w-]{1,63}+(?:\s{0,3}(?:[\[({<]\s?dot\s?[\])}>]|(?<=\s)dot(?=\s)|\.)\s{0,3}[\w-]{2,63}+){1,4}(?!\w)",
    re.IGNORECASE,
)
_DOT_WORD: Final = re.compile(r"[\[({<\s]dot[\])}>\s]|[\[({<]\s?at\s?[\])}>]")


class Detector:
    types = frozenset({"EMAIL_ADDRESS"})

    def find(self, reading: Reading) -> Iterator[Span]:
        if "@" in reading.text:
            yield from _written(reading.text)
        lower = reading.lower
        if ("dot" in lower or "at]" in lower or "at)" in lower) and _DOT_WORD.search(lower) is not None:
            for match in _SPOKEN.finditer(reading.text):
                if _DOT_WORD.search(match[0].lower()) is not None:
                    yield Span(match.start(), match.end(), "EMAIL_ADDRESS", 0.8)


def _written(text: str) -> Iterator[Span]:
    at, past = text.find("@"), 0
    while at >= 0:
        domain = _DOMAIN.match(text, at + 1)
        if domain is not None:
            start = _local_start(text, max(past, at - _LONGEST_LOCAL), at)
            if start < at and not _is_something_else(text, start, at, domain):
                yield Span(start, domain.end(), "EMAIL_ADDRESS", 1.0)
                past = domain.end()
        at = text.find("@", at + 1)


def _local_start(text: str, from_: int, at: int) -> int:
    """Where the part before the @ begins; letters of every alphabet count."""
    head = text[from_:at]
    start = from_ + len(head.rstrip(_LOCAL))
    while start > from_ and (text[start - 1].isalnum() or text[start - 1] in _LOCAL):
        start -= 1
    while start < at and text[start] in ".'&%-":
        start += 1
    return start


def _is_something_else(text: str, start: int, at: int, domain: re.Match[str]) -> bool:
    top = domain["top"]
    if top is not None and top.lower() in _FILES:
        return True
    if "://" in text[max(0, start - _LONGEST_LOCAL) : start].rpartition(" ")[2]:
        return True  # who logs in to an address; the password there is a secret
    return text[start:at] == "git" and text[domain.end() : domain.end() + 1] in (":", "/")
