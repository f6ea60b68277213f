"""Rate limits over a sliding minute, with the clock in hand."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.access import Admission, Key, Rate, Rates, create_key
from freehold.access.rate import Window
from freehold.errors import Refused

NOW = 1000.0


def admitted(rates: Rates, rate: Rate, tokens: int = 0, now: float = NOW) -> Admission:
    admission = rates.admission(None, "support", rate)
    assert admission is not None
    admission.enter(tokens, now)
    return admission


def shown(admission: Admission, now: float = NOW) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in admission.headers(now)}


@given(
    limit=st.integers(1, 6),
    steps=st.lists(st.tuples(st.floats(0, 25), st.integers(1, 3)), max_size=60),
)
def test_in_no_minute_is_more_used_than_the_limit(limit: int, steps: list[tuple[float, int]]) -> None:
    window, now, used = Window(), NOW, list[tuple[float, int]]()
    for pause, amount in steps:
        now += pause
        wait = window.wait_seconds(amount, limit, now)
        if wait == 0:
            window.add(amount, now)
            used.append((now, amount))
        elif wait is not None:
            assert deepcopy(window).wait_seconds(amount, limit, now + wait) == 0
            assert wait <= 60.25
    for end, _ in used:
        assert sum(amount for at, amount in used if end - 60 < at <= end) <= limit


@given(amounts=st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.floats(0, 70)), max_size=30))
def test_a_correction_counts_as_long_as_what_it_corrects(amounts: list[tuple[int, int, float]]) -> None:
    window, now = Window(), NOW
    for amount, really, pause in amounts:
        mark = window.add(amount, now)
        before = window.used(now)
        now += pause
        still = window.used(now)
        window.correct(mark, really - amount)
        if not 60 <= pause <= 60.25:
            assert window.used(now) == still + (really - amount if pause < 60 else 0)
        assert before >= still
    assert window.used(now + 61) == 0


def test_the_request_after_the_last_is_refused_until_the_first_has_left() -> None:
    rates, rate = Rates(), Rate(requests_per_minute=3)
    for second in range(3):
        admitted(rates, rate, now=NOW + second)
    with pytest.raises(Refused) as caught:
        admitted(rates, rate, now=NOW + 10)
    refusal = caught.value
    assert (refusal.status, refusal.code, refusal.type) == (429, "rate_limit_exceeded", "requests")
    assert "route support on requests per minute: limit 3, used 3, requested 1" in refusal.message
    assert "Please try again in 50.2s" in refusal.message
    assert refusal.retry_after == 51
    admitted(rates, rate, now=NOW + 61)


def test_a_refused_request_does_not_count() -> None:
    rates, rate = Rates(), Rate(requests_per_minute=1)
    admitted(rates, rate)
    for _ in range(50):
        with pytest.raises(Refused):
            admitted(rates, rate, now=NOW + 30)
    admitted(rates, rate, now=NOW + 61)


def test_tokens_are_guessed_first_and_then_what_they_were() -> None:
    rates, rate = Rates(), Rate(tokens_per_minute=1000)
    first = admitted(rates, rate, tokens=900)
    with pytest.raises(Refused) as caught:
        admitted(rates, rate, tokens=200)
    assert caught.value.type == "tokens"
    first.used(100)
    first.used(100)
    admitted(rates, rate, tokens=900)


def test_what_never_fits_is_told_so_and_not_to_wait() -> None:
    with pytest.raises(Refused, match="never fits") as caught:
        admitted(Rates(), Rate(tokens_per_minute=10), tokens=11)
    assert caught.value.retry_after is None


def test_headers_are_openais_and_show_the_limit_with_the_least_left(keys: Iterator[Key]) -> None:
    rates, key, route = Rates(), next(keys), Rate(requests_per_minute=2, tokens_per_minute=500)
    admission = rates.admission(key, "support", route)
    assert admission is not None
    admission.enter(100, NOW)
    assert shown(admission, NOW + 20) == {
        "x-ratelimit-limit-requests": "2",
        "x-ratelimit-remaining-requests": "1",
        "x-ratelimit-reset-requests": "40.2s",
        "x-ratelimit-limit-tokens": "500",
        "x-ratelimit-remaining-tokens": "400",
        "x-ratelimit-reset-tokens": "40.2s",
    }
    assert shown(admission, NOW + 59.75)["x-ratelimit-reset-requests"] == "500ms"
    assert shown(admission, NOW + 61)["x-ratelimit-remaining-requests"] == "2"


def test_a_limit_of_one_kind_has_headers_of_that_kind_alone(keys: Iterator[Key]) -> None:
    admission = Rates().admission(next(keys), "support", None)
    assert admission is not None
    admission.enter(0, NOW)
    assert {name for name, _ in admission.headers(NOW)} == {
        b"x-ratelimit-limit-requests", b"x-ratelimit-remaining-requests", b"x-ratelimit-reset-requests",
    }  # fmt: skip


def test_two_keys_do_not_use_up_each_others_limit(keys: Iterator[Key]) -> None:
    rates = Rates()
    for key in (next(keys), next(keys)):
        admission = rates.admission(key, "support", None)
        assert admission is not None
        for _ in range(5):
            admission.enter(0, NOW)
        with pytest.raises(Refused, match=f"key {key.id} on requests"):
            admission.enter(0, NOW)


def test_without_limits_there_is_nothing_to_pass() -> None:
    assert Rates().admission(None, "support", None) is None


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[Key]:
    """Keys that may ask five times a minute."""

    def make() -> Iterator[Key]:
        while True:
            yield create_key(tmp_path / "l.db", rate=Rate(requests_per_minute=5), who="test")[0]

    return make()
