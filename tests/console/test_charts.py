"""Charts show what they are given: every figure has its place, and a drawing needs nothing around it."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.console import charts
from freehold.costs import Price, Rates
from freehold.costs.decide import (
    Decision,
    Owned,
    Question,
    Rented,
    Spread,
    Traffic,
    assumptions,
    curves,
    decide,
    rented_people,
)

pytest.importorskip("numpy")

DEAR = Rented("openai/dear", Price(Rates(Decimal(30), Decimal(60)), "a test"))
CHEAP = Rented("openai/cheap", Price(Rates(Decimal("0.1"), Decimal("0.2")), "a test"))
FLEET = Owned("llama", "fp8", "h100", 2, Spread(4.0, 5.0, 6.0), Spread(2.0, 2.5, 3.0))


@pytest.fixture(scope="module")
def decision() -> Decision:
    return decide(
        Question(Traffic(Decimal(10_000), Decimal(500), Decimal(250), 3.0), [DEAR], [FLEET], assumptions())
    )


def drawn(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - our own drawing


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=20))
def test_a_linear_axis_holds_every_value_and_nothing(values: list[float]) -> None:
    axis = charts.linear("USD", values, str)
    assert axis.low <= min(0.0, *values)
    assert axis.high >= max(0.0, *values)
    assert all(0 <= axis.share(value) <= 1 for value in values)
    assert 2 <= len(axis.ticks) <= 9


@given(st.lists(st.floats(1e-6, 1e15), min_size=1, max_size=20))
def test_a_logarithmic_axis_holds_every_value_in_its_order(values: list[float]) -> None:
    axis = charts.logarithmic("requests", values, str)
    assert axis.low <= min(values) * (1 + 1e-9)
    assert axis.high >= max(values) * (1 - 1e-9)
    shares = [axis.share(value) for value in sorted(values)]
    assert shares == sorted(shares)
    assert len(axis.ticks) >= 2


def test_the_staircase_shows_where_owning_begins_to_pay_however_far_that_is(decision: Decision) -> None:
    chart = charts.staircase(decision)
    assert chart is not None
    turn = decision.crossings[0]
    (span,) = chart.spans
    assert (span.low, span.high) == (turn.low, turn.high)
    assert chart.x.low <= turn.low < turn.high <= chart.x.high
    (mark,) = chart.marks
    assert mark.at == 10_000
    own, rent = chart.lines
    assert own.points[0][1] > rent.points[0][1]
    assert own.points[-1][1] < rent.points[-1][1]


def test_rented_rows_carry_the_people_that_renting_takes(decision: Decision) -> None:
    both = decide(replace(decision.question, rented=[DEAR, CHEAP]))
    shown = charts.costs(both, both.rent, [])
    assert shown is not None
    dear, cheap = shown.rows[:2]
    tokens = {item.rented.name: float(item.usd_per_month) for item in both.rent}
    assert dear.middle - tokens["openai/dear"] == pytest.approx(cheap.middle - tokens["openai/cheap"])
    assert cheap.middle > tokens["openai/cheap"]


def test_what_owning_saves_is_cut_in_two_colours_where_it_turns() -> None:
    row = charts.Range("staff", -10.0, 0.0, 30.0, "", None)
    shown = charts.Ranges("", charts.linear("USD", [-10, 30], charts.signed), (row,), turn=0.0)
    bars = {bar.attrib["class"]: bar.attrib for bar in drawn(charts.svg(shown)).iter("rect")}
    assert set(bars) == {"bar rent", "bar own"}
    left, right = bars["bar rent"], bars["bar own"]
    assert float(left["x"]) + float(left["width"]) == pytest.approx(float(right["x"]), abs=0.2)
    assert float(right["width"]) == pytest.approx(3 * float(left["width"]), abs=0.5)


def test_a_drawing_of_its_own_needs_nothing_around_it(decision: Decision) -> None:
    for chart in (
        charts.staircase(decision),
        charts.costs(decision, decision.rent, []),
        charts.load(decision),
        charts.tornado(decision),
    ):
        assert chart is not None
        text = charts.alone(chart)
        root = drawn(text)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert root.attrib["aria-label"] == chart.title
        assert "<style>" in text
        assert not re.search(r"href|url\(|@import|<script", text)
        assert "<style>" not in charts.svg(chart)  # a page's own style, and its dark side, hold there


def test_names_at_the_ends_of_lines_do_not_touch(decision: Decision) -> None:
    chart = charts.staircase(decision)
    assert chart is not None
    level = tuple((at, 100.0) for at, _ in chart.lines[0].points)
    same = replace(chart, lines=tuple(replace(each, points=level) for each in chart.lines), bands=())
    names = [
        each for each in drawn(charts.svg(same)).iter("text") if each.attrib.get("class") in {"own", "rent"}
    ]
    first, second = (float(each.attrib["y"]) for each in names)
    assert abs(first - second) >= 24


def test_the_band_at_todays_volume_is_the_interval_of_the_verdict(decision: Decision) -> None:
    (here,) = curves(decision, [10_000])
    assert decision.own is not None
    assert here.own == decision.own.usd_per_month
    tokens = float(decision.cheapest_rent.usd_per_month)
    assert here.rent.p50 == pytest.approx(tokens + rented_people(decision).p50)


def test_a_name_too_long_for_its_place_is_cut_and_says_so() -> None:
    row = charts.Range("own " + "a-very-long-name-" * 9, 1.0, 2.0, 3.0, "2", "own")
    shown = charts.Ranges("", charts.linear("USD", [3.0], str), (row,))
    (name,) = (
        each.text or ""
        for each in drawn(charts.svg(shown)).iter("text")
        if (each.text or "").startswith("own")
    )
    assert name.endswith("…")
    assert len(name) < len(row.name)
