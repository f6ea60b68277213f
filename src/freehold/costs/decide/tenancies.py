"""What an hour of a GPU costs by how it is had: on demand, reserved, spot, bought. Does not know fleets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from freehold.costs.capacity import Facts, GpuPrice
from freehold.costs.decide.assumptions import Assumptions
from freehold.costs.decide.owned import Tenancy
from freehold.costs.decide.spread import Spread, spread_of
from freehold.costs.decide.worlds import drawn
from freehold.engine.sizing import find_gpu

_HOURS_A_YEAR: Final = 8760
_HOURS_A_MONTH: Final = 730
# The purchase price among the assumptions is this card's; of others a purchase is priced if somebody says so.
_PRICED: Final = "H100"
_PRICED_WATTS: Final = 700.0
_OFFERS: Final[Mapping[Tenancy, Callable[[GpuPrice], Decimal | None]]] = {
    "on-demand": lambda row: row.usd_per_hour,
    "reserved": lambda row: row.reserved_1y_usd_per_hour,
    "spot": lambda row: row.spot_usd_per_hour,
}


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of one GPU in USD, who says so and when (the oldest of several)."""

    usd: Spread
    source: str
    as_of: date | None = None


def hourly(gpu: str, facts: Facts, assumed: Assumptions) -> dict[Tenancy, Hour]:
    """USD for an hour of one GPU, by each tenancy that somebody offers or that can be reckoned.

    Of the market each provider counts once, with its cheapest offer; the spread is that between providers.
    Raises `FreeholdError` on a GPU that nobody knows.
    """
    card = find_gpu(gpu, facts.gpus)
    rows = [row for row in facts.gpu_prices if row.gpu == card.name]
    found: dict[Tenancy, Hour] = {}
    for tenancy, offer in _OFFERS.items():
        hour = _market(rows, offer)
        if hour is not None:
            found[tenancy] = hour
    if card.name == _PRICED or assumed.figures["purchase_usd_per_gpu"].overridden:
        price = assumed.figures["purchase_usd_per_gpu"]
        source = "reckoned from purchase, power and hosting as assumed here"
        found["bought"] = Hour(bought(assumed, card.watts), source, price.as_of)
    return found


def _market(rows: Sequence[GpuPrice], offer: Callable[[GpuPrice], Decimal | None]) -> Hour | None:
    cheapest: dict[str, tuple[Decimal, date | None]] = {}
    for row in rows:
        usd = offer(row)
        if usd is not None and (row.provider not in cheapest or usd < cheapest[row.provider][0]):
            cheapest[row.provider] = usd, row.as_of
    if not cheapest:
        return None
    import numpy as np  # noqa: PLC0415 - an extra, loaded where used

    spread = spread_of(np.array(sorted(float(usd) for usd, _ in cheapest.values())))
    who = ", ".join(sorted(cheapest))
    days = [day for _, day in cheapest.values() if day is not None]
    return Hour(spread, f"the list of GPU prices, the cheapest offer of each: {who}", min(days, default=None))


def bought(assumed: Assumptions, watts: float) -> Spread:
    """An hour of a card of one's own: its price less what it resells for, power, its place in a hall.

    Annuity and sinking fund as in any textbook on engineering economics (capital recovery factor).
    """
    score = drawn()
    figure = {name: row.value.at(score(name)) for name, row in assumed.figures.items()}
    rate, life = figure["discount_rate_per_year"], figure["life_years"]
    growth = (1 + rate) ** life
    recovery, sinking = rate * growth / (growth - 1), rate / (growth - 1)
    price = figure["purchase_usd_per_gpu"]
    capital = price * (recovery - figure["residual_share"] * sinking) / _HOURS_A_YEAR
    kilowatts = figure["power_kw_per_gpu"] * watts / _PRICED_WATTS
    power = kilowatts * figure["pue"] * figure["usd_per_kwh"]
    return spread_of(capital + power + figure["hosting_usd_per_gpu_per_month"] / _HOURS_A_MONTH)
