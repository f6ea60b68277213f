from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from tests.cli.conftest import Freehold, Wrote, environment
from tests.ledger.samples import a_record

from freehold.cli.finding import ledger_here
from freehold.cli.reading import settings_for_looking
from freehold.ledger import Attempt, Idle, Record, Sent
from freehold.wire import Usage

pytestmark = pytest.mark.usefixtures("config")

OWNED_ATTEMPT = Attempt("llama", "owned", "compatible", 0.2, 0.5, "ok", 200, None, 0.1)


def owned(request_id: str, **changes: object) -> Record:
    """36 slot-seconds of 4 slots at 0.6 USD an hour: 0.0015 USD."""
    fields: dict[str, object] = {
        "model": "llama", "tenure": "owned", "provider": "compatible", "usage": Usage(10, 5),
        "slot_microseconds": 36_000_000, "cost_usd": Decimal("0.0015"), "attempts": (OWNED_ATTEMPT,),
    }  # fmt: skip
    return a_record(request_id, **{**fields, **changes})


def sandboxed(request_id: str) -> Record:
    """1,000 in and 100 out at gpt-4o-mini's published 0.15 and 0.60 USD a million: 0.00021 USD."""
    return a_record(
        request_id, provider="sandbox", simulated=True, usage=Usage(1000, 100), cost_usd=Decimal("0.00021")
    )


def test_requests_come_newest_first_in_the_documented_shape(freehold: Freehold, wrote: Wrote) -> None:
    wrote(a_record("req_1"), owned("req_2", cost_usd=Decimal("1E-9"), at=1_790_000_100.5))
    newest, oldest = freehold("requests", "--json").json_lines
    assert (newest["request_id"], oldest["request_id"]) == ("req_2", "req_1")
    assert newest["cost_usd"] == "0.000000001"
    assert newest["at"] == "2026-09-21T14:15:00.500Z"
    assert oldest["usage"] == {
        "input_tokens": 120,
        "output_tokens": 45,
        "cached_tokens": 100,
        "reasoning_tokens": None,
    }
    assert oldest["attempts"][0]["outcome"] == "ok"
    assert set(newest) == {
        "request_id", "key", "route", "model", "tenure", "status", "label", "usage", "cost_usd", "attempts",
        "reason", "at", "endpoint", "stream", "simulated", "seconds", "ttft_seconds", "slot_microseconds",
        "upstream_model", "error", "held_usd", "found", "original_cost_usd",
    }  # fmt: skip


def test_what_is_unknown_is_null_for_programs_and_unknown_for_people(
    freehold: Freehold, wrote: Wrote
) -> None:
    wrote(a_record("req_1", usage=None, cost_usd=None, label=None, key=None))
    (line,) = freehold("requests", "--json").json_lines
    assert (line["usage"], line["cost_usd"], line["label"], line["key"]) == (None, None, None, None)
    shown = freehold("requests").out.splitlines()[1]
    assert shown.split().count("unknown") == 3
    assert "0 USD" not in shown


def test_requests_can_be_narrowed_down(freehold: Freehold, wrote: Wrote) -> None:
    wrote(a_record("req_1"), owned("req_2"), owned("req_3", route=None, key="key_2"))

    def ids(*options: str) -> list[str]:
        return [line["request_id"] for line in freehold("requests", "--json", *options).json_lines]

    assert ids("--limit", "2") == ["req_3", "req_2"]
    assert ids("--route", "support") == ["req_2", "req_1"]
    assert ids("--model", "llama") == ["req_3", "req_2"]
    assert ids("--key", "key_2") == ["req_3"]
    assert ids("--model", "nobody") == []


def test_simulated_money_says_so_in_every_list(freehold: Freehold, wrote: Wrote) -> None:
    wrote(sandboxed("req_1"))
    for command in (["requests"], ["stats"], ["explain", "req_1"]):
        assert "simulated" in freehold(*command).out


def test_without_a_ledger_there_is_a_hint(freehold: Freehold) -> None:
    for command in (["requests"], ["stats"], ["explain", "req_1"]):
        ended = freehold(*command)
        assert ended.code == 1
        assert "there is no ledger" in ended.err


