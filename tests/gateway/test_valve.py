"""How many new requests may wait for the processor, and what is told of those that were refused."""

from __future__ import annotations

import logging

import pytest

from freehold.gateway.refusal import COME_BACK
from freehold.gateway.valve import Valve


def test_the_bound_shrinks_while_the_loop_is_late_and_grows_again_when_it_is_not() -> None:
    valve = Valve()
    at_first = valve.most
    for _ in range(3):
        valve.look(0.5, 1.0)
    late = valve.most
    assert late < at_first
    for _ in range(200):
        valve.look(0.0, 2.0)
    assert valve.most == at_first


def test_a_hundred_at_once_are_taken_however_slow_the_machine() -> None:
    valve = Valve()
    for _ in range(1000):
        valve.look(5.0, 1.0)
    assert valve.most > 100


def test_a_burst_of_refusals_is_one_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "freehold")
    valve = Valve()
    now = 0.0
    for refusals in (0, 50, 0, 20, *[0] * 30, 7, *[0] * 30):
        valve.refused += refusals
        valve.look(0.0, now)
        now += 0.1
    assert [record.getMessage() for record in caplog.records] == [
        "overloaded for 1.2 s: 70 new requests were refused with 503",
        "overloaded for 1.0 s: 7 new requests were refused with 503",
    ]


def test_the_more_are_refused_the_later_they_may_come_again() -> None:
    valve = Valve()
    rests = set()
    for _ in range(40):
        valve.refused += 100
        valve.look(0.0, 1.0)
        rests.add(valve.rest_seconds)
    assert max(rests) == 8
    for _ in range(40):
        valve.look(0.0, 1.0)
        rests.add(valve.rest_seconds)
    assert valve.rest_seconds == 1
    assert rests == set(COME_BACK)
