"""A rented model's price, and what an answer costs by it. Does not know where a price comes from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from freehold.wire import Usage

_FREE = Decimal(0)
_MILLION = Decimal(1_000_000)

# With these bounds a cost is exact in Decimal's 28 digits up to a thousand million tokens a request.
HIGHEST_USD_PER_MILLION = Decimal(100_000)
MOST_DECIMAL_PLACES = 12


def fault_in(usd_per_million: Decimal) -> str | None:
    """What keeps a figure from being a price, in words that follow its key; `None` for a good one."""
    if not usd_per_million.is_finite():
        return "must be a finite number"
    if usd_per_million < 0:
        return "must not be negative"
    if usd_per_million >= HIGHEST_USD_PER_MILLION:
        return f"must be below {HIGHEST_USD_PER_MILLION} USD per million tokens"
    exponent = usd_per_million.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > MOST_DECIMAL_PLACES:
        return f"must have at most {MOST_DECIMAL_PLACES} decimal places"
    return None


@dataclass(frozen=True, slots=True)
class Rates:
    """USD per million tokens.

    `output_usd_per_million` is `None` where a model has none (embeddings);
    `cached_input_usd_per_million` is `None` where cached tokens have no rate of their own and are billed as
    any input. `tiers` hold the rates for long inputs.
    """

    input_usd_per_million: Decimal
    output_usd_per_million: Decimal | None
    cached_input_usd_per_million: Decimal | None = None
    tiers: tuple[Tier, ...] = ()
    # A token's own price, computed once: `cost` runs for each request.
    input_usd: Decimal = field(init=False, repr=False, compare=False)
    output_usd: Decimal | None = field(init=False, repr=False, compare=False)
    cached_input_usd: Decimal = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("input", "output", "cached_input"):
            figure = getattr(self, f"{name}_usd_per_million")
            fault = None if figure is None else fault_in(figure)
            if fault is not None:
                raise ValueError(f"{name}_usd_per_million {fault}")
            object.__setattr__(self, f"{name}_usd", None if figure is None else figure / _MILLION)
        if self.cached_input_usd_per_million is None:
            object.__setattr__(self, "cached_input_usd", self.input_usd)
        object.__setattr__(self, "tiers", _ascending(self.tiers))

    @property
    def free(self) -> bool:
        """Whether no count of tokens makes it cost anything."""
        input_free = self.input_usd == 0 and self.cached_input_usd == 0
        return input_free and self.output_usd == 0 and all(tier.rates.free for tier in self.tiers)

    def at(self, input_tokens: int) -> Rates:
        """The rates for an input of this length: those of the highest tier that it exceeds."""
        found = self
        for tier in self.tiers:
            if input_tokens <= tier.above_input_tokens:
                break
            found = tier.rates
        return found


@dataclass(frozen=True, slots=True)
class Tier:
    """Rates for *all* tokens of a request whose input is longer than `above_input_tokens`.

    Providers price long contexts so (OpenAI's and Google's price pages): the whole request moves to the
    higher rate, not only the tokens above the threshold.
    """

    above_input_tokens: int
    rates: Rates


def _ascending(tiers: Iterable[Tier]) -> tuple[Tier, ...]:
    return tuple(sorted(tiers, key=lambda tier: tier.above_input_tokens))


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs by the token.

    `batch` is `None` where no batch rates are known. `source` says whose figures these are, `as_of` the day
    when the source says they held (`None` = it does not say).
    """

    standard: Rates
    source: str
    batch: Rates | None = None
    as_of: date | None = None


def cost(usage: Usage | None, price: Price | None, *, batch: bool = False) -> Decimal | None:
    """USD for one answer, exact and not rounded; `None` = unknown.

    Cached tokens, a part of the input, are billed at their own rate. A provider that does not report the
    split gives no cached discount that we could show, so all input is billed as uncached, as its bill would
    read without a cache hit. Reasoning tokens are a part of the output and billed with it.

    Unknown: no usage (unless any would be free), no price, no rate for what was used, or a usage that
    contradicts itself.
    """
    rates = None if price is None else price.batch if batch else price.standard
    if rates is None:
        return None
    if usage is None:
        return _FREE if rates.free else None
    given, cached, made = usage.input_tokens, usage.cached_tokens, usage.output_tokens
    if given < 0 or made < 0:
        return None
    if rates.tiers:
        rates = rates.at(given)
    if not cached:
        total = given * rates.input_usd
    elif 0 < cached <= given:
        total = (given - cached) * rates.input_usd + cached * rates.cached_input_usd
    else:
        return None
    if not made:
        return total
    return None if rates.output_usd is None else total + made * rates.output_usd


def worst_cost(
    input_tokens: int, output_tokens: int, price: Price | None, *, batch: bool = False
) -> Decimal | None:
    """The most that an answer of up to so many tokens can cost, whichever of them turn out cached.

    `None` where `cost` would not know either.
    """
    rates = None if price is None else price.batch if batch else price.standard
    if rates is None or (output_tokens and rates.output_usd is None):
        return None
    if not rates.tiers and rates.cached_input_usd is rates.input_usd:
        return input_tokens * rates.input_usd + output_tokens * (rates.output_usd or 0)
    reached = [rates, *(tier.rates for tier in rates.tiers if tier.above_input_tokens < input_tokens)]
    if output_tokens and any(tier.output_usd is None for tier in reached):
        return None
    return max(
        input_tokens * max(tier.input_usd, tier.cached_input_usd) + output_tokens * (tier.output_usd or 0)
        for tier in reached
    )