def test_totals_are_the_sums_of_their_parts_and_simulated_money_stands_apart(
    freehold: Freehold, wrote: Wrote
) -> None:
    wrote(
        a_record("req_1"), owned("req_2"), sandboxed("req_3"), a_record("req_4", cost_usd=None),
        Idle("llama", 1_789_999_200, 1_790_000_000.0, 1_790_000_036.0, 4, 108_000_000, Decimal("0.0045")),
    )  # fmt: skip
    stats = freehold("stats", "--json").json
    assert (stats["requests"], stats["unknown_cost_requests"], stats["simulated_requests"]) == (4, 1, 1)
    assert stats["cost_usd"] == "0.0015375"
    assert stats["simulated_cost_usd"] == "0.00021"
    assert stats["idle_cost_usd"] == "0.0045"
    for parts in (stats["by_model"], stats["by_route"]):
        for figure in ("cost_usd", "simulated_cost_usd"):
            assert sum(Decimal(part[figure]) for part in parts) == Decimal(stats[figure])
        assert sum(part["requests"] for part in parts) == 4
    shown = freehold("stats").out
    assert "≥ 0.00154 USD" in shown
    assert "1 request of unknown cost" in shown


def test_stats_of_an_age_leave_older_requests_out(freehold: Freehold, wrote: Wrote) -> None:
    wrote(a_record("req_1", at=1_790_000_000.0), a_record("req_2", at=1_790_090_000.0))
    assert freehold("stats", "--since", "2026-09-22", "--json").json["requests"] == 1
    assert freehold("stats", "--since", "2026-09-21T14:00", "--json").json["requests"] == 2
    assert freehold("stats", "--since", "3000w", "--json").json["requests"] == 2


def test_a_request_of_an_owned_model_is_explained_by_its_slot_time(freehold: Freehold, wrote: Wrote) -> None:
    wrote(owned("req_1"))
    shown = freehold("explain", "req_1").out
    assert "0.0015 USD: 36 slot-seconds ÷ (4 slots × 3600) × 0.6 USD an hour" in shown


def test_a_request_of_a_rented_model_is_explained_by_its_tokens(freehold: Freehold, wrote: Wrote) -> None:
    wrote(sandboxed("req_1"))
    said = freehold("explain", "req_1", "--json").json["cost_explained"]
    assert said.startswith("1,000 × 0.15 + 100 × 0.6 USD for a million tokens, by ")


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (owned("req_1", cost_usd=Decimal("0.002")), "today's config would give another amount"),
        (owned("req_1", cost_usd=None), "it was not known at the time"),
        (a_record("req_1", usage=None, cost_usd=None), "did not report its tokens"),
        (a_record("req_1", model="gone"), "no longer in the config"),
        (a_record("req_1", model=None, attempts=(), cost_usd=Decimal(0)), "no model was asked"),
        (owned("req_1", cost_usd=Decimal("0.002"), attempts=(OWNED_ATTEMPT,) * 2), "the sum over 2 attempts"),
    ],
)
def test_a_cost_that_cannot_be_computed_again_says_why(
    record: Record, said: str, freehold: Freehold, wrote: Wrote
) -> None:
    wrote(record)
    assert said in freehold("explain", "req_1", "--json").json["cost_explained"]


def test_the_story_says_what_left_by_which_permit(freehold: Freehold, wrote: Wrote) -> None:
    sent = Sent("https://api.openai.com:443", "internal", "personal", "home", "eu", "ab" * 32)
    left = Attempt("gpt", "rented", "openai", 0.0, 0.2, "ok", 200, sent=sent)
    erased = Attempt(
        "far", "rented", "openai", 0.0, 0.2, "error", 500, sent=Sent("x", "a", "b", "c", None, None)
    )
    wrote(owned("req_1", attempts=(erased, left), found={"EMAIL_ADDRESS": 2}), owned("req_2", attempts=()))
    shown = freehold("explain", "req_1").out
    assert "found: EMAIL_ADDRESS ×2" in shown
    (told,) = [" ".join(line.split()) for line in shown.splitlines() if "api.openai.com" in line]
    assert told == "gpt https://api.openai.com:443 (eu) internal personal home abababababababab…"
    assert "erased" in shown
    assert "What left" not in freehold("explain", "req_2").out
    assert freehold("explain", "req_1", "--json").json["attempts"][1]["sent"]["digest"] == "ab" * 32


