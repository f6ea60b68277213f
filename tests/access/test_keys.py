"""Keys as a running gateway sees them: expiry, rotation, events of older versions, and no secret anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from freehold.access import Budget, Key, KeyRing, Rate, create_key, list_keys, revoke_key, rotate_key
from freehold.errors import Refused
from freehold.ledger import EventFeed, append_event


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@contextmanager
def ring(path: Path, clock: Clock, *, required: bool = True) -> Iterator[KeyRing]:
    feed = EventFeed(path, "key.")
    try:
        yield KeyRing(feed, required=required, clock=clock)
    finally:
        feed.close()


def bearer(secret: str) -> bytes:
    return f"Bearer {secret}".encode()


def test_what_a_key_is_made_with_is_what_a_gateway_sees(path: Path) -> None:
    key, secret = create_key(
        path,
        routes=["support"],
        models=["llama"],
        note="desk",
        owner="Ada",
        expires_at=1_800_000_000.0,
        budget=Budget(Decimal("12.345678901234567890"), "day"),
        rate=Rate(60, None),
        who="ops",
    )
    with ring(path, Clock()) as keys:
        assert keys.identify(bearer(secret)) == key
    assert list_keys(path) == {key.id: key}
    assert key.budget == Budget(Decimal("12.345678901234567890"), "day")


@pytest.mark.parametrize("required", [True, False])
def test_an_expired_key_is_refused_in_openais_words_and_told_when(path: Path, *, required: bool) -> None:
    clock = Clock()
    _, secret = create_key(path, expires_at=clock.now + 10, who="ops")
    with ring(path, clock, required=required) as keys:
        assert keys.identify(bearer(secret)) is not None
        clock.now += 10
        with pytest.raises(
            Refused, match=r"^Incorrect API key provided: fh-\*+.{4}\. It expired at 2"
        ) as caught:
            keys.identify(bearer(secret))
    assert (caught.value.status, caught.value.code) == (401, "invalid_api_key")
    assert secret not in caught.value.message


def test_after_several_rotations_each_secret_ends_no_later_than_it_was_told(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr("freehold.access.keys.time.time", clock)
    key, first = create_key(path, who="ops")
    _, second, _ = rotate_key(path, key.id, grace=timedelta(hours=1), who="ops")
    _, third, until = rotate_key(path, key.id, grace=timedelta(days=1), who="ops")
    assert until == clock.now + 86_400
    with ring(path, clock) as keys:
        assert {keys.identify(bearer(s)) for s in (first, second, third)} == {list_keys(path)[key.id]}
        clock.now += 3_600
        assert accepted(keys, first, second, third) == [False, True, True]
        clock.now += 86_400
        assert accepted(keys, first, second, third) == [False, False, True]
        revoke_key(path, key.id, who="ops")
        keys.refresh()
        assert accepted(keys, first, second, third) == [False, False, False]


def test_without_grace_the_old_secret_ends_at_once(path: Path) -> None:
    key, old = create_key(path, who="ops")
    _, new, _ = rotate_key(path, key.id, grace=timedelta(0), who="ops")
    feed = EventFeed(path, "key.")
    assert accepted(KeyRing(feed, required=True), old, new) == [False, True]
    feed.close()


def accepted(keys: KeyRing, *secrets: str) -> list[bool]:
    found = []
    for secret in secrets:
        try:
            found.append(keys.identify(bearer(secret)) is not None)
        except Refused:
            found.append(False)
    return found


def test_a_key_made_by_an_older_version_has_no_limits(path: Path) -> None:
    body: dict[str, Any] = {
        "id": "key_old",
        "hash": "0" * 64,
        "routes": [],
        "models": [],
        "note": None,
        "hint": "abcd",
    }
    append_event(path, "key.created", body, who="ops", create=True)
    (key,) = list_keys(path).values()
    nothing = frozenset[str]()
    assert key == Key("key_old", nothing, nothing, None, key.at, "abcd")
    assert (key.budget, key.rate, key.expires_at, key.owner) == (None, None, None, None)


def test_no_secret_is_in_the_ledger_or_in_any_repr(path: Path) -> None:
    key, first = create_key(path, note="desk", owner="Ada", who="ops")
    rotated, second, _ = rotate_key(path, key.id, grace=timedelta(hours=1), who="ops")
    files = b"".join(file.read_bytes() for file in path.parent.iterdir())
    with ring(path, Clock()) as keys:
        said = repr((key, rotated, keys, vars(keys), list_keys(path)))
    for secret in (first, second):
        assert secret.encode() not in files
        assert secret not in said
        assert secret[:12] not in said


@pytest.mark.parametrize("required", [True, False])
def test_an_admin_key_opens_the_page_and_asks_no_model(path: Path, *, required: bool) -> None:
    clock = Clock()
    key, secret = create_key(path, admin=True, owner="Ada", expires_at=clock.now + 10, who="ops")
    assert key.admin
    with ring(path, clock, required=required) as keys:
        assert keys.open_page(secret) == keys.admin(key.id) == key
        with pytest.raises(Refused, match="opens the page and asks no model") as caught:
            keys.identify(bearer(secret))
        assert (caught.value.status, caught.value.code) == (403, "admin_key")
        clock.now += 10
        assert keys.admin(key.id) is None
        with pytest.raises(Refused, match="expired"):
            keys.open_page(secret)


def test_an_applications_key_does_not_open_the_page(path: Path) -> None:
    key, secret = create_key(path, who="ops")
    with ring(path, Clock()) as keys:
        assert keys.admin(key.id) is None
        with pytest.raises(Refused, match="is an application's") as caught:
            keys.open_page(secret)
        assert caught.value.status == 403
        with pytest.raises(Refused) as unknown:
            keys.open_page("fh-unknown")
        assert unknown.value.status == 401


def test_a_revoked_admin_key_opens_nothing(path: Path) -> None:
    key, secret = create_key(path, admin=True, who="ops")
    revoke_key(path, key.id, who="ops")
    with ring(path, Clock()) as keys:
        assert keys.admin(key.id) is None
        with pytest.raises(Refused):
            keys.open_page(secret)
