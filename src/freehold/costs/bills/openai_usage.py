"""OpenAI's usage: the CSV of the dashboard's activity, and the buckets of its API, which hold the same.

The columns are those that platform.openai.com/usage exports (start_time, end_time, start_time_iso, …,
num_model_requests, model, input_tokens, output_tokens, input_cached_tokens, input_uncached_tokens, …; an
export of October 2025 was looked at). The buckets are those of `GET /v1/organization/usage/completions`
(OpenAI's API reference, "Usage"; cookbook.openai.com/examples/completions_usage_api). There `input_tokens`
include the cached ones. Neither tells money; the costs are an export of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from freehold.costs.bills._buckets import day_of
from freehold.costs.bills.line import BillLine, Read, Unused
from freehold.costs.bills.table import Row

NAME = "openai usage"
PROVIDERS = frozenset({"openai"})


def knows(columns: frozenset[str]) -> bool:
    return {"start_time", "num_model_requests", "input_tokens"} <= columns


def lines(rows: Iterable[Row]) -> Iterator[Read]:
    for row in rows:
        day = day_of(row)
        requests = row.count("num_model_requests")
        if requests is None:
            yield Unused(day)  # a day without use stands in the export as a line without figures
            continue
        yield BillLine(
            day=day,
            model=row.text("model"),
            number=row.number,
            requests=requests,
            input_tokens=row.count("input_tokens"),
            cached_tokens=row.count("input_cached_tokens"),
            output_tokens=row.count("output_tokens"),
        )
