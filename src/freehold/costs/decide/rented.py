"""What a month of traffic costs at an API, exactly. Does not know what owning costs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from freehold.costs.decide.traffic import SECONDS_A_MONTH, Traffic
from freehold.costs.price import Price, cost
from freehold.errors import ConfigError
from freehold.wire import Usage


@dataclass(frozen=True, slots=True)
class Rented:
    """One model at one provider (`openai/gpt-4o-mini`) and the price that holds for it."""

    name: str
    price: Price
    batch: bool = False

    def usd_per_request(self, traffic: Traffic) -> Decimal:
        """For a request of mean length, exact. The mean length picks the tier where a price has tiers.

        Raises `ConfigError` where the price has no batch or no output rate that is needed.
        """
        rates = self.price.batch if self.batch else self.price.standard
        if rates is None:
            raise ConfigError("rent", f"{self.name} has no batch price", hint="leave --batch out")
        rates = rates.at(int(traffic.input_tokens))
        fresh = traffic.input_tokens - traffic.cached_tokens
        total = fresh * rates.input_usd + traffic.cached_tokens * rates.cached_input_usd
        if not traffic.output_tokens:
            return total
        if rates.output_usd is None:
            raise ConfigError(
                "rent",
                f"{self.name} has no price for output tokens",
                hint="is it an embedding model? ask with 0 output tokens",
            )
        return total + traffic.output_tokens * rates.output_usd

    def usd_per_month(self, traffic: Traffic) -> Decimal:
        """Exact and unrounded."""
        return traffic.requests_per_month * self.usd_per_request(traffic)

    def usd_in_trace(self, used: Iterable[tuple[Usage, int]]) -> Decimal:
        """The exact sum over all rows, each at its own tier; `used` counts rows that are alike.

        Raises `ConfigError` at usage without a cost.
        """
        total = Decimal(0)
        for usage, times in used:
            usd = cost(usage, self.price, batch=self.batch)
            if usd is None:
                raise ConfigError("rent", f"{self.name} has no price for {usage}")
            total += usd * times
        return total


@dataclass(frozen=True, slots=True)
class Host:
    """Somebody who rents out the open weights of `model`."""

    rented: Rented
    model: str


def scaled_to_month(usd_in_trace: Decimal, span_seconds: Decimal) -> Decimal:
    """A trace's cost, for a month of 730 hours of the same traffic. Raises `ConfigError` on no span."""
    if span_seconds <= 0:
        raise ConfigError(
            "trace",
            "the trace spans no time, so it cannot be scaled to a month",
            hint="give --requests-per-month beside it",
        )
    return usd_in_trace * SECONDS_A_MONTH / span_seconds
