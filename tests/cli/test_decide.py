"""`freehold decide`, as a tech lead and as a program ask it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import command, environment
from tests.ledger.samples import a_record

from freehold.wire import Usage

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
        ([*TYPED, *RENT, *OWN, "--people-usd-per-month", "-1"], "people_usd_per_month: -1 cannot be"),
        ([*TYPED, *RENT, *OWN, "--people-usd-per-month", "1e30"], "people_usd_per_month"),
        ([*TYPED, *RENT, *OWN, "--seed", "-1"], "-1 is not in the range"),
        ([*TYPED, *RENT, *OWN, "--peak-to-mean", "nan"], "peak_to_mean: nan"),
        ([*TYPED, *RENT, *OWN, "--slo-tpot-p95", "nan"], "tpot_p95_seconds: nan"),
        ([*TYPED, *RENT, *OWN[:6], "--gpu-usd-per-hour", "1e9"], "gpu_usd_per_hour"),
        ([*TYPED, *RENT, "--own", "llama-3.1-405b", "--gpu", "l4"], "does not fit"),
        ([*TYPED, *RENT, "--own", "llama-3.1-8b", "--precision", "fp99"], "fp99"),
        ([*TYPED, *RENT, "--own", "llama-3.1-8b", "--gpu", "mi300x"], "no price of mi300x is known"),
        ([*TYPED, *RENT, "--cached-tokens", "501"], "501 of 500 input tokens"),
        ([*TYPED[:2], "--input-tokens", "1e9", "--output-tokens", "1", *RENT], "input_tokens: 1E+9"),
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
        "may_not_leave_share": 0.0,
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


def test_rented_and_owned_rows_are_both_told_with_the_people_that_they_take(freehold: Freehold) -> None:
    asked = ("decide", *TYPED, "--rent", "openai/gpt-4o-mini", *OWN[:6])
    rent = Decimal(freehold(*asked, "--json").json["rent"][0]["usd_per_month"])
    row = next(line for line in freehold(*asked).out.splitlines() if line.startswith("openai/gpt-4o-mini"))
    assert f"{rent:,.0f} for tokens" in row
    assert Decimal(row.split()[1].replace(",", "")) > rent
    assert "With the people that each way takes" in freehold(*asked).out


def test_the_hour_of_a_gpu_is_among_what_is_assumed_with_its_source(freehold: Freehold) -> None:
    def hour(*more: str) -> dict[str, object]:
        told = freehold("decide", *TYPED, *RENT, *OWN[:6], *more, "--json").json["assumptions"]
        found: dict[str, object] = next(row for row in told if row["name"] == "usd_per_hour_of_one_h100")
        return found

    assert str(hour()["source"]).startswith("the list of GPU prices, the cheapest offer of each: aws")
    assert hour()["as_of"] is not None
    typed = hour("--gpu-usd-per-hour", "2.5")
    assert (typed["source"], typed["as_of"], typed["overridden"]) == ("typed", None, True)


def test_a_routes_requests_are_taken_from_the_ledger(
    freehold: Freehold, config: Path, wrote: Callable[..., Path]
) -> None:
    assert config.is_file()
    usage = [Usage(input_tokens=1000, output_tokens=100, cached_tokens=200), Usage(500, 10), None]
    records = [
        a_record(request_id=f"r{number}", at=1_790_000_000.0 + 1800 * number, route="support", usage=used)
        for number, used in enumerate(usage)
    ]
    wrote(*records, a_record(request_id="other", route="elsewhere", usage=Usage(9, 9)))
    answer = freehold("decide", "--route", "support", "--rent", "openai/gpt-4o-mini", "--json").json
    in_trace = Decimal(answer["rent"][0]["usd_in_trace"])
    assert in_trace == (Decimal("0.15") * 1300 + Decimal("0.075") * 200 + Decimal("0.60") * 110) / 10**6
    assert answer["window"]["requests"] == 2
    assert Decimal(answer["rent"][0]["usd_per_month"]) == in_trace * 730 * 2
    assert answer["window"]["simulated"] == 0
    nobody = freehold("decide", "--route", "nobody", "--rent", "openai/gpt-4o-mini")
    assert nobody.code == 2
    assert "no request of route nobody" in nobody.err


def test_a_usage_file_that_is_not_there_is_told_in_words(freehold: Freehold) -> None:
    ended = freehold("decide", "--usage", "gone.csv", *RENT)
    assert ended.code == 2
    assert "gone.csv does not exist\nhint: it was looked for in " in ended.err


def test_what_is_not_measured_says_so(freehold: Freehold, tmp_path: Path) -> None:
    typed = freehold("decide", *TYPED, *RENT, *OWN).out
    assert "arrivals are drawn by chance around it, not measured" in typed
    trace = tmp_path / "trace.csv"
    trace.write_text("t_ms,input_tokens,output_tokens\n0,100,10\n4000,100,10\n")
    told = freehold("decide", "--trace", str(trace), *RENT, *OWN).out
    assert "scaled to a month from 4" in told
    assert "too few to know its waves" in told
    assert "drawn by chance" not in told


ANSWERS = """
[company]
use_case = "support"
monthly_users = 800_000_000
[traffic]
requests_per_month = 10_000_000
trace = "trace.csv"
[ways]
rent = ["openai/gpt-4o-mini"]
own = ["llama-3.1-8b", "qwen2.5-7b"]
gpus = ["h100"]
gpu_usd_per_hour = 2.5
[constraints]
residency = ["eu"]
[preferences]
independence = 2
[assumptions]
own_engineers = { value = 1 }
"""


def test_answers_fill_in_what_was_not_typed_and_are_weighed(freehold: Freehold, tmp_path: Path) -> None:
    file = tmp_path / "answers.toml"
    file.write_text(ANSWERS.replace('trace = "trace.csv"\n', ""))
    answer = freehold("decide", "--answers", str(file), "--input-tokens", "700", "--json").json
    assert answer["traffic"]["input_tokens"] == "700"
    assert Decimal(answer["traffic"]["requests_per_month"]) == 10_000_000
    assert answer["use_case"] == "support"
    assert answer["own"]["model"] == "qwen2.5-7b"
    assert [each["model"] for each in answer["weighed"]["removed"]] == ["llama-3.1-8b"]
    assert [each["constraint"] for each in answer["weighed"]["to_ask"]] == ["residency"]
    assert answer["weighed"]["leaning"]["side"] == "own"
    assert answer["decided_by_kind"] == "money"
    mine = next(row for row in answer["assumptions"] if row["name"] == "own_engineers")
    assert mine["overridden"]
    screen = freehold("decide", "--answers", str(file))
    assert "Not only money" in screen.out
    assert "800,000,000 users a month" in screen.out
    assert "ask whether it can be had in eu" in screen.out


def test_an_answered_trace_lies_beside_the_answers_and_one_that_is_typed_goes_before_it(
    freehold: Freehold, tmp_path: Path
) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "answers.toml").write_text(ANSWERS.replace("requests_per_month = 10_000_000\n", ""))
    (folder / "trace.csv").write_text("t_ms,input_tokens,output_tokens\n0,100,10\n3600000,100,10\n")
    answered = freehold("decide", "--answers", str(folder / "answers.toml"), "--json").json
    assert answered["window"]["requests"] == 2
    (tmp_path / "other.csv").write_text("t_ms,input_tokens,output_tokens\n0,9,9\n1000,9,9\n3600000,9,9\n")
    typed = ["--trace", str(tmp_path / "other.csv"), "--json"]
    assert (
        freehold("decide", "--answers", str(folder / "answers.toml"), *typed).json["window"]["requests"] == 3
    )


def test_a_mistake_in_the_answers_names_its_key(freehold: Freehold, tmp_path: Path) -> None:
    file = tmp_path / "answers.toml"
    file.write_text("[constraints]\nresidenzy = ['eu']\n")
    ended = freehold("decide", "--answers", str(file))
    assert ended.code == 2
    assert "constraints.residenzy" in ended.err
    assert "residency" in ended.err


def test_what_the_config_says_of_a_contract_is_weighed(freehold: Freehold, tmp_path: Path) -> None:
    config, answers = tmp_path / "freehold.toml", tmp_path / "answers.toml"
    config.write_text(
        "[models.gpt]\ntenure = 'rented'\nprovider = 'openai'\nmodel = 'gpt-4o-mini'\n"
        "key_env = 'A_KEY_OF_NOBODY'\nregion = 'us'\n[routes.support]\nrent = 'gpt'\n"
    )
    answers.write_text("[constraints]\nresidency = ['eu']\n")
    typed = [*TYPED, *RENT[:2], *OWN, "--answers", str(answers), "--config", str(config), "--json"]
    answer = freehold("decide", *typed).json
    assert answer["verdict"] == "own"
    assert answer["decided_by_kind"] == "constraint"
    assert "residency" in answer["decided_by"]


def test_a_route_that_a_sandbox_answered_is_called_simulated(
    freehold: Freehold, config: Path, wrote: Callable[..., Path]
) -> None:
    assert config.is_file()
    at = 1_790_000_000.0
    wrote(
        a_record(request_id="a", at=at, route="support", usage=Usage(100, 10), simulated=True),
        a_record(request_id="b", at=at + 900, route="support", usage=Usage(100, 10), simulated=False),
    )
    asked = ("decide", "--route", "support", "--rent", "openai/gpt-4o-mini")
    assert freehold(*asked, "--json").json["window"]["simulated"] == 1
    assert "a sandbox answered 1 of them" in freehold(*asked).out


def test_the_plan_is_on_the_screen_and_in_json_with_its_figures(freehold: Freehold) -> None:
    answer = freehold("decide", *TYPED, *RENT, *OWN, "--json").json
    made = answer["plan"]
    assert [each["name"] for each in made["measure"][:2]] == ["traffic", "quality"]
    widths = {each["assumption"] for each in answer["swings"]}
    assert {each["name"] for each in made["measure"][2:]} <= widths
    turns = [each for each in made["reopen"] if each["figure"] is not None]
    assert {each["figure"] for each in turns} <= {"requests_per_month", "rented_price", "gpu_price"}
    assert turns
    screen = freehold("decide", *TYPED, *RENT, *OWN).out
    assert made["now"] in screen
    assert [each["says"] for each in made["reopen"] if each["says"] not in screen] == []


def test_a_terminal_is_told_what_takes_a_while_and_a_pipe_is_not(tmp_path: Path) -> None:
    words = command("decide", *TYPED, *RENT, *OWN, "--json")
    watched, ours = pty.openpty()
    try:
        environ = environment() | {"TERM": "xterm"}
        ran = subprocess.run(
            words, cwd=tmp_path, env=environ, stdout=subprocess.PIPE, stderr=ours, check=True, timeout=120
        )
        shown = os.read(watched, 65_536).decode()
    finally:
        os.close(watched)
        os.close(ours)
    assert "simulating llama-3.1-8b on h100" in shown
    assert json.loads(ran.stdout)["verdict"]
    quiet = subprocess.run(
        words, cwd=tmp_path, env=environment(), capture_output=True, check=True, timeout=120
    )
    assert quiet.stderr == b""
