"""Hold → settle: whatever happens, what is spent and held never passes the cap."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule
from tests.ledger.samples import a_record

from freehold.access import Budget, Budgets, Hold, Key, bounds, create_key
from freehold.access.budget import Account
from freehold.errors import Refused
from freehold.ledger import Ledger

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()
CAP = Decimal("1.00")
DAY_SECONDS = 86_400.0

amounts = st.decimals(min_value=0, max_value=Decimal("0.6"), places=4)


def sums(of: Account, at: float = NOON) -> tuple[str, str]:
    """What is held and what is spent."""
    term = of.term(at)
    return f"{term.held.normalize():f}", f"{term.spent.normalize():f}"


def account(usd: str = "1", period: str = "total") -> Account:
    return Account("key key_1", Budget(Decimal(usd), period), NOON)  # type: ignore[arg-type]  # words of a test


def test_the_worst_case_is_held_and_what_it_cost_is_spent() -> None:
    of = account()
    hold = Hold([of], NOON)
    hold.reserve(Decimal("0.75"), NOON)
    assert sums(of) == ("0.75", "0")
    hold.paid(Decimal("0.25"))
    hold.settle()
    assert sums(of) == ("0", "0.25")


def test_an_unknown_cost_counts_as_what_was_held() -> None:
    of = account()
    hold = Hold([of], NOON)
    hold.reserve(Decimal("0.75"), NOON)
    hold.paid(None)
    hold.settle()
    assert hold.counted == of.term(NOON).spent == Decimal("0.75")


def test_a_reservation_that_nothing_was_paid_from_is_free_again() -> None:
    of = account()
    hold = Hold([of], NOON)
    for _ in range(3):
        hold.reserve(Decimal("0.75"), NOON)  # the next candidate, after one that was not asked
    hold.settle()
    hold.settle()
    assert sums(of) == ("0", "0")


def test_a_second_attempt_needs_room_beside_what_the_first_may_have_cost() -> None:
    hold = Hold([account()], NOON)
    hold.reserve(Decimal("0.6"), NOON)
    hold.paid(None)
    with pytest.raises(Refused):
        hold.reserve(Decimal("0.6"), NOON)
    hold.reserve(Decimal("0.4"), NOON)


def test_of_two_accounts_both_hold_or_none() -> None:
    rich, poor = account("5"), account("0.5")
    hold = Hold([rich, poor], NOON)
    with pytest.raises(Refused):
        hold.reserve(Decimal(1), NOON)
    assert rich.term(NOON).held == poor.term(NOON).held == 0
    hold.reserve(Decimal("0.5"), NOON)
    assert rich.term(NOON).held == poor.term(NOON).held == Decimal("0.5")


@pytest.mark.parametrize(
    ("period", "wait", "said"),
    [
        (
            "day",
            43_200,
            "a day; 0 USD are spent and 0.9 USD are held for requests under way, and this one may",
        ),
        ("month", 43_200 + 6 * 86_400, "It resets at 2026-12-01T00:00:00Z."),
        ("total", None, "It does not reset."),
    ],
)
def test_a_refusal_tells_cap_spent_held_and_reset(period: str, wait: int | None, said: str) -> None:
    of = account("1", period)
    Hold([of], NOON).reserve(Decimal("0.9"), NOON)
    with pytest.raises(Refused) as caught:
        Hold([of], NOON).reserve(Decimal("1.25"), NOON)
    refusal = caught.value
    assert (refusal.status, refusal.code, refusal.type) == (429, "insufficient_quota", "insufficient_quota")
    assert "the budget of key key_1 is 1 USD" in refusal.message
    assert said in refusal.message
    assert refusal.retry_after == wait


def test_what_fits_once_others_have_ended_is_told_to_come_back_soon() -> None:
    of = account()
    Hold([of], NOON).reserve(Decimal("0.9"), NOON)
    with pytest.raises(Refused, match="Try again when some of them have ended") as caught:
        Hold([of], NOON).reserve(Decimal("0.5"), NOON)
    assert caught.value.retry_after == 1


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("day", "2026-12-31T00:00", "2027-01-01T00:00"),
        ("month", "2026-12-01T00:00", "2027-01-01T00:00"),
    ],
)
def test_periods_begin_and_end_at_midnight_of_utc(period: str, start: str, end: str) -> None:
    at = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()
    began, ends = bounds(period, at)  # type: ignore[arg-type]  # words of a test
    assert datetime.fromtimestamp(began, UTC) == datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert datetime.fromtimestamp(ends, UTC) == datetime.fromisoformat(end).replace(tzinfo=UTC)


@given(
    at=st.integers(0, 4 * 10**12).map(lambda ms: ms / 1000), period=st.sampled_from(["day", "month", "total"])
)
def test_every_moment_lies_within_its_period(at: float, period: str) -> None:
    start, end = bounds(period, at)  # type: ignore[arg-type]  # words of a test
    assert start <= at < end
    if period != "total":
        assert bounds(period, end)[0] == end  # type: ignore[arg-type]  # words of a test
        assert bounds(period, start - 0.001)[1] == start  # type: ignore[arg-type]  # likewise


def test_a_new_day_begins_with_nothing_spent_and_a_request_belongs_to_the_day_it_came() -> None:
    of = account("1", "day")
    late = Hold([of], NOON)
    late.reserve(Decimal("0.9"), NOON)
    tomorrow = NOON + DAY_SECONDS
    Hold([of], tomorrow).reserve(Decimal(1), tomorrow)
    with pytest.raises(Refused):
        late.reserve(Decimal("1.1"), tomorrow)  # its own day's cap still holds
    late.paid(Decimal("0.9"))
    late.settle()
    assert sums(of, tomorrow) == ("1", "0")
    assert of.term(NOON).spent == Decimal("0.9")


def test_what_was_spent_before_a_restart_is_read_from_the_ledger(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    key, _ = create_key(path, budget=Budget(CAP, "day"), who="test")
    other, _ = create_key(path, budget=Budget(CAP), who="test")
    with Ledger.open(path) as ledger:
        rows = ((NOON, "0.1", None), (NOON - 1, None, "0.2"), (NOON - DAY_SECONDS, "0.4", None))
        for n, (at, cost, held) in enumerate((*rows, (NOON, None, None))):
            known, counted = (None if usd is None else Decimal(usd) for usd in (cost, held))
            for key_id in (key.id, other.id):
                row = a_record(f"r{n}{key_id}", key=key_id, at=at, cost_usd=known, held_usd=counted)
                ledger.append(row)
        budgets = Budgets()
        budgets.load(path, [key, other], {"support": Budget(Decimal(3), "month")}, NOON)
    assert left(budgets, key) == CAP - Decimal("0.3")
    assert left(budgets, other) == CAP - Decimal("0.7")
    hold = budgets.hold(None, "support", Budget(Decimal(3), "month"), NOON)
    assert hold is not None
    with pytest.raises(Refused, match=r"route support is 3 USD a month; 1\.4 USD are spent"):
        hold.reserve(Decimal(2), NOON)


def test_a_cap_that_a_changed_config_moves_keeps_what_is_held(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    Ledger.open(path).close()
    budgets, small, large = Budgets(), Budget(Decimal(1)), Budget(Decimal(2))
    budgets.load(path, [], {"support": small}, NOON)
    first = budgets.hold(None, "support", small, NOON)
    assert first is not None
    first.reserve(Decimal(1), NOON)
    budgets.load(path, [], {"support": large}, NOON)
    second = budgets.hold(None, "support", large, NOON)
    assert second is not None
    with pytest.raises(Refused):
        second.reserve(Decimal("1.01"), NOON)
    second.reserve(Decimal(1), NOON)


def left(budgets: Budgets, key: Key) -> Decimal:
    """What the key can still reserve at noon, found by asking."""
    low, high = Decimal(0), Decimal(2)
    for _ in range(30):
        middle = (low + high) / 2
        hold = budgets.hold(key, "support", None, NOON)
        assert hold is not None
        try:
            hold.reserve(middle, NOON)
            low = middle
        except Refused:
            high = middle
        hold.settle()
    return round(low, 6)


class Traffic(RuleBasedStateMachine):
    """Requests that come, are tried, end and are killed, in any order, over days; against a list of rows."""

    holds = Bundle("holds")

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.rows: list[tuple[float, Decimal]] = []  # what a ledger would hold
        self.open: dict[int, tuple[Hold, float]] = {}
        self.account = Account("key key_1", Budget(CAP, "day"), NOON)

    @rule(target=holds)
    def come(self) -> Hold:
        hold = Hold([self.account], self.now)
        self.open[id(hold)] = (hold, self.now)
        return hold

    @rule(hold=holds, worst=amounts)
    def reserve(self, hold: Hold, worst: Decimal) -> None:
        if id(hold) in self.open:
            try:
                hold.reserve(worst, self.now)
            except Refused:
                came = self.open[id(hold)][1]
                assert bounds("day", came) != bounds("day", self.now) or worst > CAP - self.in_all()

    @rule(hold=holds, worst=amounts, share=st.none() | st.integers(0, 10))
    def attempt(self, hold: Hold, worst: Decimal, share: int | None) -> None:
        """An attempt that costs a share of its worst case, or an unknown part."""
        if id(hold) in self.open:
            try:
                hold.reserve(worst, self.now)
            except Refused:
                return
            hold.paid(None if share is None else worst * share / 10)

    @rule(hold=consumes(holds))
    def end(self, hold: Hold) -> None:
        found = self.open.pop(id(hold), None)
        if found is not None:
            self.rows.append((found[1], hold.counted))
            hold.settle()

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        self.now += hours * 3600

    @rule()
    def crash(self) -> None:
        """What was under way is gone; the account is read from the rows."""
        self.open.clear()
        start, _ = bounds("day", self.now)
        spent = sum((usd for at, usd in self.rows if at >= start), Decimal(0))
        self.account = Account("key key_1", Budget(CAP, "day"), self.now, spent)

    def in_all(self) -> Decimal:
        term = self.account.term(self.now)
        return term.spent + term.held

    @invariant()
    def never_over_the_cap(self) -> None:
        assert self.in_all() <= CAP
        days: dict[float, Decimal] = {}
        for at, usd in self.rows:
            start = bounds("day", at)[0]
            days[start] = days.get(start, Decimal(0)) + usd
        assert all(usd <= CAP for usd in days.values())

    @invariant()
    def spent_is_the_sum_of_the_rows(self) -> None:
        start, _ = bounds("day", self.now)
        assert self.account.term(self.now).spent == sum(
            (usd for at, usd in self.rows if at >= start), Decimal(0)
        )


TestTraffic = Traffic.TestCase
TestTraffic.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
