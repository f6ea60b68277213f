"""The months ahead: prices drift, traffic grows, the project is paid at once, money later is worth less.

Owning's saving over the whole horizon and the month in which it has repaid the project, in every world.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from freehold.costs.decide.assumptions import Assumptions
from freehold.costs.decide.owned import Owned
from freehold.costs.decide.spread import Spread, spread_of
from freehold.costs.decide.traffic import Traffic
from freehold.costs.decide.worlds import Score, month, project_usd

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Interval:
    """An 80 % interval and a median of what may be negative, in USD."""

    p10: float
    p50: float
    p90: float


@dataclass(frozen=True, slots=True)
class Horizon:
    """`savings_usd`: of owning over `months`, discounted to today.

    `payback_month` counts from 1, over the worlds that pay back (`pays_back`, a share of all); `None` where
    hardly any does.
    """

    months: int
    savings_usd: Interval
    pays_back: float
    payback_month: Spread | None


def look_ahead(
    traffic: Traffic, usd_per_request: float, owned: Owned, assumed: Assumptions, score: Score
) -> Horizon:
    """Month by month until the horizon's median. Traffic grows by `traffic_factor_per_year`."""
    import numpy as np  # noqa: PLC0415 - an extra, loaded where used

    months = max(1, round(assumed["horizon_months"].p50))
    rent_factor = assumed["rent_price_factor_per_year"].at(score("rent_price_factor_per_year"))
    gpu_factor = assumed["gpu_price_factor_per_year"].at(score("gpu_price_factor_per_year"))
    discount = 1 + assumed["discount_rate_per_year"].at(score("discount_rate_per_year"))
    growth = assumed["traffic_factor_per_year"].p50
    project = project_usd(assumed, score)
    balance = -project
    paid_in = np.full(balance.shape, np.inf)
    for number in range(1, months + 1):
        years = number / 12
        volume = traffic.requests_per_month * Decimal(growth**years)
        priced = month(replace(traffic, requests_per_month=volume), usd_per_request, owned, assumed, score)
        rent = priced.rent_tokens * rent_factor**years + priced.rent_base
        own = priced.own_machines * gpu_factor**years + priced.own_running
        own = own + priced.own_again * rent_factor**years
        balance = balance + (rent - own) / discount**years
        paid_in = np.where((balance >= 0) & np.isinf(paid_in), number, paid_in)
    return _told(months, balance, paid_in)


def _told(months: int, balance: NDArray[np.float64], paid_in: NDArray[np.float64]) -> Horizon:
    import numpy as np  # noqa: PLC0415 - as above

    low, middle, high = (float(value) for value in np.quantile(balance, (0.1, 0.5, 0.9)))
    paid = paid_in[np.isfinite(paid_in) & (balance >= 0)]
    share = len(paid) / len(balance)
    return Horizon(months, Interval(low, middle, high), share, spread_of(paid) if share >= _ENOUGH else None)


_ENOUGH = 0.2  # of all worlds: fewer pay back so seldom that their month says nothing
