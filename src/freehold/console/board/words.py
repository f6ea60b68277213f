"""Figures of a decision in words that all pages of a report share. Does not know the pages."""

from __future__ import annotations

from freehold.costs.decide import OwnedMonth, Spread


def dollars(usd: float) -> str:
    """Whole dollars from a hundred on, cents below."""
    return f"{usd:,.0f}" if abs(usd) >= 100 else f"{usd:,.2f}"


def dollar_range(usd: Spread) -> str:
    return dollars(usd.p50) if usd.known else f"{dollars(usd.p10)} to {dollars(usd.p90)}"


def figure_range(value: Spread) -> str:
    """Three figures at most; one where it is known."""
    if value.known or f"{value.p10:.3g}" == f"{value.p90:.3g}":
        return figure(value.p50)
    return f"{figure(value.p10)} to {figure(value.p90)}"


def figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def whole_range(value: Spread) -> str:
    low, high = round(value.p10), round(value.p90)
    return f"{low}" if low == high else f"{low} to {high}"


def machines(own: OwnedMonth) -> str:
    """`2 to 4 GPUs at 2.50 USD an hour`."""
    noun = "GPU" if own.gpus.p90 == 1 else "GPUs"
    return f"{whole_range(own.gpus)} {noun} at {figure_range(own.owned.gpu_usd_per_hour)} USD an hour"
