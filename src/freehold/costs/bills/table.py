"""A table of text, cell by cell, with the line to name when one is wrong. Does not know any format."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from freehold.errors import ConfigError

_LONGEST_CELL_SHOWN = 40
_FINEST_USD, _COARSEST_USD = Decimal("0.000001"), Decimal("0.005")
_MOST = Decimal(10) ** 15
_DIGITS_OF_A_DAY = 8  # 20261124; more are seconds since 1970


def mistake(name: str, number: int, message: str, hint: str | None = None) -> ConfigError:
    """A bill that cannot be read, at the line where it shows."""
    return ConfigError(f"{name}:{number}", message, hint=hint)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table. Columns are asked for by any of their names, in lower case."""

    file: str
    number: int
    cells: Mapping[str, str]

    def text(self, *names: str) -> str | None:
        """The first of these cells that holds something."""
        for name in names:
            if self.cells.get(name, ""):
                return self.cells[name]
        return None

    def count(self, *names: str) -> int | None:
        """A whole number that is not negative. `10.0` is one: spreadsheets write it so."""
        figure = self.figure(*names)
        if figure is None:
            return None
        if figure != figure.to_integral_value() or figure < 0:
            raise self.wrong(names, "is no whole number that is not negative")
        return int(figure)

    def figure(self, *names: str) -> Decimal | None:
        text = self.text(*names)
        if text is None:
            return None
        try:
            figure = Decimal(text)
        except InvalidOperation:
            figure = Decimal("NaN")
        if not figure.is_finite() or abs(figure) > _MOST:
            raise self.wrong(names, "is no number", "write 1234.56, without separators of thousands")
        return figure

    def day(self, *names: str) -> date:
        """A day of UTC: `2026-11-24`, a time on it, Unix seconds, or `11/24/2026` as Azure writes it."""
        text = self.text(*names)
        if text is None:
            raise mistake(self.file, self.number, f"{names[0]} is empty", "every line needs its day")
        try:
            if "/" in text:
                return datetime.strptime(text.partition(" ")[0], "%m/%d/%Y").replace(tzinfo=UTC).date()
            seconds = text.isdigit() and len(text) > _DIGITS_OF_A_DAY
            moment = datetime.fromtimestamp(int(text), UTC) if seconds else datetime.fromisoformat(text)
        except (ValueError, OverflowError):
            raise self.wrong(names, "is no day", "write 2026-11-24; days are those of UTC") from None
        return (moment if moment.tzinfo is None else moment.astimezone(UTC)).date()

    def wrong(self, names: tuple[str, ...], why: str, hint: str | None = None) -> ConfigError:
        named = next((name for name in names if self.cells.get(name, "")), names[0])
        shown = (self.text(*names) or "")[:_LONGEST_CELL_SHOWN]
        return mistake(self.file, self.number, f"{named} {shown!r} {why}", hint)


def slack_usd(amount: Decimal | None) -> Decimal:
    """By how much an amount may be off as written: half of its last digit, within a cent and a millionth.

    A bill drops trailing zeros, so that few digits do not mean a coarse amount; no bill rounds beyond cents.
    """
    exponent = Decimal(0).as_tuple().exponent if amount is None else amount.as_tuple().exponent
    half = Decimal(5).scaleb(exponent - 1) if isinstance(exponent, int) else _COARSEST_USD
    return max(_FINEST_USD, min(half, _COARSEST_USD))


def rows_of(text: str, name: str) -> Iterator[Row]:
    """The lines under the header, by its columns in lower case. Comma, semicolon or tab.

    Raises `ConfigError` where a line has more cells than the header has columns.
    """
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = [column.strip().lower() for column in next(reader)]
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(columns):
                said = f"has {len(cells)} cells, the header has {len(columns)} columns"
                raise mistake(name, reader.line_num, said, "quote what holds a comma")
            yield Row(name, reader.line_num, dict(zip(columns, (c.strip() for c in cells), strict=False)))
    except csv.Error as error:
        raise mistake(name, reader.line_num, f"is no CSV: {error}") from error


def header_of(text: str) -> frozenset[str]:
    """The columns' names, in lower case."""
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        return frozenset(c.strip().lower() for c in next(csv.reader([head], delimiter=delimiter), []))
    except csv.Error:
        return frozenset()
