from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from tests.cli.conftest import Freehold, Wrote, spawn
from tests.ledger.samples import a_record

from freehold.access import KeyRing
from freehold.errors import Refused
from freehold.ledger import EventFeed

pytestmark = pytest.mark.usefixtures("config")


def test_a_key_is_made_before_there_is_a_ledger_and_it_works(freehold: Freehold, folder: Path) -> None:
    ended = freehold("keys", "create", "--route", "support", "--model", "llama", "--note", "desk", "--json")
    assert ended.code == 0
    assert set(ended.json) == {"id", "key"}
    assert len(ended.out.splitlines()) == 1
    feed = EventFeed(folder / "freehold.db", "key.")
    key = KeyRing(feed, required=True).identify(f"Bearer {ended.json['key']}".encode())
    feed.close()
    assert key is not None
    assert key.id == ended.json["id"]
    assert (key.routes, key.models) == (frozenset({"support"}), frozenset({"llama"}))


def test_keys_are_listed_without_their_secret(freehold: Freehold) -> None:
    made = freehold("keys", "create", "--route", "support", "--note", "desk", "--json").json
    (listed,) = freehold("keys", "list", "--json").json
    assert listed["id"] == made["id"]
    assert listed["hint"] == made["key"][-4:]
    assert (listed["routes"], listed["models"], listed["note"], listed["revoked"]) == (
        ["support"],
        [],
        "desk",
        False,
    )
    told = freehold("keys", "list").out
    assert made["id"] in told
    assert made["key"] not in told


def test_a_key_for_a_person_is_shown_once_and_says_that_it_may_be_needless(freehold: Freehold) -> None:
    ended = freehold("keys", "create")
    assert ended.out.startswith("fh-")
    assert "may use everything" in ended.out
    assert "require_keys is false" in ended.out


def test_a_revoked_key_is_shown_as_revoked(freehold: Freehold) -> None:
    made = freehold("keys", "create", "--json").json
    assert freehold("keys", "revoke", made["id"], "--why", "rotated").code == 0
    assert [key["revoked"] for key in freehold("keys", "list", "--json").json] == [True]
    assert "revoked" in freehold("keys", "list").out


def test_an_unknown_id_is_an_error(freehold: Freehold) -> None:
    freehold("keys", "create")
    ended = freehold("keys", "revoke", "key_nobody")
    assert ended.code == 1
    assert "there is no key key_nobody" in ended.err


@pytest.mark.parametrize(
    ("option", "said"),
    [("--route", "no route is called 'suport'"), ("--model", "no model is called 'suport'")],
)
def test_a_name_that_is_not_in_the_config_is_an_error_and_no_key_is_made(
    option: str, said: str, freehold: Freehold, folder: Path
) -> None:
    ended = freehold("keys", "create", option, "suport")
    assert ended.code == 2
    assert said in ended.err
    assert not (folder / "freehold.db").exists()


def test_without_keys_the_list_says_so(freehold: Freehold) -> None:
    assert "There are no keys" in freehold("keys", "list").out
    assert freehold("keys", "list", "--json").json == []


def test_the_upstreams_keys_need_not_be_at_hand(freehold: Freehold, config: Path) -> None:
    config.write_text(config.read_text().replace('price_as = "openai/gpt-4o-mini"', "").replace(
        'provider = "sandbox"\n\nttft_seconds = 0\ntokens_per_second = 100000',
        'provider = "openai"\nkey_env = "KEY_THAT_IS_NOT_SET_HERE"',
    ))  # fmt: skip
    assert "KEY_THAT_IS_NOT_SET_HERE" in config.read_text()
    assert freehold("keys", "list").code == 0
    assert freehold("check").code == 1


def test_a_key_with_limits_shows_them_and_what_it_has_spent(freehold: Freehold, wrote: Wrote) -> None:
    made = freehold(
        "keys", "create", "--owner", "Ada", "--note", "desk", "--expires", "90d", "--budget-usd", "0.5",
        "--budget-period", "month", "--requests-per-minute", "60", "--tokens-per-minute", "9000", "--json",
    ).json  # fmt: skip
    wrote(
        a_record("r1", at=time.time(), key=made["id"], cost_usd=Decimal("0.125")),
        a_record("r2", at=time.time(), key=made["id"], cost_usd=None, held_usd=Decimal("0.25")),
        a_record("r3", at=time.time(), key=made["id"], cost_usd=None),
        a_record("r4", at=time.time() - 40 * 86_400, key=made["id"], cost_usd=Decimal(1)),
        a_record("r5", at=time.time(), key="key_other", cost_usd=Decimal(1)),
    )
    (listed,) = freehold("keys", "list", "--json").json
    assert {name: listed[name] for name in (
        "owner", "budget_usd", "budget_period", "spent_usd", "requests_per_minute", "tokens_per_minute",
    )} == {
        "owner": "Ada", "budget_usd": "0.5", "budget_period": "month", "spent_usd": "0.375",
        "requests_per_minute": 60, "tokens_per_minute": 9000,
    }  # fmt: skip
    ends = datetime.fromisoformat(listed["expires_at"])
    assert timedelta(days=89) < ends - datetime.now(UTC) <= timedelta(days=90)
    told = freehold("keys", "list").out
    assert "0.375 USD spent" in told
    assert "60 requests a minute" in told


