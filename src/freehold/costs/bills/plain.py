"""Our own format, for bills that have none: a line a day and model, the columns named as in the ledger.

    date,model,requests,input_tokens,cached_tokens,output_tokens,cost_usd
    2026-11-24,gpt-4o-mini,120,48000,1200,9000,0.0126

`date` and `model` are needed, and one figure; a column that is left out, or empty, is not compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from freehold.costs.bills.line import BillLine, Read
from freehold.costs.bills.table import Row, slack_usd

NAME = "plain"
PROVIDERS: frozenset[str] = frozenset()
FIGURES = ("requests", "input_tokens", "cached_tokens", "output_tokens", "cost_usd")


def knows(columns: frozenset[str]) -> bool:
    return {"date", "model"} <= columns and not columns.isdisjoint(FIGURES)


def lines(rows: Iterable[Row]) -> Iterator[Read]:
    for row in rows:
        if row.text("model") is None:
            raise row.wrong(("model",), "names no model")
        cost = row.figure("cost_usd")
        yield BillLine(
            day=row.day("date"),
            model=row.text("model"),
            number=row.number,
            requests=row.count("requests"),
            input_tokens=row.count("input_tokens"),
            cached_tokens=row.count("cached_tokens"),
            output_tokens=row.count("output_tokens"),
            cost_usd=cost,
            slack_usd=slack_usd(cost),
        )
