from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import Freehold

from freehold.access import KeyRing
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
