"""A bill against the ledger, model by model and day by day: what agrees, what differs, and by which rows.

Pure: lines of bills and records in, findings out. A difference is *explained* where attempts that the
provider may have billed, and of which nobody here was told the tokens, can make it up: at most one request
each, and for each at most as much as the largest request of that model. Everything else is drift.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from freehold.costs.bills import Bill, BillLine, one_name_each, same_model
from freehold.costs.counted import Asked

Verdict = Literal["agrees", "explained", "unknown", "drift"]
FIGURES = ("requests", "input_tokens", "cached_tokens", "output_tokens", "cost_usd")
_WORST_LAST: tuple[Verdict, ...] = ("agrees", "explained", "unknown", "drift")
_ROWS_KEPT = 100
_ALL = "all models"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of both sides. `None`: the bill does not tell it, or the ledger does not know it."""

    name: str
    bill: Decimal | None
    ledger: Decimal | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Behind:
    """A request behind a difference, and what is odd about it."""

    request_id: str
    why: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One model on one day. `only_in` names the side that alone knows it.

    `maybe_requests` are attempts that may be on the bill; `unknown_cost_requests` have no known cost here.
    `rows` holds the odd ones first, up to a hundred; `rows_in_all` is how many requests stand behind.
    """

    day: date
    model: str
    verdict: Verdict
    figures: tuple[Figure, ...]
    only_in: Literal["bill", "ledger"] | None
    maybe_requests: int
    unknown_cost_requests: int
    rows: tuple[Behind, ...]
    rows_in_all: int
    bill_lines: tuple[str, ...]


@dataclass(slots=True)
class _Cell:
    """What the ledger has of one model on one day."""

    requests: int = 0
    maybe: int = 0
    input_tokens: int = 0
    cached_tokens: int | None = 0
    output_tokens: int = 0
    cost_usd: Decimal = Decimal(0)
    unknown_cost: int = 0
    unknown_usage: int = 0
    odd: list[Behind] = field(default_factory=list)
    plain: list[Behind] = field(default_factory=list)

    def add(self, asked: Asked) -> None:
        if asked.certainty == "maybe":
            self.maybe += 1
        else:
            self.requests += 1
            self._count(asked)
        rows, why = (self.plain, "counted on both sides") if asked.why is None else (self.odd, asked.why)
        if len(rows) < _ROWS_KEPT:
            rows.append(Behind(asked.request_id, why))

    def _count(self, asked: Asked) -> None:
        usage = asked.usage
        if usage is None:
            self.unknown_usage += 1
        else:
            self.input_tokens += usage.input_tokens
            self.output_tokens += usage.output_tokens
            known = self.cached_tokens is not None and usage.cached_tokens is not None
            self.cached_tokens = (self.cached_tokens or 0) + (usage.cached_tokens or 0) if known else None
        if asked.cost_usd is None:
            self.unknown_cost += 1
        else:
            self.cost_usd += asked.cost_usd


class Reconciling:
    """Takes the ledger's attempts one by one, then compares. `percent` is what a figure may be off by."""

    def __init__(self, bills: Iterable[Bill], days: frozenset[date], percent: Decimal = Decimal(0)) -> None:
        self._lines: dict[tuple[date, str], list[tuple[str, BillLine]]] = {}
        self._days = days
        self._percent = percent
        self._cells: dict[tuple[date, str], _Cell] = {}
        self._largest: dict[tuple[str, str], Decimal] = {}
        lines = [(bill.name, line) for bill in bills for line in bill.lines if line.day in days]
        names = one_name_each(line.model for _, line in lines if line.model is not None)
        for bill, line in lines:
            model = _ALL if line.model is None else names[line.model]
            self._lines.setdefault((line.day, model), []).append((bill, line))
        self._theirs = frozenset(names.values())
        self._named: dict[str, str] = {}

    def add(self, asked: Asked) -> None:
        """One attempt of the ledger; those of other days are not looked at."""
        if asked.day not in self._days:
            return
        model = self._model(asked.name)
        for name in (model, _ALL):
            if name == _ALL and (asked.day, _ALL) not in self._lines:
                continue
            self._cells.setdefault((asked.day, name), _Cell()).add(asked)
            self._remember(name, asked)

    def findings(self) -> list[Finding]:
        """By day, then model."""
        keys = sorted({*self._lines, *self._cells})
        bare = {day for day, model in self._lines if model == _ALL}
        told = {day for day, model in self._lines if model != _ALL}
        # Where a day's bill is for all models together, its models have nothing to be compared with.
        return [self._finding(*key) for key in keys if key[1] == _ALL or key[0] in told or key[0] not in bare]

    def _model(self, name: str) -> str:
        if name not in self._named:
            self._named[name] = same_model(name, self._theirs) or name
        return self._named[name]

    def _remember(self, model: str, asked: Asked) -> None:
        usage, largest = asked.usage, self._largest
        figures = {"cost_usd": asked.cost_usd}
        if usage is not None:
            figures |= {
                "input_tokens": Decimal(usage.input_tokens),
                "cached_tokens": Decimal(usage.input_tokens),
                "output_tokens": Decimal(usage.output_tokens),
            }
        for name, figure in figures.items():
            if figure is not None and figure > largest.get((model, name), Decimal(0)):
                largest[model, name] = figure

    def _finding(self, day: date, model: str) -> Finding:
        lines = self._lines.get((day, model), [])
        cell = self._cells.get((day, model))
        only_in: Literal["bill", "ledger"] | None = (
            "bill" if cell is None else "ledger" if not lines else None
        )
        cell = cell or _Cell()
        figures = _Comparison(
            self._percent, self._largest, model, cell, [line for _, line in lines]
        ).figures()
        verdict = _verdict_of(figures, cell, only_in)
        rows = (*cell.odd, *(cell.plain if verdict == "drift" else ()))
        return Finding(
            day=day,
            model=model,
            verdict=verdict,
            figures=figures,
            only_in=only_in,
            maybe_requests=cell.maybe,
            unknown_cost_requests=cell.unknown_cost,
            rows=rows[:_ROWS_KEPT],
            rows_in_all=cell.requests + cell.maybe,
            bill_lines=tuple(f"{name}:{line.number}" for name, line in lines),
        )


