"""Files as values or as documents: what stands in a column, on each line, or in a folder. Learns nothing."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, TextIO

from freehold.errors import FreeholdError

_TABLES: Final = frozenset({".csv", ".tsv"})
_LINES_OF_JSON: Final = frozenset({".jsonl", ".ndjson"})
_DELIMITERS: Final = ",;\t|"
_LONGEST_VALUE: Final = 120
_MOST_WORDS: Final = 8
_GLANCE_BYTES: Final = 8192
_LARGEST_BYTES: Final = 16 * 1024 * 1024
_NOT_READ: Final = frozenset(
    {"node_modules", "__pycache__", "venv", "site-packages", "vendor", "third_party", "dist", "build"}
)
_A_TABLE: Final = "the first line of a table names its columns, such as `id,name`; each below it is a value"
_LEGAL: Final = ("license", "licence", "copying", "notice", "copyright")
_LOCKS: Final = (".lock", "-lock.json", ".min.js", ".min.css", ".svg", ".map")


class NotLearned(FreeholdError):
    """A file cannot be read as it was asked."""


def is_list(path: Path) -> bool:
    """Whether a file is a list of values: a table, JSON Lines, or short lines that are no sentences."""
    if path.suffix.lower() in _TABLES | _LINES_OF_JSON:
        return True
    if path.is_dir() or path.suffix.lower() not in {".txt", ".list", ".lst"}:
        return False
    with _opened(path) as lines:
        return all(
            len(line) <= _LONGEST_VALUE
            and len(line.split()) <= _MOST_WORDS
            and not line.rstrip().endswith((".", "!", "?"))
            for line in lines
        )


def is_table(path: Path) -> bool:
    return path.suffix.lower() in _TABLES


def values(path: Path, columns: tuple[str, ...]) -> Iterator[str]:
    """The values of a list; of several columns those of one row together. Raises `NotLearned`."""
    suffix = path.suffix.lower()
    try:
        if suffix in _LINES_OF_JSON:
            yield from _of_json(path, columns)
        elif suffix in _TABLES or columns:
            yield from _of_table(path, columns)
        else:
            with _opened(path) as lines:
                yield from (line.strip() for line in lines if line.strip())
    except OSError as error:
        raise NotLearned(f"{path}: {error.strerror}") from error


def texts(path: Path) -> Iterator[str]:
    """The text of a file, or of those of a folder that are somebody's own: no licences, no lock files."""
    try:
        for file in _files(path) if path.is_dir() else (path,):
            raw = file.read_bytes()
            if b"\0" not in raw[:_GLANCE_BYTES] and len(raw) <= _LARGEST_BYTES:
                yield raw.decode("utf-8", "replace")
    except OSError as error:
        raise NotLearned(f"{error.filename}: {error.strerror}") from error


def _files(folder: Path) -> Iterator[Path]:
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in _NOT_READ)
        for name in sorted(names):
            plain = name.lower()
            if not plain.startswith((".", *_LEGAL)) and not plain.endswith(_LOCKS):
                yield Path(here, name)


def _opened(path: Path) -> TextIO:
    """As UTF-8, else as Windows writes western languages."""
    with path.open("rb") as raw:
        try:
            for piece in iter(lambda: raw.readline(1 << 20), b""):
                piece.decode("utf-8")
            encoding = "utf-8-sig"
        except UnicodeDecodeError:
            encoding = "cp1252"
    return path.open(encoding=encoding, errors="replace", newline="")


def _of_table(path: Path, columns: tuple[str, ...]) -> Iterator[str]:
    csv.field_size_limit(sys.maxsize)
    with _opened(path) as lines:
        first = lines.readline()
        lines.seek(0)
        delimiter = max(_DELIMITERS, key=first.count)
        rows = csv.reader(lines, delimiter=delimiter)
        try:
            header = [name.strip() for name in next(rows, [])]
            if not any(header):
                why = f"{path}: its first line names no column" if header else f"{path} is empty"
                raise NotLearned(why, hint=_A_TABLE)
            chosen = _chosen(header, columns, path)
            for row in rows:
                value = " ".join(row[at].strip() for at in chosen if at < len(row) and row[at].strip())
                if value:
                    yield value
        except csv.Error as error:
            raise NotLearned(f"{path}: line {rows.line_num}: {error}") from error


def _chosen(header: list[str], columns: tuple[str, ...], path: Path) -> list[int]:
    if not columns:
        if len(header) == 1:
            return [0]
        raise NotLearned(
            f"{path} has {len(header)} columns", hint=f"name one with --column: {', '.join(header)}"
        )
    return [_place(header, column, path) for column in columns]


def _place(header: list[str], column: str, path: Path) -> int:
    if column in header:
        return header.index(column)
    folded = [name.casefold() for name in header]
    if folded.count(column.casefold()) == 1:
        return folded.index(column.casefold())
    near = get_close_matches(column, header, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"its columns are {', '.join(header)}"
    raise NotLearned(f"{path} has no column {column!r}", hint=hint)


def _of_json(path: Path, columns: tuple[str, ...]) -> Iterator[str]:
    fields: dict[str, None] = {}
    found = False
    with _opened(path) as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                said = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise NotLearned(f"{path}: line {number} is not JSON: {error}") from error
            if isinstance(said, dict):
                fields.update(dict.fromkeys(map(str, said)))
                if not columns:
                    raise NotLearned(
                        f"{path}: line {number} has several fields",
                        hint=f"name one with --column: {', '.join(fields)}",
                    )
            value = " ".join(_said(said, columns))
            if value:
                found = True
                yield value
    if fields and not found:
        raise NotLearned(
            f"{path} has nothing in {', '.join(columns)}", hint=f"its fields are {', '.join(fields)}"
        )


def _said(said: Any, columns: tuple[str, ...]) -> Iterable[str]:
    found = [said.get(column) for column in columns] if isinstance(said, dict) else [said]
    return [str(value) for value in found if isinstance(value, str | int) and not isinstance(value, bool)]
