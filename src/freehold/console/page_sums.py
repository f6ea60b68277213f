"""What the rows of one page add up to. Simulated money apart from real, unknown counted. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from freehold.ledger import Record


@dataclass(frozen=True, slots=True)
class PageSums:
    """Tokens over the rows with usage, money over those whose cost is known."""

    requests: int
    failed: int
    input_tokens: int
    output_tokens: int
    real: int
    cost_usd: Decimal
    unknown_cost_requests: int
    simulated: int
    simulated_cost_usd: Decimal
    simulated_unknown_cost_requests: int


def page_sums(records: Sequence[Record]) -> PageSums:
    real = [record for record in records if not record.simulated]
    simulated = [record for record in records if record.simulated]
    return PageSums(
        requests=len(records),
        failed=sum(record.status >= 400 for record in records),
        input_tokens=sum(record.usage.input_tokens for record in records if record.usage is not None),
        output_tokens=sum(record.usage.output_tokens for record in records if record.usage is not None),
        real=len(real),
        cost_usd=_known(real),
        unknown_cost_requests=sum(record.cost_usd is None for record in real),
        simulated=len(simulated),
        simulated_cost_usd=_known(simulated),
        simulated_unknown_cost_requests=sum(record.cost_usd is None for record in simulated),
    )


def _known(records: Sequence[Record]) -> Decimal:
    return sum((record.cost_usd for record in records if record.cost_usd is not None), Decimal(0))
