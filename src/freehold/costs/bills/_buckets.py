"""OpenAI's buckets of time: which day of UTC one belongs to. Does not know what is in it."""

from __future__ import annotations

from datetime import date

from freehold.costs.bills.table import Row, mistake

_DAY_SECONDS = 86_400


def day_of(row: Row) -> date:
    """The bucket's day. Raises `ConfigError` where it reaches over midnight."""
    start, end = row.count("start_time"), row.count("end_time")
    if start is None:
        raise mistake(row.file, row.number, "start_time is empty", "every bucket begins at some second")
    if end is not None and end > start // _DAY_SECONDS * _DAY_SECONDS + _DAY_SECONDS:
        raise mistake(
            row.file, row.number, "the bucket reaches over midnight of UTC", "export it by the day (1d)"
        )
    return row.day("start_time")
