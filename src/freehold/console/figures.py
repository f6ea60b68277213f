"""Figures in a person's words: money with its unit, times, tokens. Unknown is said, never shown as 0."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from freehold.wire import Usage

UNKNOWN = "unknown"
_SIGNIFICANT_DIGITS = 3


def money(usd: Decimal | None, *, simulated: bool = False) -> str:
    """`0.0000412 USD`; under a dollar three digits are shown, from there on cents."""
    said = UNKNOWN if usd is None else f"{_rounded(usd)} USD"
    return f"{said} simulated" if simulated else said


def _rounded(usd: Decimal) -> str:
    if usd == 0:
        return "0"
    if abs(usd) >= 1:
        return f"{usd:,.2f}"
    places = _SIGNIFICANT_DIGITS - 1 - usd.adjusted()
    rounded = usd.quantize(Decimal(1).scaleb(-places))
    return f"{rounded.normalize():f}"


def exact(usd: Decimal | None) -> str | None:
    """Every digit, never in scientific notation; for programs."""
    return None if usd is None else f"{usd:f}"


def duration(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms"
    if round(seconds, 2) < 60:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def tokens(usage: Usage | None) -> str:
    """`181 → 24`: in and out."""
    return UNKNOWN if usage is None else f"{usage.input_tokens:,} → {usage.output_tokens:,}"


def moment(at: float) -> str:
    """`2026-11-24 06:21:37`, UTC."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}"


def short_moment(at: float, now: datetime) -> str:
    """A moment without its date where that is today's. UTC."""
    then = datetime.fromtimestamp(at, UTC)
    return f"{then:%H:%M:%S}" if then.date() == now.date() else f"{then:%Y-%m-%d %H:%M}"


def iso(at: float) -> str:
    """ISO 8601 in UTC with milliseconds; for programs."""
    text = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """`1 model`, `2 models`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def sum_of_money(known_usd: Decimal, unknown: int, *, simulated: bool = False) -> str:
    """A sum of which `unknown` parts are not known: a lower bound where any is, unknown where nothing is."""
    if not unknown:
        return money(known_usd, simulated=simulated)
    return f"≥ {money(known_usd, simulated=simulated)}" if known_usd else money(None, simulated=simulated)
