"""Places in a text where a secret may stand: behind a word of secrets, or a long value that is no word.

Cheap, and wide on purpose: what of these is one is another part's to say. Takes time linear in the text.
"""

from __future__ import annotations

import re
import string
from base64 import b64decode
from binascii import Error
from codecs import getincrementaldecoder
from collections.abc import Iterator
from typing import Final, NamedTuple

from freehold.privacy.secrets.vocabulary import OPEN

# A text without any of them has nothing that is said to be a secret.
STEMS: Final = (
    "pass", "pwd", "pword", "phrase", "secret", "token", "key", "auth", "cred", "salt", "bearer", "nonce",
    "cookie", "session", "signature", "jwt", "verifier", "hmac", "access",
)  # fmt: skip
# An author, a keyword and a passenger are none of them.
_STEM: Final = re.compile(
    "|".join(STEMS)
    .replace("auth", "auth(?!ors?(?![a-z]))")
    .replace("key", "key(?!word|board)")
    .replace("pass", "pass(?!eng|age|ive|ion)")
)
# From there to where its value begins: `"api_key": "`, `--password=`, `setToken(b'`, `<secret>`,
# `token = encode(b"`, `PASSWORD '`, `SECRETS = {"first": "`.
_SAID: Final = re.compile(
    r"[A-Za-z0-9_\-]{0,24}+(?:\\?[\"'`]|[)\]}\[]){0,3}\s{0,4}"
    r"(?:(?::\s?[A-Za-z][\w\[\]|.]{0,20}\s?=(?!=)|:=|=>|[=!]==?|[=:>(,|]|->)\s{0,4}"
    r"(?:[({\[]\s{0,2}(?:[\"']?\w{1,20}[\"']?\s?[:=]\s?)?|(?:new\s)?[A-Za-z_][\w.]{1,40}\(\s{0,2}){0,2}"
    r"(?:(?:[Bb]earer|[Bb]asic|[Tt]oken)\s{1,2})?(?:[bBuUrRfFsS@$L]{0,2}(?P<quote>\\?[\"'`]{1,3}))?"
    r"|\s{1,3}(?P<only>[\"'])|\s(?=\S{4}))"
)
# What the space alone parts from its name counts in commands: `--password hunter2`.
_OPTION: Final = re.compile(r"(?:^|[\s\"'])--?[\w-]{0,40}$")
_BARE: Final = re.compile(r"[^\s\"'`,;<>(){}\[\]&]{3,400}")
_CALLED: Final = re.compile(r"[\w.\-]*")
_OF_NAMES: Final = string.ascii_letters + string.digits + "_.-"
_LONGEST_NAME: Final = 40
_MOST_HOPS: Final = 2
_LONG: Final = re.compile(r"(?<![A-Za-z0-9+/_\-])[A-Za-z0-9+/_\-]{16,400}+={0,2}")
_MIXED: Final = re.compile(r"[A-Za-z+/=_\-]*+[0-9][0-9+/=_\-]*+[A-Za-z]")
_GOES_ON: Final = re.compile(r"\.[A-Za-z0-9]")
_UUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_ENCODED: Final = re.compile(r"[A-Za-z0-9+/_\-]+={0,2}")
_URL_SAFE: Final = str.maketrans("-_", "+/")
_GLANCE, _SHORTEST_SAID = 24, 12
_LOOK_BACK: Final = 100
_LONGEST: Final = 400
SHORTEST: Final = 3
SHORTEST_LONG: Final = 16


class Candidate(NamedTuple):
    """`start` and `end` bound the value. `name` is what it is called, `link` what stands between the two."""

    start: int
    end: int
    name: str
    link: str
    quote: str


