"""Figures as people type them: `10M`, `2.5k`, `20%`. Does not know what they count."""

from __future__ import annotations

from decimal import Decimal

import click


class Figure(click.ParamType[Decimal]):
    """A decimal figure, `10000000`, `10_000_000`, `10e6`, `10M`, `2.5k`, `1G`."""

    name = "figure"
    _UNITS = {"k": 3, "m": 6, "g": 9}  # noqa: RUF012 - a constant of the type

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        if isinstance(value, Decimal):
            return value
        text = str(value).strip().replace("_", "").replace(",", "")
        power = self._UNITS.get(text[-1:].lower(), 0)
        try:
            figure = Decimal(text[:-1] if power else text)
        except ArithmeticError:
            self.fail(f"{value!r} is no figure; write 10000000, 10e6 or 10M", param, ctx)
        if not figure.is_finite():
            self.fail(f"{value!r} is no finite figure", param, ctx)
        return figure.scaleb(power)


class Share(Figure):
    """A figure that may be said in per cent: `20%` is 0.2."""

    name = "share"
    _UNITS = {"%": -2}  # noqa: RUF012 - a constant of the type


FIGURE, SHARE = Figure(), Share()
