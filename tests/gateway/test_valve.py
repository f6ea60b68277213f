"""When a gateway that runs late refuses new requests, and when not."""

from __future__ import annotations

import logging

import pytest

from freehold.gateway.valve import Valve


def valve(under_way: int) -> Valve:
    made = Valve()
    made.under_way = under_way
    return made


def test_a_late_loop_with_much_under_way_refuses_and_one_in_time_again_does_not() -> None:
    busy = valve(2000)
    busy.look(0.4, 1.0)
    assert not busy.shut  # a burst
    busy.look(0.4, 1.5)
    assert busy.shut
    busy.look(0.2, 1.9)
    assert busy.shut  # better is not good
    busy.look(0.01, 2.0)
    assert not busy.shut


def test_one_late_turn_now_and_then_is_no_overload() -> None:
    busy = valve(2000)
    for late in (0.9, 0.0) * 20:
        busy.look(late, 1.0)
        assert not busy.shut


@pytest.mark.parametrize("under_way", [1, 32, 256, 512])
def test_a_few_hundred_requests_are_served_however_slow_the_machine(under_way: int) -> None:
    few = valve(under_way)
    for _ in range(100):
        few.look(5.0, 1.0)
    assert not few.shut


def test_it_opens_when_little_is_left_even_if_the_machine_stays_slow() -> None:
    busy = valve(2000)
    busy.look(1.0, 1.0)
    busy.look(1.0, 2.0)
    assert busy.shut
    busy.under_way = 100
    busy.look(1.0, 3.0)
    assert not busy.shut


def test_a_burst_of_refusals_is_one_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "freehold")
    busy = valve(2000)
    for turn in range(2):
        busy.look(1.0, 1.0)
        busy.look(1.0, 2.0)
        busy.refused += 70 + turn
        busy.look(0.0, 4.5)
    assert [record.getMessage() for record in caplog.records] == [
        "overloaded for 2.5 s: 70 requests were refused with 503; 2000 were under way and went on",
        "overloaded for 2.5 s: 71 requests were refused with 503; 2000 were under way and went on",
    ]