def said(text: str, lower: str) -> Iterator[Candidate]:
    """Values behind a word of secrets. `lower` is the text in small letters, position for position."""
    past = 0
    for stem in _STEM.finditer(lower):
        match = _SAID.match(text, stem.end()) if stem.start() >= past else None
        if match is None:
            continue
        start = past = match.end()
        quote = match["quote"] or match["only"] or ""
        if quote:
            end = _closed(text, start, quote)
        else:
            end = _bare(text, stem.start(), match)
            past = max(past, end)
        if end - start >= SHORTEST and _UUID.fullmatch(text, start, end) is None:
            found = _candidate(text, stem.start(), start, end, quote)
            if found.name not in OPEN:
                yield found


def long(text: str) -> Iterator[Candidate]:
    """Long values of letters and digits mixed, whatever they are called."""
    for match in _LONG.finditer(text):
        if _MIXED.match(match[0]) is None or _UUID.fullmatch(match[0]) is not None:
            continue
        start, end = match.span()
        if text[start - 1 : start] == "." or _GOES_ON.match(text, end) is not None:
            continue  # a part of a token or of a host's name is neither
        name, link, quote = _called(text, start)
        if name not in OPEN and not says_text(match[0]):  # what that says is read beneath
            yield Candidate(start, end, name, link, quote)


def _called(text: str, start: int) -> tuple[str, str, str]:
    """The name, the link and the quote before a value: `name = Buffer.from("`, without what is between."""
    head = text[max(0, start - _LOOK_BACK) : start]
    bare = head.rstrip("\"'`\\")
    quote = head[len(bare) :][-1:]
    for _ in range(_MOST_HOPS):
        plain = bare.rstrip()
        if not plain.endswith("("):
            break
        inner = plain[:-1].rstrip(_OF_NAMES).rstrip()
        if not inner.endswith(("=", ":", "(", ",")):
            break
        bare = inner
    plain = bare.rstrip(" \t")
    before = plain.rstrip("=:>(,")
    if len(before) == len(plain):
        return "", "", quote
    called = before.rstrip(" \t\"'`\\])")
    name = called[len(called.rstrip(_OF_NAMES)) :]
    return name[-_LONGEST_NAME:], plain[len(before) :] if name else "", quote


def _candidate(text: str, stem: int, start: int, end: int, quote: str) -> Candidate:
    head = text[max(0, stem - _LONGEST_NAME) : stem]
    begin = stem - len(head) + len(head.rstrip(_OF_NAMES))
    name = _CALLED.match(text, begin, start)
    called = "" if name is None else name[0]
    return Candidate(start, end, called, text[begin + len(called) : start], quote)


def _closed(text: str, start: int, quote: str) -> int:
    """Where a literal ends: at its quote, on its line."""
    end = text.find(quote, start, start + _LONGEST)
    line = text.find("\n", start, end if end >= 0 else start + _LONGEST)
    return -1 if end < 0 or line >= 0 else end


def _bare(text: str, stem: int, match: re.Match[str]) -> int:
    """Where a value without quotes ends; behind a space alone there is one in commands only."""
    link = match[0]
    alone = link[-1:].isspace() and "=" not in link and ":" not in link
    if alone and _OPTION.search(text[max(0, stem - _LOOK_BACK) : stem]) is None:
        return -1
    bare = _BARE.match(text, match.end())
    return -1 if bare is None or text[bare.end() : bare.end() + 1] in ("(", "[") else bare.end()


def says_text(value: str) -> bool:
    """Whether base64 hides plain text in it, as in the header of a token, a picture's name, a message."""
    if len(value) < _SHORTEST_SAID or _ENCODED.fullmatch(value) is None:
        return False
    plain = value.rstrip("=").translate(_URL_SAFE)[:_GLANCE]
    try:
        said = b64decode(plain[: len(plain) - len(plain) % 4])
    except (Error, ValueError):
        return False
    try:
        text = getincrementaldecoder("utf-8")().decode(said)  # a sign may be cut off at the end
    except UnicodeDecodeError:
        return False
    return bool(text) and all(sign.isprintable() or sign in "\t\r\n" for sign in text)