def test_a_rotated_key_keeps_its_id_and_its_old_secret_for_the_grace(
    freehold: Freehold, folder: Path
) -> None:
    made = freehold("keys", "create", "--route", "support", "--json").json
    rotated = freehold("keys", "rotate", made["id"], "--grace", "2h", "--why", "yearly", "--json").json
    assert rotated["id"] == made["id"]
    assert rotated["key"] != made["key"]
    (listed,) = freehold("keys", "list", "--json").json
    assert (listed["hint"], listed["routes"]) == (rotated["key"][-4:], ["support"])
    now = time.time()
    feed = EventFeed(folder / "freehold.db", "key.")
    ring = KeyRing(feed, required=True, clock=lambda: now)
    for text in (made["key"], rotated["key"]):
        key = ring.identify(f"Bearer {text}".encode())
        assert key is not None
        assert key.id == made["id"]
    now += 7201
    assert ring.identify(f"Bearer {rotated['key']}".encode()) is not None
    with pytest.raises(Refused, match=r"Incorrect API key provided.*It was replaced") as refused:
        ring.identify(f"Bearer {made['key']}".encode())
    feed.close()
    assert refused.value.status == 401


def test_a_revoked_key_cannot_be_rotated(freehold: Freehold) -> None:
    made = freehold("keys", "create", "--json").json
    freehold("keys", "revoke", made["id"])
    ended = freehold("keys", "rotate", made["id"])
    assert ended.code == 1
    assert "is revoked" in ended.err


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--expires", "yesterday", "no point in time"),
        ("--expires", "2020-01-01", "is past"),
        ("--budget-usd", "0", "no amount in USD"),
        ("--budget-usd", "lots", "no amount in USD"),
        ("--budget-period", "week", "is not one of"),
        ("--requests-per-minute", "0", "is not in the range"),
    ],
)
def test_a_limit_that_is_none_is_an_error_and_no_key_is_made(
    option: str, value: str, said: str, freehold: Freehold, folder: Path
) -> None:
    ended = freehold("keys", "create", option, value)
    assert ended.code == 2
    assert said in ended.err
    assert not (folder / "freehold.db").exists()


def test_a_real_process_makes_a_key_with_a_budget_as_checks_from_outside_do(folder: Path) -> None:
    arguments = ("keys", "create", "--budget-usd", "2.50", "--requests-per-minute", "5", "--json")
    ended = spawn(arguments, folder)
    assert ended.returncode == 0
    assert set(json.loads(ended.stdout)) == {"id", "key"}
    (listed,) = json.loads(spawn(("keys", "list", "--json"), folder).stdout)
    assert (listed["budget_usd"], listed["requests_per_minute"]) == ("2.50", 5)


def test_a_budget_that_nothing_bounds_is_told_when_the_key_is_made(freehold: Freehold, config: Path) -> None:
    told = freehold("keys", "create", "--budget-usd", "1").out
    assert "1.00 USD in all" in told
    assert "set max_output_tokens on [routes.support]" in " ".join(told.split())
    config.write_text(config.read_text() + "max_output_tokens = 100\n")
    assert "max_output_tokens" not in freehold("keys", "create", "--budget-usd", "1").out


def test_an_admin_key_is_made_and_listed_as_one(freehold: Freehold) -> None:
    told = freehold("keys", "create", "--admin", "--owner", "Ada")
    assert "may use the page, and no model" in told.out
    assert "require_keys" not in told.out
    freehold("keys", "create")
    assert [key["admin"] for key in freehold("keys", "list", "--json").json] == [True, False]
    assert "the page, and no model" in freehold("keys", "list").out


@pytest.mark.parametrize(
    "more",
    [["--route", "support"], ["--model", "gpt"], ["--budget-usd", "1"], ["--requests-per-minute", "5"]],
)
def test_an_admin_key_takes_nothing_that_is_about_models(freehold: Freehold, more: list[str]) -> None:
    ended = freehold("keys", "create", "--admin", *more)
    assert ended.code == 2
    assert "asks no model" in ended.err
