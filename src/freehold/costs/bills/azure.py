"""Azure's cost and usage details, as Cost Management exports them or the portal downloads them.

The columns are those of "Understand cost details fields" (learn.microsoft.com/azure/cost-management-billing/
automate/understand-usage-details-fields) and of the older pay-as-you-go schema (…/dataset-schema/
cost-usage-details-pay-as-you-go, with UsageDateTime, UsageQuantity and PreTaxCost). A charge is by the day
and meter. The meters of models are named `gpt-4o-mini-0718-Inp-glbl Tokens`, `gpt 4o mini 0718 cached Inp
glbl Tokens`, `GPT 5 Mini outpt Glbl 1M Tokens` (Azure's retail prices, prices.azure.com): model, direction,
where it runs. `Quantity` counts in the `UnitOfMeasure`, thousands of tokens where it says nothing.

Cached input has a meter of its own and is added to the input, as the ledger counts it. There are no requests
in these files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from freehold.costs.bills.line import BillLine, LeftOut, Read
from freehold.costs.bills.table import Row, slack_usd

NAME = "azure"
PROVIDERS = frozenset({"azure"})

_DAY = ("date", "usagedate", "usagedatetime")
_QUANTITY = ("quantity", "usagequantity", "consumedquantity")
_USD = ("costinusd", "costusd", "pretaxcostusd")
_COST = ("costinbillingcurrency", "cost", "pretaxcost")
_CURRENCY = ("billingcurrency", "billingcurrencycode", "currency", "currencycode")

_INPUT = frozenset({"inp", "inpt", "input", "in"})
_OUTPUT = frozenset({"outp", "outpt", "output", "opt", "out"})
_CACHED = frozenset({"cached", "cchd", "cd", "cache"})
_WHERE = frozenset(
    {"glbl", "gl", "global", "regnl", "rgnl", "regional", "dzone", "dz", "data", "zone", "batch"}
)
_WORDS = re.compile(r"[a-z0-9.]+")
_UNITS = {"": Decimal(1), "k": Decimal(1000), "m": Decimal(1_000_000)}
_IN_UNITS = re.compile(r"(\d+)\s*([km]?)\b", re.IGNORECASE)
_TOKENS_WHERE_UNSAID = Decimal(1000)


def knows(columns: frozenset[str]) -> bool:
    return (
        "metername" in columns
        and not columns.isdisjoint(_DAY)
        and not columns.isdisjoint((*_QUANTITY, *_COST, *_USD))
    )


def lines(rows: Iterable[Row]) -> Iterator[Read]:
    for row in rows:
        meter = row.text("metername") or ""
        model, direction = _read(meter)
        if "token" not in meter.lower() or not model or direction is None:
            yield LeftOut()
            continue
        tokens = _tokens(row, meter)
        cost = _cost_usd(row)
        yield BillLine(
            day=row.day(*_DAY),
            model=model,
            number=row.number,
            input_tokens=0 if direction == "output" else tokens,
            cached_tokens=tokens if direction == "cached" else 0,
            output_tokens=tokens if direction == "output" else 0,
            cost_usd=cost,
            slack_usd=slack_usd(cost),
            slack_tokens=1,
        )


def _read(meter: str) -> tuple[str, str | None]:
    """The model's words and `input`, `cached` or `output`; `None` where a meter counts neither."""
    words = _WORDS.findall(meter.lower())
    direction = None
    if not _OUTPUT.isdisjoint(words):
        direction = "output"
    elif not _INPUT.isdisjoint(words):
        direction = "input" if _CACHED.isdisjoint(words) else "cached"
    said = _INPUT | _OUTPUT | _CACHED | _WHERE
    kept = [word for word in words if word not in said]
    while kept and _is_unit(kept[-1]):
        kept.pop()
    return " ".join(kept), direction


def _is_unit(word: str) -> bool:
    return word in ("token", "tokens", "tkn", "tkns") or re.fullmatch(r"1[km]|1000", word) is not None


def _tokens(row: Row, meter: str) -> int | None:
    quantity = row.figure(*_QUANTITY)
    if quantity is None:
        return None
    said = _IN_UNITS.search(row.text("unitofmeasure", "unit") or "")
    if said is None and re.search(r"\b1m\b", meter, re.IGNORECASE):
        said = _IN_UNITS.search("1M")
    unit = _TOKENS_WHERE_UNSAID if said is None else int(said[1]) * _UNITS[said[2].lower()]
    return int((quantity * unit).to_integral_value())


def _cost_usd(row: Row) -> Decimal | None:
    """In USD, if the charge is told in it."""
    usd = row.figure(*_USD)
    if usd is not None:
        return usd
    if (row.text(*_CURRENCY) or "usd").lower() == "usd":
        return row.figure(*_COST)
    if (row.text("pricingcurrency", "pricingcurrencycode") or "").lower() == "usd":
        return row.figure("costinpricingcurrency")
    return None
