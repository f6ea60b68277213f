"""What a comparison with a bill found, for a person and as JSON. Does not know how it was compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from freehold.cli.figures import counted, exact, money
from freehold.cli.screen import Block, Cell, Column, Meaning, Screen, Table, Word, line
from freehold.costs import Bill, Figure, Finding

_ROWS_SHOWN = 5
_LINES_SHOWN = 40
_WORST_LAST = ("agrees", "explained", "unknown", "drift")
_LOOKS: dict[str, Meaning] = {"agrees": "good", "explained": "odd", "unknown": "odd", "drift": "bad"}
_TITLES = {
    "requests": "requests",
    "input_tokens": "tokens in",
    "cached_tokens": "cached",
    "output_tokens": "tokens out",
    "cost_usd": "USD",
}


def reconciled_shape(
    bills: Sequence[Bill], days: Sequence[date], providers: frozenset[str], findings: Sequence[Finding]
) -> dict[str, Any]:
    """The documented shape of `reconcile --json`."""
    return {
        "verdict": _worst(findings),
        "since": days[0].isoformat(),
        "until": days[-1].isoformat(),
        "providers": sorted(providers),
        "bills": [
            {"name": bill.name, "format": bill.format, "lines": len(bill.lines), "left_out": bill.left_out}
            for bill in bills
        ],
        "findings": [_finding_shape(finding) for finding in findings],
    }


def _finding_shape(finding: Finding) -> dict[str, Any]:
    return {
        "day": finding.day.isoformat(),
        "model": finding.model,
        "verdict": finding.verdict,
        "only_in": finding.only_in,
        "figures": {figure.name: _figure_shape(figure) for figure in finding.figures},
        "maybe_requests": finding.maybe_requests,
        "unknown_cost_requests": finding.unknown_cost_requests,
        "rows": [{"request_id": row.request_id, "why": row.why} for row in finding.rows],
        "rows_in_all": finding.rows_in_all,
        "bill_lines": list(finding.bill_lines),
    }


def _figure_shape(figure: Figure) -> dict[str, Any]:
    is_money = figure.name == "cost_usd"
    bill, ledger, more = (
        exact(amount) if is_money else None if amount is None else int(amount)
        for amount in (figure.bill, figure.ledger, _more(figure))
    )
    return {"bill": bill, "ledger": ledger, "difference": more, "verdict": figure.verdict}


def told(bills: Sequence[Bill], days: Sequence[date], findings: Sequence[Finding]) -> Screen:
    return list(_blocks(bills, days, findings))


def _blocks(bills: Sequence[Bill], days: Sequence[date], findings: Sequence[Finding]) -> Iterator[Block]:
    yield line(*_sentence(days, findings))
    shown = [finding for finding in findings if finding.verdict != "agrees"] or list(findings)
    yield line()
    yield _table(shown[:_LINES_SHOWN])
    if len(shown) > _LINES_SHOWN:
        yield line(f"and {len(shown) - _LINES_SHOWN} more; --json has all of them")
    for finding in shown[:_LINES_SHOWN]:
        if finding.verdict != "agrees":
            yield from _behind(finding)
    for bill in bills:
        if bill.left_out:
            said = counted(bill.left_out, "line")
            yield line(Word(f"{bill.name}: {said} about other services were left out", "faint"))


def _sentence(days: Sequence[date], findings: Sequence[Finding]) -> tuple[Word | str, ...]:
    span = f"{days[0]}" if len(days) == 1 else f"{days[0]} to {days[-1]}"
    verdict = _worst(findings)
    if not findings:
        return (Word("Nothing to compare", "title"), f": neither side has a request on {span}.")
    of = counted(len(findings), "model and day", "models and days")
    off = [finding for finding in findings if finding.verdict == verdict]
    if verdict == "agrees":
        return (Word("The bill agrees with the ledger", "good"), f" on {of}, {span}.")
    if verdict == "explained":
        attempts = counted(sum(finding.maybe_requests for finding in off), "attempt")
        but = f"but for {attempts} that may have been billed and never reached a client"
        return Word("The bill agrees with the ledger", "good"), f" on {of}, {span}, {but}."
    if verdict == "unknown":
        unknown = counted(sum(finding.unknown_cost_requests for finding in off), "request")
        said = f": {unknown} of unknown cost on {span}; mend the prices, then `freehold reprice`."
        return Word("The bill cannot be compared in full", "odd"), said
    return (
        Word("The bill differs from the ledger", "bad"),
        f" on {len(off)} of {of}, {span}: {_drift(off)}.",
    )


def _drift(findings: Sequence[Finding]) -> str:
    """How much, in the figure that people care for most and that the bill tells."""
    for name in ("cost_usd", "input_tokens", "output_tokens", "requests", "cached_tokens"):
        more = Decimal(0)
        for finding in findings:
            more += next((_more(f) or Decimal(0) for f in finding.figures if f.name == name), Decimal(0))
        if more:
            amount = money(abs(more)) if name == "cost_usd" else f"{abs(int(more)):,} {_TITLES[name]}"
            return f"{amount} {'more' if more > 0 else 'less'} on the bill"
    return "what is too much here is missing there"


def _table(findings: Sequence[Finding]) -> Table:
    names = [name for name in _TITLES if any(_of(finding, name).bill is not None for finding in findings)]
    columns = [Column("day", whole=True), Column("model", whole=True), Column("")]
    for name in names:
        columns += [Column(f"{_TITLES[name]}: bill", right=True), Column("ledger", right=True)]
    return Table(tuple(columns), [tuple(_row(finding, names)) for finding in findings])


def _row(finding: Finding, names: Sequence[str]) -> Iterator[Cell]:
    yield finding.day.isoformat()
    yield finding.model
    alone = finding.only_in is not None and finding.verdict != "agrees"  # nothing against nothing agrees
    said = f"only in the {finding.only_in}" if alone else finding.verdict
    yield Word(said, _LOOKS[finding.verdict])
    for name in names:
        figure = _of(finding, name)
        for amount in (figure.bill, figure.ledger):
            text = _amount(amount, is_money=name == "cost_usd")
            yield Word(text, _LOOKS[figure.verdict]) if figure.verdict != "agrees" else text


def _amount(amount: Decimal | None, *, is_money: bool) -> str:
    if amount is None:
        return "–"
    return f"{amount.normalize():f}" if is_money else f"{int(amount):,}"


def _behind(finding: Finding) -> Iterator[Block]:
    yield line()
    yield line(Word(f"{finding.day}, {finding.model}", "strong"), f": {_count(finding)}")
    for row in finding.rows[:_ROWS_SHOWN]:
        yield line(f"{row.request_id}  ", Word(row.why, "faint"), indent=2)
    if finding.bill_lines:
        lines = ", ".join(finding.bill_lines[:_ROWS_SHOWN])
        yield line(Word(f"on the bill: {lines}", "faint"), indent=2)


def _count(finding: Finding) -> str:
    said = f"{counted(finding.rows_in_all, 'request')} in the ledger"
    if finding.maybe_requests:
        said += f", {finding.maybe_requests} of them may be on the bill without a usage here"
    if finding.unknown_cost_requests:
        said += f", {finding.unknown_cost_requests} of unknown cost"
    left = min(len(finding.rows), _ROWS_SHOWN)
    return f"{said}; the {left} to look at first:" if left else f"{said}."


def _of(finding: Finding, name: str) -> Figure:
    return next(figure for figure in finding.figures if figure.name == name)


def _more(figure: Figure) -> Decimal | None:
    if figure.bill is None:
        return None
    return figure.bill - (Decimal(0) if figure.ledger is None else figure.ledger)


def _worst(findings: Sequence[Finding]) -> str:
    return max((finding.verdict for finding in findings), key=_WORST_LAST.index, default="agrees")
