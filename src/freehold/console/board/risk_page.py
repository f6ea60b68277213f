"""Page 4: what matters most, every assumption, the data's window, and how to make the report again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from freehold.console.board.brief import Brief
from freehold.console.board.sheet import Code, Heading, Page, Part, Picture, Row, Table, Text
from freehold.console.board.words import figure
from freehold.console.charts import tornado
from freehold.costs.decide import Assumption, Spread, assumed, span


def risk_page(brief: Brief) -> Page:
    parts = [*_not_only_money(brief), *_risks(brief), *_assumed(brief), *_again(brief)]
    return Page("Risks, assumptions, how to reproduce", tuple(parts))


def _not_only_money(brief: Brief) -> Iterator[Part]:
    """Ways that a constraint leaves out, and what nobody has said yet."""
    weighed = brief.decision.question.weighed
    rows = [
        Row((each.name, f"out: {each.says}", f"you declared {each.key}"), each.side)
        for each in weighed.removed
    ]
    rows += [Row((each.name, f"ask {each.asks}", f"you declared {each.key}")) for each in weighed.to_ask]
    declared = [
        Row(("all", each.says, f"you declared {each.key}")) for each in brief.decision.question.constraints()
    ]
    if rows or declared:
        yield Heading("What must be")
        yield Table(("model", "says", "by"), (*declared, *rows), wide=(1,))
    if weighed.leaning is not None:
        yield Text(f"You prefer: {weighed.leaning.says}.")


def _risks(brief: Brief) -> Iterator[Part]:
    chart = tornado(brief.decision, most=5)
    if chart is not None:
        yield Heading(
            "What matters most",
            "one assumption at either end of its 80 % interval, the others at their medians",
        )
        yield Picture(chart)


def _assumed(brief: Brief) -> Iterator[Part]:
    yield Heading("What is assumed", "low – middle – high; a row of your own file replaces any of them")
    rows = tuple(_row(row) for row in assumed(brief.decision))
    yield Table(
        ("assumption", "value", "source", "as of"), rows, right=(1,), codes=(0,), small=True, wide=(2,)
    )


def _row(row: Assumption) -> Row:
    dated = row.dated if row.as_of == date.min else row.as_of.isoformat()
    source = f"yours: {row.source}" if row.overridden else row.source
    return Row((row.name, _value(row.value), source, dated))


def _value(value: Spread) -> str:
    if value.known:
        return figure(value.p50)
    return f"{figure(value.p10)} – {figure(value.p50)} – {figure(value.p90)}"


def _again(brief: Brief) -> Iterator[Part]:
    question, seen = brief.decision.question, brief.measured
    window = "none: volumes were typed" if seen is None else f"{span(seen.days)} of {seen.source}"
    yield Heading("How to reproduce")
    yield Text(
        f"Data window: {window}. {question.worlds:,} worlds drawn with seed {question.seed}; the same "
        f"question gives the same figures. Made {brief.at:%Y-%m-%d %H:%M} UTC by {brief.made_by}; prices "
        "and facts are those of that version and day:"
    )
    yield Code(brief.command)
