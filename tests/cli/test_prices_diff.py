"""`freehold prices diff`: which verdicts flip when the market moves."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import Freehold

pytest.importorskip("numpy")

DEAR = """\
[openai."gpt-4o-mini"]
input_usd_per_million = 100
output_usd_per_million = 300
source = "a test"
as_of = 2026-11-24
"""
ASK = ("--use-case", "support")


@pytest.fixture
def now(folder: Path) -> str:
    (folder / "now.toml").write_text("")
    return "now.toml"


def test_a_dearer_api_flips_the_verdict_and_ends_with_1(freehold: Freehold, folder: Path, now: str) -> None:
    (folder / "dear.toml").write_text(DEAR)
    ended = freehold("prices", "diff", now, "dear.toml", *ASK, "--json")
    assert ended.code == 1
    (said,) = ended.json
    assert (said["old"], said["new"], said["flips"]) == ("rent", "own", True)
    assert said["new_reason"].startswith("Own llama-3.1-8b")
    assert "1 of 1 verdicts flip" in freehold("prices", "diff", now, "dear.toml", *ASK).out


def test_the_same_market_flips_nothing_and_ends_with_0(freehold: Freehold, now: str) -> None:
    ended = freehold("prices", "diff", now, now, *ASK)
    assert ended.code == 0
    assert "No verdict flips" in ended.out


def test_a_model_that_is_gone_is_rented_no_more(freehold: Freehold, folder: Path, now: str) -> None:
    new = folder / "new"
    new.mkdir()
    (new / "retired.toml").write_text('[retired]\n"openai/gpt-4o-mini" = 2020-01-31\n')
    rent = ("--rent", "openai/gpt-4o-mini", "--rent", "openai/gpt-4", "--people-usd-per-month", "0")
    ended = freehold("prices", "diff", now, "new", *ASK, *rent, "--json")
    assert ended.code == 1
    assert ended.json[0]["new"] == "own"
    assert "openai/gpt-4 " in ended.json[0]["new_reason"]


@pytest.mark.parametrize(
    ("text", "says"),
    [("x = [", "no TOML"), ("[retired]\na = 1\n", "table of days"), ('[openai."m"]\nprice = 1\n', "price")],
)
def test_a_market_that_cannot_be_read_ends_with_2(
    freehold: Freehold, folder: Path, now: str, text: str, says: str
) -> None:
    (folder / "bad.toml").write_text(text)
    ended = freehold("prices", "diff", now, "bad.toml", *ASK)
    assert ended.code == 2
    assert says in ended.err
