"""What another process learns of new costs, while it is running."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.samples import a_record
from tests.ledger.test_corrections import corrected, written

from freehold.ledger import CorrectionFeed, reprice, spending


def test_each_correction_tells_the_difference_to_what_counted_before(tmp_path: Path) -> None:
    path = written(
        tmp_path / "l.db",
        a_record("req_1"),
        a_record("req_2", cost_usd=None, held_usd=Decimal(3)),
        a_record("req_3", cost_usd=None, key=None),
    )
    feed = CorrectionFeed(path)
    assert feed.poll() == []
    corrected(path, req_1="0.5", req_2="1", req_3="2")
    told = [(new.key, new.route, new.difference_usd) for new in feed.poll()]
    assert told == [
        ("key_1", "support", Decimal("0.4999625")),
        ("key_1", "support", Decimal(-2)),
        (None, "support", Decimal(2)),
    ]
    corrected(path, req_1="0.25")
    assert [new.difference_usd for new in feed.poll()] == [Decimal("-0.25")]
    assert feed.poll() == []
    feed.close()


@given(st.lists(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), max_size=4), max_size=4))
def test_what_was_spent_and_all_differences_are_what_is_spent(
    tmp_path_factory: object, rounds: list[list[tuple[int, int]]]
) -> None:
    folder: Path = tmp_path_factory.mktemp("feed")  # type: ignore[attr-defined] # pytest's, untyped here
    path = written(folder / "l.db", *(a_record(f"req_{n}") for n in range(4)))
    before, feed = spending(path, "key", None), CorrectionFeed(path)
    total = before.of("key_1")
    for costs in rounds:
        reprice(path, [(f"req_{n}", Decimal(usd)) for n, usd in costs], body={}, who="a", why="b")
        total += sum((new.difference_usd for new in feed.poll()), Decimal(0))
        now = spending(path, "key", None)
        assert total == now.of("key_1")
    feed.close()
