"""The page for a board says what the terminal says, and needs nothing outside itself."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from tests.cli.conftest import Freehold

from freehold.costs import Price, Rates
from freehold.costs.decide import Owned, Question, Rented, Spread, Traffic, assumptions, curves, decide

pytest.importorskip("numpy")

ASK = ("decide", "--use-case", "support", "--requests-per-month", "10M", "--rent", "openai/gpt-4o")
OWN = ("--own", "llama-3.1-8b", "--gpu", "h100", "--gpu-usd-per-hour", "2.5")


def test_the_page_begins_with_the_verdict_and_loads_nothing(freehold: Freehold, folder: Path) -> None:
    said = freehold(*ASK, *OWN, "--html", "board.html", "--json").json
    page = (folder / "board.html").read_text("utf-8")
    head = re.search("<h1>(.*?)</h1>", page)
    assert head is not None
    assert unescape(head[1]) == said["reason"]
    assert not re.search(r"(src|href)\s*=|url\(|@import|<script", page)
    for row in said["assumptions"]:
        assert row["name"] in page


def test_the_picture_steps_and_crosses_and_marks_today(freehold: Freehold, folder: Path) -> None:
    freehold(*ASK, *OWN, "--html", "board.html")
    drawn = re.search("<svg.*</svg>", (folder / "board.html").read_text("utf-8"))
    assert drawn is not None
    svg = ET.fromstring(drawn[0])  # noqa: S314 - our own drawing
    lines = {}
    for each in svg.iter("polyline"):
        pairs = (pair.split(",") for pair in each.attrib["points"].split())
        lines[each.attrib["class"]] = [float(y) for _, y in pairs]
    above = [own < rent for own, rent in zip(lines["own"], lines["rent"], strict=True)]
    assert above[0]  # dearer at little traffic (y grows downwards)
    assert not above[-1]
    assert len(set(lines["own"])) > 5
    assert "today: 10 million" in drawn[0]


def test_a_page_that_cannot_be_written_ends_with_2(freehold: Freehold) -> None:
    ended = freehold(*ASK, *OWN, "--html", "nowhere/board.html")
    assert ended.code == 2
    assert "cannot be written" in ended.err


def test_the_band_at_todays_volume_is_the_interval_of_the_verdict() -> None:
    machines = Owned("llama", "fp8", "h100", 2, Spread(4.0, 5.0, 6.0), Spread(2.0, 2.5, 3.0))
    rented = Rented("openai/dear", Price(Rates(Decimal(30), Decimal(60)), "a test"))
    traffic = Traffic(Decimal(10_000_000), Decimal(500), Decimal(250), 3.0)
    decision = decide(Question(traffic, [rented], [machines], assumptions()))
    (here,) = curves(decision, [10_000_000])
    assert decision.own is not None
    assert here.own == decision.own.usd_per_month
    assert here.rent.p50 >= 300_000