def _verdict_of(
    figures: tuple[Figure, ...], cell: _Cell, only_in: Literal["bill", "ledger"] | None
) -> Verdict:
    if only_in == "ledger":  # attempts that may be on a bill need not be
        return "drift" if cell.requests else "agrees"
    if only_in == "bill" and any(figure.bill for figure in figures):
        return "drift"
    return _WORST_LAST[max(_WORST_LAST.index(figure.verdict) for figure in figures)]


@dataclass(frozen=True, slots=True)
class _Comparison:
    """One cell against the lines of the bill for it."""

    percent: Decimal
    largest: dict[tuple[str, str], Decimal]
    model: str
    cell: _Cell
    lines: list[BillLine]

    def figures(self) -> tuple[Figure, ...]:
        unbilled = self.cell.maybe
        found = []
        for name in FIGURES:
            figure = self._figure(name, unbilled)
            if name == "requests" and figure.bill is not None and figure.ledger is not None:
                # the bill says how many requests there were, and so how many of those in doubt it holds
                unbilled = max(0, min(unbilled, int(figure.bill - figure.ledger)))
            found.append(figure)
        return tuple(found)

    def _figure(self, name: str, unbilled: int) -> Figure:
        told = [value for line in self.lines if (value := getattr(line, name)) is not None]
        value = getattr(self.cell, name)
        ledger = None if value is None else Decimal(value)
        if self.lines and not told:
            return Figure(name, None, ledger, "agrees")
        bill = sum((Decimal(value) for value in told), Decimal(0)) if told else None
        if bill is None or ledger is None:  # not compared: a side without the figure contradicts nothing
            return Figure(name, bill, ledger, "agrees")
        return Figure(name, bill, ledger, self._verdict(name, bill, ledger, unbilled))

    def _verdict(self, name: str, bill: Decimal, ledger: Decimal, unbilled: int) -> Verdict:
        slack = abs(bill) * self.percent / 100 + self._rounding(name)
        more = bill - ledger
        if abs(more) <= slack and not self._unknown(name):
            return "agrees"
        largest = Decimal(1) if name == "requests" else self.largest.get((self.model, name), Decimal(0))
        if -slack <= more <= unbilled * largest + slack:
            return "unknown" if self._unknown(name) else "explained"
        return "unknown" if more > 0 and self._unknown(name) else "drift"

    def _unknown(self, name: str) -> int:
        """How many of the ledger's requests lack this figure."""
        if name == "cost_usd":
            return self.cell.unknown_cost
        return 0 if name == "requests" else self.cell.unknown_usage

    def _rounding(self, name: str) -> Decimal:
        if name == "cost_usd":
            return sum((line.slack_usd for line in self.lines if line.cost_usd is not None), Decimal(0))
        return Decimal(0 if name == "requests" else sum(line.slack_tokens for line in self.lines))
