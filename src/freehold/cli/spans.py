"""Spans of time and amounts of money as options take them. Does not know what they are for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from re import fullmatch
from typing import Any

import click

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Span(click.ParamType[timedelta]):
    """A length of time: `30m`, `24h`, `90d`."""

    name = "span"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        span = read_span(value)
        if span is None:
            self.fail(f"{value!r} is no length of time; write 30m, 24h, 90d", param, ctx)
        return span


class Until(click.ParamType[datetime]):
    """A point in time to come, UTC: `90d` from now, or `2027-01-31`, which is its beginning."""

    name = "until"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        now = datetime.now(UTC)
        try:
            span = read_span(value)
            moment = datetime.fromisoformat(value) if span is None else now + span
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no point in time; write 90d, or a date: 2027-01-31", param, ctx)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        if moment <= now:
            self.fail(f"{value!r} is past", param, ctx)
        return moment


class Usd(click.ParamType[Decimal]):
    """An amount in USD, above zero."""

    name = "usd"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        try:
            amount = Decimal(value)
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or not 0 < amount <= _MOST_USD:
            self.fail(f"{value!r} is no amount in USD; write 25 or 0.50", param, ctx)
        return amount


_MOST_USD = Decimal(1_000_000_000)


def read_span(text: str) -> timedelta | None:
    """`24h` as what it is, `None` for anything else."""
    written = fullmatch(r"(\d{1,6})([smhdw])", text)
    return None if written is None else timedelta(**{_UNITS[written[2]]: int(written[1])})
