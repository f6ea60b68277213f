"""A decision as one self-contained page for a board: verdict, cost, what would change it, grounds.

Does not know how the decision was reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from freehold.cli.deciding import Decided
from freehold.cli.decision_screen import arrivals
from freehold.console import charts
from freehold.costs.decide import Decision, Spread, sentence, volume

_FONT = "system-ui,sans-serif"
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}
h1{font-size:1.5rem;line-height:1.3}section{break-after:page;margin-bottom:2.5rem}
table{border-collapse:collapse;width:100%;font-size:.88rem}td,th{padding:.3rem .6rem .3rem 0;text-align:left;
border-bottom:1px solid #ddd;vertical-align:top}td.n,th.n{text-align:right}td.n,th.n,td.d{white-space:nowrap}
td:last-child{min-width:6rem}
svg{width:100%}
.faint{color:#555;font-size:.88rem}@media(max-width:40rem){body{margin:1rem auto}}
"""


def board_report(decided: Decided, command: str) -> str:
    """HTML text without anything outside itself. `command` reruns it."""
    decision = decided.decision
    head = escape(sentence(decision))
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>Rent or own</title>'
        f"<style>{_STYLE}{charts.chart_style(charts.PAPER, _FONT)}</style><h1>{head}</h1>"
        f"{_section('The picture', _picture(decision))}{_section('What it costs', _costs(decision))}"
        f"{_section('What would change it', _risks(decision))}"
        f"{_section('What it rests on', _grounds(decided, command))}</html>\n"
    )


def _section(title: str, body: str) -> str:
    return f"<section><h2>{title}</h2>{body}</section>"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: frozenset[int] = frozenset()) -> str:
    def cells(tag: str, row: Sequence[str]) -> str:
        made = (
            f"<{tag}{' class=n' if at in numbers else ''}>{escape(text)}</{tag}>"
            for at, text in enumerate(row)
        )
        return f"<tr>{''.join(made)}</tr>"

    return f"<table>{cells('th', head)}{''.join(cells('td', row) for row in rows)}</table>"


def _picture(decision: Decision) -> str:
    why = escape(decision.ruling.decided_by)
    chart = charts.staircase(decision)
    return f"<p>Decided by: {why}.</p>{charts.svg(chart) if chart else ''}"


def _range(value: Spread) -> str:
    return f"{value.p50:,.6g}" if value.known else f"{value.p10:,.6g} to {value.p90:,.6g}"


def _costs(decision: Decision) -> str:
    rows = [
        (f"rent {item.rented.name}", f"{item.usd_per_month:,.0f}", "", item.rented.price.source)
        for item in decision.rent
    ]
    fleets = (decision.own, *decision.other_fleets[:5]) if decision.own else ()
    for own in fleets:
        usd = own.usd_per_month
        gpus = f"{_range(own.gpus)} GPUs, {_range(own.owned.gpu_usd_per_hour)} USD an hour each"
        rows.append((f"own {own.owned.name}", f"{usd.p50:,.0f}", f"{usd.p10:,.0f} to {usd.p90:,.0f}", gpus))
    return _table(("way", "USD a month", "80 % interval", "by"), rows, frozenset({1, 2}))


def _risks(decision: Decision) -> str:
    scenes = [
        (item.name, item.ruling.verdict, f"{item.own_over_rent.p10:.2g} to {item.own_over_rent.p90:.2g}")
        for item in decision.scenarios
    ]
    swings = [
        (each.name.replace("_", " "), f"{each.at_p10_usd:+,.0f}", f"{each.at_p90_usd:+,.0f}")
        for each in decision.swings[:8]
    ]
    return _table(("if", "then", "own ÷ rent"), scenes, frozenset({2})) + (
        "<h3>USD a month that owning saves, with one assumption at either end</h3>"
        + _table(("assumption", "low", "high"), swings, frozenset({1, 2}))
    )


def _grounds(decided: Decided, command: str) -> str:
    traffic, window = decided.decision.question.traffic, decided.window
    source = "typed or assumed" if window is None else f"{window.source}, {window.days:.3g} days"
    rows = [
        (row.name, _range(row.value), row.source, "yours" if row.overridden else row.as_of.isoformat())
        for row in decided.decision.question.assumed.figures.values()
    ]
    return (
        f"<p>{volume(float(traffic.requests_per_month))} requests a month ({escape(source)}), "
        f"{traffic.input_tokens:.6g} tokens in and {traffic.output_tokens:.6g} out, peak "
        f"{traffic.peak_to_mean:.3g} times the mean{arrivals(decided)}. "
        "Owned capacity is predicted, not measured here. "
        f"Made {decided.at:%Y-%m-%d %H:%M} UTC.</p><p class=faint>Again: <code>{escape(command)}</code></p>"
        + _table(("assumption", "value", "source", "as of"), rows, frozenset({1}))
    )