def test_the_story_shows_each_attempt_and_the_same_reason(freehold: Freehold, wrote: Wrote) -> None:
    failed = Attempt("gpt", "rented", "openai", 0.0, 0.2, "error", 503, "The model's server answered 503.")
    reason = "llama (owned) answered in place of gpt; gpt failed: The model's server answered 503."
    wrote(owned("req_1", attempts=(failed, OWNED_ATTEMPT), reason=reason, seconds=0.7))
    shown = freehold("explain", "req_1").out
    assert reason in shown
    first, second = [line for line in shown.splitlines() if "│" in line]
    assert "error 503" in first
    assert "ok 200" in second
    assert first.split("│")[1].rstrip(" ") == "░" * 9
    assert second.split("│")[1] == " " * 9 + "░" * 5 + "█" * 18


def test_an_id_may_be_shortened_as_long_as_it_is_clear(freehold: Freehold, wrote: Wrote) -> None:
    wrote(a_record("req_aa1"), a_record("req_ab2"))
    assert freehold("explain", "req_ab", "--json").json["request_id"] == "req_ab2"
    unclear = freehold("explain", "req_a")
    assert unclear.code == 1
    assert "2 requests begin with req_a" in unclear.err


def test_an_unknown_id_is_an_error(freehold: Freehold, wrote: Wrote) -> None:
    wrote(a_record("req_1"))
    ended = freehold("explain", "req_2")
    assert ended.code == 1
    assert ended.err.splitlines()[0] == "error: there is no request req_2"
    assert ended.out == ""


def test_the_ledger_is_where_the_config_says(freehold: Freehold, config: Path, wrote: Wrote) -> None:
    wrote(a_record("req_1")).rename(config.parent / "other.db")
    config.write_text(config.read_text() + '\n[ledger]\npath = "other.db"\n')
    assert len(freehold("requests", "--json").json_lines) == 1


def test_a_refusal_is_explained_once(freehold: Freehold, wrote: Wrote) -> None:
    said = "No model of support is cleared for it."
    wrote(a_record("req_1", status=403, model=None, attempts=(), reason=said, error=said))
    shown = freehold("explain", "req_1").out
    assert " ".join(shown.split()).count(said) == 1
    assert freehold("explain", "req_1", "--json").json["error"] == said


def test_a_failure_that_an_attempt_tells_is_told_once(freehold: Freehold, wrote: Wrote) -> None:
    told = "http://10.0.0.7:8000 timed out: no byte for 5 s."
    attempt = Attempt("gpt", "rented", "openai", 0.0, 5.0, "timeout", error=told)
    reason = "No model of support answered; gpt failed: The model's server timed out: no byte for 5 s."
    wrote(a_record("req_1", status=504, model=None, attempts=(attempt,), reason=reason, error=told))
    assert " ".join(freehold("explain", "req_1").out.split()).count("10.0.0.7") == 1


def test_an_error_that_nothing_else_tells_is_told(freehold: Freehold, wrote: Wrote) -> None:
    wrote(a_record("req_1", status=499, error="the client left"))
    assert "the client left" in freehold("explain", "req_1").out


@pytest.mark.parametrize(
    "command", [["stats"], ["requests"], ["keys", "list"], ["export", "--format", "csv"]]
)
def test_a_look_back_loads_no_more_than_it_needs(command: list[str], wrote: Wrote, folder: Path) -> None:
    wrote(a_record("req_1"))
    code = (
        "import sys\nfrom freehold.cli.entry import run\n"
        f"code = run({command!r})\n"
        "heavy = ['pydantic', 'freehold.config', 'freehold.gateway', 'freehold.engine', 'uvicorn']\n"
        "print(code, [name for name in heavy if name in sys.modules], file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stderr.splitlines()[-1] == "0 []"


@pytest.mark.parametrize("written", ['path = "other/b.db"', 'path = "~/b.db"', 'path = "/tmp/c.db"', ""])
def test_the_ledger_is_found_where_the_whole_config_says_it_is(
    freehold: Freehold, config: Path, written: str
) -> None:
    assert freehold is not None
    config.write_text(f"[ledger]\n{written}\n" + config.read_text())
    assert ledger_here(None) == settings_for_looking(None).ledger.path


@pytest.mark.parametrize(
    "text", ["[ledger]\npath = 5", "[ledger]\npath = ''", "ledger = 1", "not = [toml", "\x00"]
)
def test_a_ledger_that_the_config_does_not_name_rightly_is_a_mistake_that_is_told(
    freehold: Freehold, config: Path, text: str
) -> None:
    config.write_text(text + "\n" + config.read_text())
    ended = freehold("stats")
    assert ended.code == 2
    assert "mistake" in ended.err
