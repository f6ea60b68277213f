"""A provider's bill as traffic: how much it was asked, and how long its requests were on average.

A bill counts days, so it says nothing of the hours: the peak stays an assumption. Does not read files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from freehold.costs.bills import Bill, BillLine, one_name_each, repeated, same_model
from freehold.costs.decide.traffic import HOURS_A_MONTH
from freehold.errors import ConfigError

_HOURS_A_DAY = 24


@dataclass(frozen=True, slots=True)
class Billed:
    """Sums over `days` days of UTC. `requests` and `usd` are `None` where the export does not tell them.

    `repeated` lines say what one before them says too.
    """

    days: int
    requests: int | None
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    usd: Decimal | None
    repeated: int = 0

    def a_month(self, counted: int) -> Decimal:
        """For a month of 730 hours."""
        return Decimal(counted * HOURS_A_MONTH) / (self.days * _HOURS_A_DAY)

    def requests_per_month(self, said: Decimal | None) -> Decimal:
        """As counted, unless somebody `said` how many. Raises `ConfigError` where nobody knows."""
        if said is not None:
            return said
        if not self.requests:
            raise ConfigError(
                "usage",
                "this bill counts no requests",
                hint="say --requests-per-month; their lengths follow from the bill's tokens",
            )
        return self.a_month(self.requests)

    def tokens_a_request(self, tokens: int, requests_per_month: Decimal) -> Decimal:
        """The mean: by the bill's own requests where it counts them."""
        if self.requests:
            return Decimal(tokens) / self.requests
        if requests_per_month <= 0:
            raise ConfigError("requests_per_month", f"{requests_per_month} cannot be", hint="say how many")
        return self.a_month(tokens) / requests_per_month


def billed(bill: Bill, models: Sequence[str]) -> Billed:
    """The lines of these models (of the only one, where none is named) added up.

    Raises `ConfigError` where the bill has several models and none is named, one that it does not have, or
    no tokens.
    """
    names = one_name_each(line.model for line in bill.lines if line.model is not None)
    wanted = set(_wanted(sorted(set(names.values())), models))
    lines = [line for line in bill.lines if line.model is not None and names[line.model] in wanted]
    given, made = _sum(lines, "input_tokens"), _sum(lines, "output_tokens")
    if given is None:
        raise ConfigError(
            "usage",
            f"{bill.name} tells no tokens",
            hint="export the usage, not the costs; or type the lengths",
        )
    usd = [line.cost_usd for line in lines if line.cost_usd is not None]
    return Billed(
        days=len(bill.days),
        requests=_sum(lines, "requests"),
        input_tokens=given,
        cached_tokens=sum(line.cached_tokens for line in lines if line.cached_tokens is not None),
        output_tokens=0 if made is None else made,
        usd=sum(usd, Decimal(0)) if usd else None,
        repeated=len(repeated(lines)),
    )


def _wanted(known: Sequence[str], models: Sequence[str]) -> list[str]:
    if not models and len(known) != 1:
        what = "names no model" if not known else f"is about {len(known)} models: {', '.join(known)}"
        raise ConfigError("usage", f"the bill {what}", hint="--usage-model NAME says which to compare")
    found = []
    for name in models or known:
        same = same_model(name, known)
        if same is None:
            raise ConfigError(
                "usage_model", f"the bill has no {name!r}", hint=f"it is about {', '.join(known) or 'none'}"
            )
        found.append(same)
    return found


def _sum(lines: Sequence[BillLine], name: str) -> int | None:
    counts = [count for count in (getattr(line, name) for line in lines) if count is not None]
    return sum(counts) if counts else None
