"""Rows as text, one record at a time, so that a ledger of any size takes the same memory."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import Any, TextIO

import msgspec

from freehold.cli.exporting.columns import COLUMNS, row_of
from freehold.ledger import Record

# A spreadsheet takes text that begins so for a formula, and some of it comes from upstreams.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_jsonl(records: Iterable[Record], file: TextIO) -> int:
    """One object a line, `attempts` as a list in it. The number of records."""
    count = 0
    for record in records:
        file.write(_json(row_of(record)) + "\n")
        count += 1
    return count


def write_csv(records: Iterable[Record], file: TextIO) -> int:
    """A line of names, then one a request: unknown is empty, `attempts` is JSON. The number of records."""
    writer = csv.writer(file, lineterminator="\r\n")  # RFC 4180; else a lone "\r" in a value is not quoted
    writer.writerow(COLUMNS)
    count = 0
    for record in records:
        writer.writerow(map(_cell, row_of(record).values()))
        count += 1
    return count


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return _json(value)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
