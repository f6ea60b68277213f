"""`freehold prices`: facts by name, each with its source and date, old ones and one's own marked."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.cli.conftest import Freehold

from freehold.costs import capacity


def test_a_rented_model_is_looked_up_with_its_source(freehold: Freehold) -> None:
    said = freehold("prices", "openai/gpt-4o-mini", "--json").json
    (row,) = said["api"]
    assert Decimal(row["input_usd_per_million"]) == Decimal("0.15")
    assert Decimal(row["output_usd_per_million"]) == Decimal("0.6")
    assert "genai-prices" in row["source"]


def test_a_gpu_comes_with_what_its_hours_cost(freehold: Freehold) -> None:
    said = freehold("prices", "NVIDIA H100 80GB", "--json").json
    assert [row["name"] for row in said["gpus"]] == ["H100"]
    assert said["gpus"][0]["watts"] == 700
    assert said["gpu_prices"]
    assert {row["gpu"] for row in said["gpu_prices"]} == {"H100"}
    assert all(Decimal(row["usd_per_hour"]) > 0 and row["source"] for row in said["gpu_prices"])


def test_a_provider_lists_its_gpus(freehold: Freehold) -> None:
    said = freehold("prices", "nebius", "--json").json
    assert {row["provider"] for row in said["gpu_prices"]} == {"nebius"}
    assert {"H100", "H200", "B200"} <= {row["gpu"] for row in said["gpu_prices"]}


def test_an_open_model_is_shown_with_its_licence(freehold: Freehold) -> None:
    ended = freehold("prices", "meta-llama/Llama-3.1-70B-Instruct")
    assert ended.code == 0
    assert "700 million monthly users" in ended.out
    assert "70.6 B" in ended.out


def test_whole_tables_are_listed(freehold: Freehold) -> None:
    said = freehold("prices", "--json").json
    facts = capacity.shipped_facts()
    assert len(said["gpus"]) == len(facts.gpus)
    assert len(said["models"]) == len(facts.models)
    assert len(said["gpu_prices"]) == len(facts.gpu_prices)
    assert [row["name"] for row in freehold("prices", "models", "--json").json["models"]] == list(
        facts.models
    )


def test_every_price_is_of_a_gpu_that_is_known() -> None:
    facts = capacity.shipped_facts()
    assert {price.gpu for price in facts.gpu_prices} <= set(facts.gpus)


def test_a_price_without_a_date_is_stale_and_says_so(freehold: Freehold) -> None:
    rows = freehold("prices", "lambda", "--json").json["gpu_prices"]
    assert all(row["as_of"] is None and row["stale"] for row in rows)
    assert "unknown stale" in freehold("prices", "lambda").out


@pytest.mark.parametrize(("year", "stale"), [(2000, True), (2999, False)])
def test_age_is_told_from_the_date(year: int, *, stale: bool, freehold: Freehold, tmp_path: Path) -> None:
    facts = tmp_path / "facts.toml"
    facts.write_text(
        '[[gpu_prices]]\nprovider = "us"\ngpu = "H100"\nusd_per_hour = "1.10"\n'
        f'source = "our invoice"\nas_of = {year}-01-01\n'
    )
    (row,) = freehold("prices", "us", "--facts", str(facts), "--json").json["gpu_prices"]
    assert (row["stale"], row["own"], row["usd_per_hour"]) == (stale, True, "1.10")


def test_ones_own_price_replaces_the_products(freehold: Freehold, tmp_path: Path) -> None:
    facts = tmp_path / "facts.toml"
    facts.write_text(
        '[[gpu_prices]]\nprovider = "verda"\nregion = "FIN-02"\ngpu = "H100"\nusd_per_hour = "1.99"\n'
        'source = "our contract"\nas_of = 2026-11-01\n'
    )
    said = freehold("prices", "verda", "--facts", str(facts), "--json").json["gpu_prices"]
    assert [row["usd_per_hour"] for row in said if row["gpu"] == "H100"] == ["1.99"]
    assert "yours" in freehold("prices", "verda", "--facts", str(facts)).out


def test_a_name_that_nobody_knows_is_told_and_is_a_finding(freehold: Freehold) -> None:
    ended = freehold("prices", "h100", "nobody/nothing")
    assert ended.code == 1
    assert "unknown: nobody/nothing" in ended.out
    assert "3,350" in ended.out


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('provider = "x"\ngpu = "H100"\nsource = "s"\nas_of = 2026-01-01', "usd_per_hour: is missing"),
        ('provider = "x"\nusd_per_hour = "1"\nsource = "s"\nas_of = 2026-01-01', "gpu: is missing"),
        ('provider = "x"\ngpu = "H100"\nusd_per_hour = "-1"\nsource = "s"', "no price for an hour"),
        ('provider = "x"\ngpu = "H100"\nusd_per_hour = "NaN"\nsource = "s"', "no price for an hour"),
        ('provider = "x"\ngpu = "H100"\nusd = "1"\nsource = "s"', "usd: is no fact"),
    ],
)
def test_a_wrong_price_of_ones_own_is_told_with_its_row(
    row: str, said: str, freehold: Freehold, tmp_path: Path
) -> None:
    facts = tmp_path / "facts.toml"
    facts.write_text(f"[[gpu_prices]]\n{row}\n")
    ended = freehold("prices", "--facts", str(facts))
    assert ended.code == 2
    assert "gpu_prices[1]" in ended.err
    assert said in ended.err
