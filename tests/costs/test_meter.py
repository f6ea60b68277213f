from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.costs import IdleSpan, Meter, Slot, idle_until, slot_cost

HOUR = 3_600_000_000
MINUTE = 60_000_000
START = 1_700_000_000 * 1_000_000 // HOUR * HOUR
SIXTY_CENTS = Decimal("0.60")


def meter(slots: int = 2) -> Meter:
    return Meter("llama", slots=slots, hourly_cost_usd=SIXTY_CENTS)


def test_one_of_two_slots_for_half_an_hour_costs_a_quarter_of_the_hour() -> None:
    assert slot_cost(HOUR // 2, 2, SIXTY_CENTS) == Decimal("0.15")


def test_a_model_that_nobody_asks_is_idle_for_all_of_its_hour() -> None:
    idle = meter()
    idle.begin(START)
    (span,) = idle.checkpoint(START + HOUR)
    assert span == IdleSpan(
        "llama", START // 1_000_000, START / 1e6, (START + HOUR) / 1e6, 2, 2 * HOUR, SIXTY_CENTS
    )


def test_spans_are_cut_at_full_hours() -> None:
    idle = meter()
    idle.begin(START + 50 * MINUTE)
    spans = idle.end(START + 130 * MINUTE)
    assert [span.hour * 1_000_000 - START for span in spans] == [0, HOUR, 2 * HOUR]
    assert [span.slot_microseconds // 2 // MINUTE for span in spans] == [10, 60, 10]


def test_what_a_running_request_has_used_so_far_is_not_idle() -> None:
    busy = meter()
    busy.begin(START)
    slot = busy.acquire(START + 10 * MINUTE)
    (span,) = busy.checkpoint(START + 30 * MINUTE)
    assert span.slot_microseconds == 40 * MINUTE
    assert busy.release(slot, START + 45 * MINUTE) == 35 * MINUTE


def test_a_request_that_waits_for_a_slot_uses_none_meanwhile() -> None:
    one = meter(slots=1)
    one.begin(START)
    first, second, third = (one.acquire(START) for _ in range(3))
    assert one.release(third, START + 5) == 0
    assert one.release(first, START + 10) == 10
    assert one.release(second, START + 25) == 15


def test_releasing_twice_counts_once() -> None:
    one = meter(slots=1)
    one.begin(START)
    slot = one.acquire(START)
    assert one.release(slot, START + 10) == one.release(slot, START + 20) == 10
    (span,) = one.checkpoint(START + 20)
    assert span.slot_microseconds == 10


def test_a_request_in_a_model_that_dies_uses_its_slot_until_then() -> None:
    one = meter(slots=1)
    one.begin(START)
    slot = one.acquire(START)
    one.end(START + 10)
    assert one.release(slot, START + 500) == 10


def test_hours_while_the_model_is_down_are_not_paid_for() -> None:
    idle = meter()
    idle.begin(START)
    idle.end(START + 10)
    assert idle.checkpoint(START + HOUR) == []
    idle.begin(START + HOUR)
    (span,) = idle.checkpoint(START + HOUR + 7)
    assert span.slot_microseconds == 14


def test_an_unknown_hourly_cost_makes_unknown_costs_and_known_times() -> None:
    unpriced = Meter("llama", slots=1, hourly_cost_usd=None)
    unpriced.begin(START)
    (span,) = unpriced.checkpoint(START + 10)
    assert (span.slot_microseconds, span.cost_usd) == (10, None)


def test_a_model_has_at_least_one_slot() -> None:
    with pytest.raises(ValueError, match="at least one slot"):
        meter(slots=0)


_steps = st.lists(
    st.tuples(
        st.sampled_from(["acquire", "acquire", "release", "release", "checkpoint", "end", "begin"]),
        st.one_of(st.integers(-MINUTE, MINUTE), st.integers(0, 3 * HOUR)),
        st.integers(0, 10),
    ),
    max_size=40,
)


@given(_steps, st.integers(1, 5), st.decimals("0.01", "99.99", places=2), st.integers(0, HOUR))
def test_records_and_idle_time_are_the_hours_up_times_the_price(
    steps: list[tuple[str, int, int]], slots: int, hourly: Decimal, offset: int
) -> None:
    book = Meter("llama", slots=slots, hourly_cost_usd=hourly)
    now = latest = START + offset
    up_us, up_since = 0, now
    running: list[Slot] = []
    used: list[int] = []
    spans: list[IdleSpan] = []
    book.begin(now)
    up = True
    for what, passed, pick in [*steps, ("end", 1, 0)]:
        if (what == "release" and not running) or (what == "begin" and up):
            continue
        now += passed
        latest = max(latest, now)  # the wall clock may step back; time up does not
        if what == "acquire":
            running.append(book.acquire(now))
        elif what == "release":
            used.append(book.release(running.pop(pick % len(running)), now))
        elif what == "checkpoint":
            spans += book.checkpoint(now)
        elif what == "end":
            spans += book.end(now)
            up_us += latest - up_since if up else 0
            up = False
        else:
            book.begin(now)
            up, up_since = True, latest
    used += [book.release(slot, latest + HOUR) for slot in running]
    idle = [span.slot_microseconds for span in spans]
    assert min([*idle, *used], default=0) >= 0
    assert sum(used) + sum(idle) == slots * up_us
    records_usd = sum((slot_cost(us, slots, hourly) for us in used), Decimal(0))
    idle_usd = sum((span.cost_usd for span in spans if span.cost_usd is not None), Decimal(0))
    assert abs(records_usd + idle_usd - hourly * up_us / HOUR) < Decimal("1e-9")
    for span in spans:
        assert span.hour <= span.from_ < span.to <= span.hour + 3600


@given(_steps, st.integers(1, 5), st.integers(0, HOUR))
def test_whoever_closes_the_books_of_a_killed_process_makes_them_the_hours_up(
    steps: list[tuple[str, int, int]], slots: int, offset: int
) -> None:
    book = Meter("llama", slots=slots, hourly_cost_usd=Decimal("3.6"))
    now = START + offset
    begun = now
    book.begin(now)
    running: list[Slot] = []
    ended: list[tuple[int, int]] = []  # when, and the slot time that a record says
    spans: list[IdleSpan] = []
    standing = book.standing()
    for what, passed, pick in steps:
        now += abs(passed) + 1
        if what == "acquire":
            running.append(book.acquire(now))
        elif what == "release" and running:
            ended.append((now, book.release(running.pop(pick % len(running)), now)))
        elif what == "checkpoint":
            spans += book.checkpoint(now)
            standing = book.standing() if pick else standing  # killed between its rows and its note
    assert standing is not None

    def booked(from_us: int, until_us: int) -> int:
        used = sum(us for at, us in ended if from_us <= at < until_us)
        begins = [(round(span.from_ * 1_000_000), span.slot_microseconds) for span in spans]
        return used + sum(us for at, us in begins if from_us <= at < until_us)

    now += 1  # nothing ends in the very moment of the last sign
    left = idle_until(standing, now, booked)
    assert all(span.slot_microseconds > 0 and span.hour <= span.from_ < span.to for span in left)
    total = sum(us for _, us in ended) + sum(span.slot_microseconds for span in spans + left)
    assert total == slots * (now - begun)
    spans += left
    assert idle_until(standing, now, booked) == []  # killed again while it closes them
