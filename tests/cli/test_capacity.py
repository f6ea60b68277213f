"""`freehold capacity`: a table, JSON, and lines in and out by the contract."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Freehold

from freehold.ledger import append_event

SEVENTY = ["capacity", "--model", "llama-3.1-70b", "--precision", "fp8", "--gpu", "h100", "--gpu-count", "4"]
LINE: dict[str, Any] = {
    "id": "a",
    "model": "llama-3.1-70b",
    "precision": "fp8",
    "gpu": "H100-SXM-80GB",
    "gpu_count": 4,
    "tp": None,
    "pp": None,
    "input_len": 1024,
    "output_len": 256,
    "concurrency": 64,
    "mode": None,
    "framework": None,
}


def answers(text: str) -> tuple[int, list[dict[str, Any]]]:
    """As a program would: through a pipe, in a process of its own."""
    ended = subprocess.run(
        [sys.executable, "-m", "freehold.cli", "capacity", "--jsonl"],
        input=text.encode(),
        capture_output=True,
        check=False,
    )
    assert b"Traceback" not in ended.stderr
    return ended.returncode, [json.loads(line) for line in ended.stdout.splitlines()]


def test_a_person_reads_figures_what_was_chosen_and_where_facts_are_from(freehold: Freehold) -> None:
    ended = freehold(*SEVENTY, "--framework", "vllm")
    assert ended.code == 0
    for said in ("llama-3.1-70b", "output tokens/s", "80 % interval", "TPOT", "chosen: tp", "huggingface.co"):
        assert said in ended.out


def test_json_has_the_documented_shape(freehold: Freehold) -> None:
    said = freehold(*SEVENTY, "--concurrency", "16", "--json").json
    assert (said["model"], said["gpu"], said["gpu_count"]) == ("llama-3.1-70b", "H100", 4)
    assert said["tp"] * said["pp"] * said["replicas"] == 4
    assert set(said["output_tokens_per_s"]) == set(said["tpot_ms"]) == {"p10", "p50", "p90"}
    at = {point["concurrency"]: point["output_tokens_per_s"]["p50"] for point in said["curve"]}
    assert at[16] == pytest.approx(said["output_tokens_per_s"]["p50"])
    assert at[1] < at[8] < at[64]


def test_every_line_is_answered_by_the_contract() -> None:
    lines = [
        LINE,
        {**LINE, "id": 7, "concurrency": "max", "tp": 4, "pp": 1, "mode": "saturated", "framework": "trtllm"},
        {**LINE, "id": None, "concurrency": "slo", "mode": "mlperf_server"},
    ]
    code, said = answers("".join(json.dumps(line) + "\n" for line in lines))
    assert code == 0
    assert [answer["id"] for answer in said] == ["a", 7, None]
    for answer in said:
        assert set(answer["output_tokens_per_s"]) == set(answer["tpot_ms"]) == {"p10", "p50", "p90"}
    assert any("chosen" in note for note in said[0]["notes"])
    assert (said[1]["tp"], said[1]["pp"]) == (4, 1)


def test_a_bad_line_spoils_itself_alone() -> None:
    bad = [
        "{",
        "[]",
        "1e999",
        json.dumps({**LINE, "id": "m", "model": "gpt-7"}),
        json.dumps({**LINE, "id": "g", "gpu": "H101X"}),
        json.dumps({**LINE, "id": "n", "gpu_count": -1}),
        json.dumps({**LINE, "id": "z", "output_len": 0}),
        json.dumps({**LINE, "id": "h", "input_len": 1e300}),
        json.dumps({**LINE, "id": "x", "input_len": float("nan")}),
        json.dumps({**LINE, "id": "f", "precision": "fp16", "gpu_count": 1}),
        json.dumps({"id": "e"}),
        "[" * 100_000,
        '{"id": ' + "9" * 5000 + "}",
    ]
    code, said = answers("\n".join([json.dumps(LINE), *bad, "", json.dumps({**LINE, "id": "last"})]) + "\n")
    assert code == 1
    assert len(said) == len(bad) + 2
    assert "output_tokens_per_s" in said[0]
    assert "output_tokens_per_s" in said[-1]
    for answer in said[1:-1]:
        assert set(answer) == {"id", "error", "hint"}
        assert answer["error"].startswith("line ")
        assert answer["hint"]
    assert [answer["id"] for answer in said[4:11]] == ["m", "g", "n", "z", "h", "x", "f"]


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (["--model", "lama-3.1-70b", "--precision", "fp8", "--gpu", "h100"], "did you mean llama-3.1-70b", 2),
        (["--model", "llama-3.1-8b", "--precision", "fp8", "--gpu", "h1000"], 'did you mean "H100"', 2),
        (["--precision", "fp8", "--gpu", "h100"], "--model: is missing", 2),
        ([*SEVENTY[1:], "--input-tokens", "-5"], "--input-tokens", 2),
        ([*SEVENTY[1:], "--gpu-count", "0"], "--gpu-count", 2),
        ([*SEVENTY[1:], "--measured", "speed=4"], "tokens_per_s=1234", 2),
        ([*SEVENTY[1:], "--facts", "nowhere.toml"], "nowhere.toml", 2),
        (["--model", "llama-3.1-405b", "--precision", "fp16", "--gpu", "l4"], "does not fit", 1),
    ],
)
def test_a_wrong_call_is_told_in_a_sentence(
    arguments: list[str], said: str, code: int, freehold: Freehold
) -> None:
    ended = freehold("capacity", *arguments)
    assert ended.code == code
    assert said in ended.err


def test_a_measurement_typed_in_recalibrates(freehold: Freehold) -> None:
    asked = [*SEVENTY, "--concurrency", "32", "--framework", "vllm", "--json"]
    plain = freehold(*asked).json["output_tokens_per_s"]
    measured = plain["p50"] / 2
    moved = freehold(*asked, "--measured", f"tokens_per_s={measured}").json
    assert moved["output_tokens_per_s"]["p50"] == pytest.approx(measured, rel=0.1)
    assert any("after a measurement" in note for note in moved["notes"])


def test_own_facts_are_used_and_shown(freehold: Freehold, tmp_path: Path) -> None:
    facts = tmp_path / "facts.toml"
    facts.write_text('[gpus."H100"]\nmemory_gib = 160\nsource = "a wish"\nas_of = 2026-11-01\n')
    ended = freehold(*SEVENTY, "--facts", str(facts))
    assert "your own facts: H100" in ended.out
    assert "a wish" in ended.out
    assert "stale" not in ended.out
    facts.write_text('[gpus."H100"]\nmemory_gib = 160\nsource = "a wish"\nas_of = 2001-11-01\n')
    assert "a wish (2001-11-01) stale" in freehold(*SEVENTY, "--facts", str(facts)).out


def test_a_promise_is_kept_and_the_curve_shows_beyond_it(freehold: Freehold) -> None:
    said = freehold(*SEVENTY, "--concurrency", "slo", "--slo-tpot", "30", "--json").json
    assert said["tpot_ms"]["p50"] <= 30
    assert max(point["tpot_ms"]["p50"] for point in said["curve"]) > 30


def test_what_bench_kept_recalibrates(freehold: Freehold, config: Path) -> None:
    asked = [*SEVENTY, "--concurrency", "8", "--framework", "vllm", "--json"]
    plain = freehold(*asked).json["output_tokens_per_s"]["p50"]
    level = {
        "concurrency": 8,
        "answers": 16,
        "input_tokens": 16 * 1024,
        "output_tokens": 16 * 256,
        "output_tokens_per_second": plain * 0.6,
        "tpot": {"p50": 0.02, "p95": 0.03, "count": 16},
    }
    silent = {**level, "concurrency": 64, "answers": 0, "output_tokens_per_second": None, "tpot": None}
    body = {"model": "llama", "simulated": False, "levels": [level, silent]}
    append_event(config.parent / "freehold.db", "bench.result", body, who="me", create=True)
    moved = freehold(*asked, "--bench", "llama").json
    assert moved["output_tokens_per_s"]["p50"] == pytest.approx(plain * 0.6, rel=0.05)
    assert moved["tpot_ms"]["p50"] == pytest.approx(20, rel=0.05)


def test_a_bench_that_was_never_run_or_a_sandbox_answered_is_told(freehold: Freehold, config: Path) -> None:
    path = config.parent / "freehold.db"
    append_event(
        path, "bench.result", {"model": "gpt", "simulated": True, "levels": []}, who="me", create=True
    )
    for name, said in (("llama", "`freehold bench llama` makes one"), ("gpt", "a sandbox")):
        ended = freehold(*SEVENTY, "--bench", name)
        assert ended.code == 2
        assert said in ended.err
