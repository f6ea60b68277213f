"""`freehold decide`: ways beside those that were asked about, what they leave undone and keep at home."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from tests.ledger.samples import a_record

from freehold.ledger import Attempt, Sent

pytest.importorskip("numpy")

TYPED = ["--requests-per-month", "10M", "--input-tokens", "500", "--output-tokens", "250"]
OWN = ["--own", "llama-3.1-8b", "--precision", "fp8", "--gpu", "h100", "--gpu-usd-per-hour", "2.5"]
Freehold = Callable[..., Any]


def test_stated_quality_puts_a_price_on_what_the_owned_model_does_not_do(
    freehold: Freehold, folder: Path
) -> None:
    (folder / "a.toml").write_text('[quality."llama-3.1-8b"]\ngood_enough_share = 0.88\nsource = "a trial"\n')
    asked = ("decide", *TYPED, "--rent", "openai/gpt-4o", *OWN, "--answers", "a.toml")
    answer = freehold(*asked, "--json").json
    assert answer["own"]["asked_again_usd_per_month"] == "4500.00"  # 12 % of 37,500
    assert {"asked_again_share"} <= {row["name"] for row in answer["assumptions"]}
    line = next(line for line in freehold(*asked).out.splitlines() if "(on-demand)" in line)
    assert "4,500 for the 12% that it does not do well enough, asked again of openai/gpt-4o" in line


def test_hosts_of_the_same_weights_are_listed_unasked_with_their_source(
    freehold: Freehold, folder: Path
) -> None:
    asked = ("decide", *TYPED, "--rent", "openai/gpt-4o", *OWN)
    hosts = [each for each in freehold(*asked, "--json").json["alternatives"] if each["kind"] == "host"]
    assert hosts
    for each in hosts:
        model = each["name"].split(",")[0]
        assert f"genai-prices {version('genai-prices')}: {model}" in each["says"]
        alone = freehold("decide", *TYPED, "--rent", model, *OWN, "--json").json
        assert f"{Decimal(alone['rent'][0]['usd_per_month']):,.0f} for tokens" in each["says"]
        assert not [one for one in alone["alternatives"] if one.get("name", "").startswith(f"{model},")]
    (folder / "at-home.toml").write_text("[declared]\ndata_may_not_leave = true\n")
    kept = freehold(*asked, "--assumptions", "at-home.toml", "--json").json["alternatives"]
    assert not [each for each in kept if each["kind"] == "host"]


def test_what_may_not_leave_stays_at_home_and_the_rest_may_overflow(freehold: Freehold) -> None:
    asked = ("decide", *TYPED, "--rent", "openai/gpt-4o-mini", *OWN)
    free, kept = (freehold(*asked, *more, "--json").json for more in ((), ("--may-not-leave", "20%")))
    assert free["verdict"] == "rent"
    assert kept["verdict"] in {"own", "hybrid"}
    assert kept["traffic"]["may_not_leave_share"] == 0.2
    assert kept["decided_by_kind"] == "constraint"
    assert "20 % of its requests may not leave the house" in kept["reason"]
    assert "20 % of which may not leave" in freehold(*asked, "--may-not-leave", "0.2").out
    wrong = freehold(*asked, "--may-not-leave", "1.2")
    assert wrong.code == 2
    assert "hint:" in wrong.err


def test_a_routes_labels_tell_what_may_not_leave(
    freehold: Freehold, config: Path, wrote: Callable[..., Path]
) -> None:
    assert config.is_file()
    labels = ["internal", "personal", "public", "secret", "internal"]
    wrote(*(a_record(f"r{n}", at=1_790_000_000.0 + 900 * n, label=label) for n, label in enumerate(labels)))
    asked = ("decide", "--route", "support", "--rent", "openai/gpt-4o-mini", "--json")
    assert freehold(*asked).json["traffic"]["may_not_leave_share"] == 0.4
    assert freehold(*asked, "--may-not-leave", "0").json["traffic"]["may_not_leave_share"] == 0


def test_what_a_rented_model_did_receive_may_leave(
    freehold: Freehold, config: Path, wrote: Callable[..., Path]
) -> None:
    assert config.is_file()
    left = Sent("https://api.openai.com", "personal", "internal", "redact", None, "ab" * 32)
    rented = Attempt("gpt", "rented", "openai", 0.0001, 0.51, "ok", status=200, sent=left)
    owned = Attempt("llama", "owned", "llamacpp", 0.0001, 0.51, "ok", status=200, sent=left)
    wrote(
        a_record("r0", at=1_790_000_000.0, label="personal", attempts=(owned, rented)),
        a_record("r1", at=1_790_000_900.0, label="personal", attempts=(owned,)),
    )
    asked = ("decide", "--route", "support", "--rent", "openai/gpt-4o-mini", "--json")
    assert freehold(*asked).json["traffic"]["may_not_leave_share"] == 0.5
