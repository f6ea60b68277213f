"""`freehold decide`, as a tech lead and as a program ask it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numpy")

TYPED = ["--requests-per-month", "10M", "--input-tokens", "500", "--output-tokens", "250"]
RENT = ["--rent", "openai/gpt-4o-mini", "--rent", "openai/gpt-4"]
OWN = ["--own", "llama-3.1-8b", "--precision", "fp8", "--gpu", "h100", "--gpu-usd-per-hour", "2.5"]
Freehold = Callable[..., Any]


def test_typed_volumes_give_the_documented_shape(freehold: Freehold) -> None:
    answer = freehold("decide", *TYPED, *RENT, *OWN, "--people-usd-per-month", "0", "--json").json
    assert {item["model"]: Decimal(item["usd_per_month"]) for item in answer["rent"]} == {
        "openai/gpt-4o-mini": 2250,
        "openai/gpt-4": 300_000,
    }
    gpus, usd = answer["own"]["gpus"], answer["own"]["usd_per_month"]
    assert gpus["p10"] <= gpus["p50"] <= gpus["p90"]
    for quantile in ("p10", "p50", "p90"):
        assert Decimal(usd[quantile]) == Decimal("2.5") * 730 * gpus[quantile]
    assert answer["verdict"] in {"rent", "own", "hybrid", "unclear"}
    assert answer["reason"]
    for low, high in answer["break_even_requests_per_month"]:
        assert 0 <= low <= high
    assert answer["alternatives"]


def test_the_screen_begins_with_the_verdict(freehold: Freehold) -> None:
    screen = freehold("decide", *TYPED, *RENT, *OWN)
    assert screen.code == 0
    assert screen.out.splitlines()[0].startswith(("Keep renting", "Own", "Neither"))
    assert "genai-prices" in screen.out


def test_a_traces_rented_cost_is_the_sum_over_its_rows(freehold: Freehold, tmp_path: Path) -> None:
    trace = tmp_path / "trace.csv"
    trace.write_text("t_ms,input_tokens,output_tokens\n0,1000,100\n60000,500,0\n3600000,10,1\n")
    answer = freehold("decide", "--trace", str(trace), "--rent", "openai/gpt-4o-mini", *OWN, "--json").json
    in_trace = Decimal(answer["rent"][0]["usd_in_trace"])
    assert in_trace == Decimal("0.15") * 1510 / 10**6 + Decimal("0.60") * 101 / 10**6
    assert Decimal(answer["rent"][0]["usd_per_month"]) == in_trace * 730
    assert Decimal(answer["traffic"]["requests_per_month"]) == 3 * 730


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--requests-per-month", "0", *TYPED[2:], *RENT], "requests_per_month: 0 cannot be"),
        (["--requests-per-month", "-5", *TYPED[2:], *RENT], "requests_per_month: -5 cannot be"),
        (["--requests-per-month", "1e30", *TYPED[2:], *RENT], "cannot be"),
        (["--requests-per-month", "many", *TYPED[2:], *RENT], "is no figure"),
        ([*TYPED, "--rent", "openai/gpt-99"], "nobody knows a price of openai/gpt-99"),
        ([*TYPED, "--rent", "gpt-4"], "names no model of a provider"),
        ([*TYPED, "--own", "llama-99", *OWN[2:]], "llama-99"),
        ([*TYPED, *OWN[:5], "z100", *OWN[6:]], "z100"),
        ([*TYPED, *RENT, *OWN, "--slo-ttft-p95", "0"], "ttft_p95_seconds"),
        ([*TYPED, *RENT, *OWN, "--profile", "pirate"], "there is no profile 'pirate'"),
        ([*TYPED, *RENT, *OWN, "--use-case", "poetry"], "there is no use case 'poetry'"),
        ([*TYPED, *RENT, *OWN, "--growth-per-year", "-100%"], "growth_per_year: -1.00 cannot be"),
        (["--trace", "none.csv", *RENT], "none.csv is not there"),
        ([*TYPED], "nothing to compare"),
        ([*RENT], "is not given"),
    ],
)
def test_a_question_that_cannot_be_answered_ends_with_2_and_a_hint(
    freehold: Freehold, arguments: list[str], says: str
) -> None:
    ended = freehold("decide", *arguments)
    assert ended.code == 2
    assert says in ended.err
    assert "hint:" in ended.err
    assert not ended.out


def test_without_a_typed_price_the_market_and_a_purchase_are_compared(freehold: Freehold) -> None:
    answer = freehold("decide", *TYPED, *RENT, *OWN[:6], "--json").json
    assert answer["own"]["tenancy"] == "on-demand"
    rates = answer["own"]["gpu_usd_per_hour"]
    assert 0 < rates["p10"] <= rates["p50"] <= rates["p90"]
    assert {"on-demand", "bought"} <= {each.get("tenancy") for each in answer["alternatives"]}


def test_with_a_trace_the_latencies_of_the_fleet_and_of_one_less_are_told(
    freehold: Freehold, tmp_path: Path
) -> None:
    trace = tmp_path / "trace.csv"
    rows = "".join(f"{number * 20},400,100\n" for number in range(1500))
    trace.write_text("t_ms,input_tokens,output_tokens\n" + rows)
    answer = freehold("decide", "--trace", str(trace), *RENT, *OWN, "--json").json
    told = answer["own"]["simulated"]
    fleet = answer["own"]["replicas"]
    assert fleet["p10"] <= told["enough"]["replicas"] <= fleet["p90"]
    assert told["enough"]["ttft_p95_seconds"] <= 2.0
    assert told["enough"]["tpot_p95_seconds"] <= 0.1
    less = told["one_less"]
    if less is not None:
        assert less["ttft_p95_seconds"] > 2.0 or less["tpot_p95_seconds"] > 0.1


def test_without_the_extra_it_says_what_to_install(
    freehold: Freehold, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("freehold.cli.deciding.find_spec", lambda _: None)
    ended = freehold("decide", *TYPED, *RENT)
    assert ended.code == 2
    assert 'pip install "freehold[decide]"' in ended.err


def test_a_use_case_stands_in_for_what_was_not_typed_and_says_so(freehold: Freehold) -> None:
    asked = ("decide", "--use-case", "documents", "--requests-per-month", "10M", *RENT, *OWN, "--json")
    answer = freehold(*asked).json
    assert answer["use_case"] == "documents"
    assert answer["traffic"] == {
        "requests_per_month": "10000000",
        "input_tokens": "6000",
        "cached_tokens": "0",
        "output_tokens": "400",
        "peak_to_mean": 2.0,
    }
    told = {row["name"]: row for row in answer["assumptions"]}
    assert told["input_tokens"]["source"].startswith("estimate")
    typed = freehold(*asked, "--input-tokens", "100").json
    assert typed["traffic"]["input_tokens"] == "100"
    assert "input_tokens" not in {row["name"] for row in typed["assumptions"]}


def test_a_use_case_does_not_override_what_a_trace_measured(freehold: Freehold, tmp_path: Path) -> None:
    trace = tmp_path / "trace.csv"
    trace.write_text("t_ms,input_tokens,output_tokens\n0,100,10\n60000,100,10\n")
    asked = ("decide", "--trace", str(trace), "--use-case", "coding", *RENT, *OWN, "--json")
    answer = freehold(*asked).json
    assert answer["traffic"]["input_tokens"] == "100"
    assert {"ttft_p95_seconds"} == {row["name"] for row in answer["assumptions"]} & {
        "ttft_p95_seconds",
        "input_tokens",
        "peak_to_mean",
        "cached_tokens",
    }


def test_a_profile_moves_the_assumptions_and_the_verdict_may_follow(freehold: Freehold) -> None:
    asked = ("decide", *TYPED, *RENT, *OWN, "--json")
    own = {
        name: Decimal(freehold(*asked, "--profile", name).json["own"]["usd_per_month"]["p50"])
        for name in ("startup", "enterprise", "regulated")
    }
    assert len(set(own.values())) == 3
    assert own["enterprise"] < own["regulated"]


def test_growth_makes_owning_save_more_over_the_horizon(freehold: Freehold) -> None:
    asked = ("decide", *TYPED, "--rent", "openai/gpt-4", *OWN, "--json")
    flat = freehold(*asked).json
    grown = freehold(*asked, "--growth-per-year", "80%").json
    assert flat["rent"] == grown["rent"]
    saved = [Decimal(each["horizon"]["savings_usd"]["p50"]) for each in (flat, grown)]
    assert saved[1] > saved[0] > 0
    row = next(row for row in grown["assumptions"] if row["name"] == "traffic_factor_per_year")
    assert row["value"]["p50"] == pytest.approx(1.8)
    assert row["overridden"]
