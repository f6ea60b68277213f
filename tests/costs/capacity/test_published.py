"""The shipped constants against the published measurements they come from, and the errors that they claim."""

from __future__ import annotations

import os
import tomllib
from importlib.resources import files
from math import log
from pathlib import Path
from statistics import median

import pytest
from bench.capacity.fit import constants_at, fit, free_constants
from bench.capacity.rows import Row, read_rows, say
from tests.conftest import ROOT

from freehold.costs import capacity

SHARED = Path(os.environ.get("FREEHOLD_SHARED", str(ROOT.parent / "shared")))
DATA = SHARED / "data/economics/throughput_public.csv"
FILE = tomllib.loads(files("freehold.costs").joinpath("data/capacity.toml").read_text("utf-8"))
CONSTANTS = capacity.shipped_constants()


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    if not DATA.exists():
        pytest.skip(f"the published measurements are not at {DATA}; FREEHOLD_SHARED says where they are")
    return read_rows(DATA, capacity.shipped_facts(), CONSTANTS)


def test_the_errors_on_what_was_left_out_are_within_the_goals() -> None:
    groups = FILE["error"]["group"]
    assert groups["in_all"] <= 0.15
    assert groups["stated"] <= 0.13
    assert groups["p90"] <= 0.40
    assert groups["tpot"] <= 0.10


def test_the_page_tells_the_errors_of_the_shipped_constants() -> None:
    page = (ROOT / "docs/explanation/capacity.md").read_text("utf-8")
    for way, found in FILE["error"].items():
        (line,) = [line.split() for line in page.splitlines() if line.startswith(f"one {way} ")]
        assert line[2:] == [f"{found[name]:.1%}" for name in ("in_all", "stated", "p90", "tpot")]


def test_the_fitted_constants_are_those_that_may_move_and_stay_near_the_textbook() -> None:
    free = {each.name: each for each in free_constants()}
    assert set(FILE["constants"]) == set(free)
    for name, value in FILE["constants"].items():
        each = free[name]
        assert abs(log(value) - each.centre) <= 4 * each.spread, name


def test_every_published_row_is_answered_and_most_within_the_interval(rows: list[Row]) -> None:
    inside, widths = [], []
    for row in rows:
        asked = capacity.Question(
            model=row.model,
            precision=row.deployment.precision.name,
            gpu=row.gpu,
            gpu_count=row.replicas * row.deployment.gpus,
            input_len=round(row.lengths.input),
            output_len=round(row.lengths.output),
            concurrency=row.concurrency if row.concurrency in {"max", "slo"} else int(row.concurrency),  # type: ignore[arg-type]  # one of the two words
            tp=row.deployment.tp if row.tp_stated else None,
            pp=row.deployment.pp if row.tp_stated else None,
            mode=row.mode,
            framework=row.framework,
        )
        told = capacity.predict(asked, capacity.shipped_facts(), CONSTANTS).output_tokens_per_s
        if row.tokens_per_s is not None:
            inside.append(told.p10 <= row.tokens_per_s <= told.p90)
            widths.append((told.p90 - told.p10) / told.p50)
    assert len(inside) == 988
    assert sum(inside) / len(inside) >= 0.8  # fitted to these, so more than on what is new
    assert sum(widths) / len(widths) <= 0.6


@pytest.mark.slow
@pytest.mark.parametrize("group", ["trtllm10/llama-3.3-70b", "aic/llama-3.1-8b"])
def test_a_group_that_the_fit_never_saw_is_predicted(rows: list[Row], group: str) -> None:
    free = free_constants()
    rest = [row for row in rows if row.group != group]
    found = constants_at(CONSTANTS, free, fit(rest, CONSTANTS, rounds=6).x)
    errors = [
        abs(say(row, found).tokens_per_s / row.tokens_per_s - 1)
        for row in rows
        if row.group == group and row.tokens_per_s is not None
    ]
    assert median(errors) <= 0.15
