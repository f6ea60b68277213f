"""From a file's text to a bill: which format it is, by its header, and every line of it read.

CSV, or the JSON of OpenAI's usage and costs APIs, a page or several. Does not open files.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from types import ModuleType
from typing import Any

from freehold.costs.bills import azure, openai_costs, openai_usage, plain
from freehold.costs.bills.line import Bill, BillLine, LeftOut, Unused
from freehold.costs.bills.table import Row, header_of, mistake, rows_of

_FORMATS: tuple[ModuleType, ...] = (openai_usage, openai_costs, azure, plain)
FORMATS: tuple[str, ...] = tuple(module.NAME for module in _FORMATS)


def read_bill(text: str, name: str) -> Bill:
    """The bill in a file's `text`; `name` stands in messages.

    Raises `ConfigError` whose key is `name:line` at the first line that cannot be read, or where no format
    has such a header.
    """
    text = text.removeprefix("\ufeff")
    if text.lstrip()[:1] in ("{", "["):
        rows = list(_buckets(text, name))
        columns = frozenset(column for row in rows for column in row.cells)
    else:
        rows = list(rows_of(text, name)) if text.strip() else []
        columns = header_of(text)
    format_ = next((module for module in _FORMATS if module.knows(columns)), None)
    if format_ is None:
        raise mistake(name, 1, "no known bill begins so", f"known are {', '.join(FORMATS)}: see the docs")
    return _bill(format_, rows, name)


def _bill(format_: ModuleType, rows: Iterable[Row], name: str) -> Bill:
    lines: list[BillLine] = []
    days: set[date] = set()
    left_out = 0
    for read in format_.lines(rows):
        if isinstance(read, LeftOut):
            left_out += 1
            continue
        days.add(read.day)
        if not isinstance(read, Unused):
            lines.append(_sound(read, name))
    return Bill(name, format_.NAME, format_.PROVIDERS, tuple(lines), frozenset(days), left_out)


def _sound(line: BillLine, name: str) -> BillLine:
    """Raises `ConfigError` where more came from a cache than was given."""
    cached, given = line.cached_tokens, line.input_tokens
    if cached is not None and given is not None and cached > given:
        said = f"{cached:,} cached tokens of {given:,} input tokens cannot be"
        raise mistake(name, line.number, said, "cached tokens are a part of the input tokens")
    return line


def _buckets(text: str, name: str) -> Iterator[Row]:
    """OpenAI's pages of buckets as the rows that its dashboard would export; `number` counts the buckets."""
    number = 0
    for page in _pages(text, name):
        for bucket in page.get("data", ()):
            number += 1
            if not isinstance(bucket, dict) or "start_time" not in bucket:
                raise mistake(name, number, "is no bucket of OpenAI's usage API", "save its answer as it is")
            about = {key: str(bucket[key]) for key in ("start_time", "end_time") if key in bucket}
            results = bucket.get("results", bucket.get("result")) or [{}]
            for result in results:
                yield Row(name, number, _flat(result) | about)


def _flat(result: dict[str, Any]) -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in result.items():
        if isinstance(value, dict):
            flat |= {f"{key}_{part}": str(inner) for part, inner in value.items()}
        elif value is not None:
            flat[key] = str(value)
    return flat


def _pages(text: str, name: str) -> list[dict[str, Any]]:
    try:
        read = json.loads(text, parse_float=str)
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise mistake(name, line, f"is no JSON: {error}") from error
    pages = read if isinstance(read, list) else [read]
    if not all(isinstance(page, dict) and isinstance(page.get("data"), list) for page in pages):
        raise mistake(name, 1, "holds no pages of buckets", "save the usage API's answer as it is")
    return pages
