from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Freehold, Wrote
from tests.ledger.samples import a_record

from freehold.ledger import Attempt, LedgerReader, events

CONFIG = """
[models.gpt]
tenure = "rented"
provider = "openai"
model = "gpt-4o-mini"
key_env = "OPENAI_API_KEY"
input_usd_per_million = {input}
output_usd_per_million = 0
cached_input_usd_per_million = 0

[routes.support]
rent = "gpt"
"""


def attempt(outcome: str, **changes: Any) -> Attempt:
    fields = {"model": "gpt", "tenure": "rented", "provider": "openai", "started_seconds": 0, "seconds": 1}
    return Attempt(**{**fields, **changes}, outcome=outcome)


@pytest.fixture(autouse=True)
def _config(folder: Path, wrote: Wrote) -> None:
    """Requests of 20 uncached tokens each: 1 USD at 50,000 a million."""
    (folder / "freehold.toml").write_text(CONFIG.format(input=1))
    wrote(
        a_record("req_1", status=200),
        a_record("req_2", cost_usd=None, key="key_2"),
        a_record("req_3", cost_usd=Decimal(2)),
        a_record("req_4", simulated=True),
        a_record("req_5", usage=None, cost_usd=None),
        a_record("req_6", attempts=(attempt("cut"), attempt("ok")), cost_usd=None),
        a_record("req_7", model="gone"),
        a_record("req_8", provider="azure"),
        a_record("req_9", upstream_model="gpt-4.1"),
        a_record("req_10", attempts=(attempt("error", status=500), attempt("ok")), cost_usd=Decimal("0.75")),
    )


def test_what_would_change_is_shown_and_nothing_is_written(freehold: Freehold, folder: Path) -> None:
    (folder / "freehold.toml").write_text(CONFIG.format(input="50_000"))
    ended = freehold("reprice", "--json")
    assert ended.code == 0, ended.err
    assert {name: ended.json[name] for name in ("applied", "event", "requests", "unchanged")} == {
        "applied": False, "event": None, "requests": 4, "unchanged": 0
    }  # fmt: skip
    assert (ended.json["before_usd"], ended.json["after_usd"]) == ("2.7500375", "4.00")
    assert ended.json["difference_usd"] == "1.2499625"
    assert ended.json["unknown_before"] == 1
    assert ended.json["models"]["gpt"]["requests"] == 4
    assert sum(ended.json["skipped"].values()) == 5
    shown = freehold("reprice")
    assert shown.out.startswith("4 requests would cost something else: +1.25 USD in all.")
    assert "Nothing was written" in shown.out
    assert events(folder / "freehold.db", "ledger.repriced") == []


def test_applied_it_is_in_every_figure_with_the_original_visible(freehold: Freehold, folder: Path) -> None:
    (folder / "freehold.toml").write_text(CONFIG.format(input="50_000"))
    ended = freehold("reprice", "--apply", "--why", "the table had a typo", "--json")
    assert (ended.code, ended.json["applied"]) == (0, True)
    (event,) = events(folder / "freehold.db", "ledger.repriced")
    assert (event.id, event.why) == (ended.json["event"], "the table had a typo")
    assert event.body["requests"] == 4
    rows = {row["request_id"]: row for row in freehold("requests", "--limit", "99", "--json").json_lines}
    assert (rows["req_1"]["cost_usd"], rows["req_1"]["original_cost_usd"]) == ("1.00", "0.0000375")
    assert (rows["req_2"]["cost_usd"], rows["req_2"]["original_cost_usd"]) == ("1.00", None)
    assert (rows["req_5"]["cost_usd"], rows["req_6"]["cost_usd"]) == (None, None)
    stats = freehold("stats", "--json").json
    total = sum(Decimal(r["cost_usd"]) for r in rows.values() if r["cost_usd"] and not r["simulated"])
    assert Decimal(stats["cost_usd"]) == total
    assert stats["repriced_requests"] == 4
    was = sum(Decimal(r["original_cost_usd"]) for r in rows.values() if r["original_cost_usd"])
    assert Decimal(stats["original_cost_usd"]) == was - Decimal("0.0000375")  # the simulated one's
    assert "before 4 requests got another price" in freehold("stats").out
    told = freehold("explain", "req_1")
    assert "(the table had a typo); it was 0.0000375 USD when it was answered" in told.out
    assert "was 0.0000375 USD" in freehold("requests", "--limit", "99").out
    again = freehold("reprice", "--json").json
    assert (again["requests"], again["unchanged"]) == (0, 4)


def test_a_second_mending_counts_from_the_first_and_back_again_is_the_original(
    freehold: Freehold, folder: Path
) -> None:
    for input_, after in (("50_000", "4.00"), ("100", "0.0080")):
        (folder / "freehold.toml").write_text(CONFIG.format(input=input_))
        ended = freehold("reprice", "--apply", "--why", "again", "--json")
        assert (ended.json["requests"], ended.json["after_usd"]) == (4, after)
    assert ended.json["before_usd"] == "4.00"
    with LedgerReader.open(folder / "freehold.db") as reader:
        assert reader.stats().repriced_requests == 4


def test_only_what_is_asked_for_is_repriced(freehold: Freehold, folder: Path) -> None:
    (folder / "freehold.toml").write_text(CONFIG.format(input="50_000"))
    assert freehold("reprice", "--model", "other", "--json").json["requests"] == 0
    assert freehold("reprice", "--since", "2027-01-01", "--json").json["requests"] == 0
    assert freehold("reprice", "--until", "2027-01-01", "--model", "gpt", "--json").json["requests"] == 4


def test_appending_needs_a_reason(freehold: Freehold) -> None:
    ended = freehold("reprice", "--apply")
    assert ended.code == 2
    assert "--why" in ended.err
