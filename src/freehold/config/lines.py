"""Where each key of a TOML text stands: a walk over text that `tomllib` has already accepted.

`tomllib` gives values without places. Knows TOML's layout and nothing of what the keys mean.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping

KeyPath = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]+")
# A multi-line string may end in up to five quotes, of which two belong to it (TOML 1.0, "String").
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:[^"\\]|\\.)*"'
    r"|'[^']*'",
    re.DOTALL,
)


class Lines:
    """Line numbers, counted from 1, by path: `("models", "gpt", "can", 0)`."""

    def __init__(self, lines: Mapping[KeyPath, int]) -> None:
        self._lines = lines

    def find(self, path: KeyPath) -> int | None:
        """The line of `path`, or of the nearest table around it where the key itself is missing."""
        for end in range(len(path), 0, -1):
            line = self._lines.get(path[:end])
            if line is not None:
                return line
        return None


def scan(text: str) -> Lines:
    """Map every key of `text`, which must be valid TOML, to its line."""
    return Lines(_Walk(text).whole())


class _Walk:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._lines: dict[KeyPath, int] = {}
        self._tables: dict[KeyPath, int] = {}  # of each array of tables, the number of the last

    def whole(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        self._skip(_BLANK)
        while self._at < len(self._text):
            if self._peek() == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK)
        return self._lines

    def _header(self) -> KeyPath:
        line = bisect_right(self._starts, self._at)
        one_of_many = self._text.startswith("[[", self._at)
        while self._peek() == "[":
            self._at += 1
        path = self._key((), in_header=True)
        while self._peek() == "]":
            self._at += 1
        if one_of_many:
            self._tables[path] = self._tables.get(path, -1) + 1
            path = (*path, self._tables[path])
            self._lines[path] = line
        return path

    def _pair(self, table: KeyPath) -> None:
        path = self._key(table)
        self._at += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _key(self, path: KeyPath, *, in_header: bool = False) -> KeyPath:
        """Read a dotted key; every table on the way is noted where it is first named.

        A header goes on from the last table of an array that it names on the way.
        """
        while True:
            self._skip(_SPACE)
            line = bisect_right(self._starts, self._at)
            path = (*path, self._part())
            self._lines.setdefault(path, line)
            self._skip(_SPACE)
            if self._peek() != ".":
                return path
            self._at += 1
            if in_header and path in self._tables:
                path = (*path, self._tables[path])

    def _part(self) -> str:
        if self._peek() not in {'"', "'"}:
            return self._skip(_BARE_KEY)
        return str(tomllib.loads("key = " + self._skip(_STRING))["key"])

    def _value(self, path: KeyPath) -> None:
        opening = self._peek()
        if opening == "[":
            self._array(path)
        elif opening == "{":
            self._inline_table(path)
        else:
            self._skip(_STRING if opening in {'"', "'"} else _SCALAR)

    def _array(self, path: KeyPath) -> None:
        index = 0
        self._at += 1  # the opening bracket
        while self._next_item("]"):
            self._lines.setdefault((*path, index), bisect_right(self._starts, self._at))
            self._value((*path, index))
            index += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._at += 1  # the opening brace
        while self._next_item("}"):
            self._pair(path)

    def _next_item(self, closing: str) -> bool:
        """Step over what separates items. False, and past the bracket, where there is none left."""
        self._skip(_BLANK)
        if self._peek() == ",":
            self._at += 1
            self._skip(_BLANK)
        if self._peek() != closing:
            return True
        self._at += 1
        return False

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise ValueError(f"not valid TOML at offset {self._at}")
        self._at = match.end()
        return match.group()
