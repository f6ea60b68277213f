"""OpenAI's costs: the CSV of the dashboard, and the buckets of its API, which hold the same.

The columns are those that platform.openai.com/usage exports under Spend (start_time, end_time,
start_time_iso, end_time_iso, amount_value, amount_currency, line_item, project_id, organization_id, …; an
export of October 2025 was looked at). The buckets are those of `GET /v1/organization/costs` (OpenAI's API
reference, "Costs").

A line item reads `gpt-4o-mini-2024-07-18, input`: the model, then what of it. Where the export was not
grouped by line item, an amount is for all models of the day together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from freehold.costs.bills._buckets import day_of
from freehold.costs.bills.line import BillLine, Read, Unused
from freehold.costs.bills.table import Row, slack_usd

NAME = "openai costs"
PROVIDERS = frozenset({"openai"})


def knows(columns: frozenset[str]) -> bool:
    return {"start_time", "amount_value", "amount_currency"} <= columns


def lines(rows: Iterable[Row]) -> Iterator[Read]:
    for row in rows:
        day = day_of(row)
        amount = row.figure("amount_value")
        if amount is None:
            yield Unused(day)  # a day without use stands in the export as a line without figures
            continue
        if (row.text("amount_currency") or "usd").lower() != "usd":
            raise row.wrong(("amount_currency",), "is not usd", "the ledger counts in USD")
        yield BillLine(
            day=day,
            model=_model(row.text("line_item")),
            number=row.number,
            cost_usd=amount,
            slack_usd=slack_usd(amount),
        )


def _model(line_item: str | None) -> str | None:
    return None if line_item is None else line_item.partition(",")[0].strip()
