"""The geometry behind the pictures, for any figures."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tests.console.asking import attempt, record

from freehold.console.flow import draw
from freehold.console.share import WIDTH, share
from freehold.console.timeline import LEFT, RIGHT, ticks, timeline
from freehold.console.timeline import WIDTH as TIMELINE_WIDTH
from freehold.ledger import Flow, ModelSums, Stats

seconds = st.floats(min_value=0, max_value=1e5, allow_nan=False)
attempts = st.lists(
    st.builds(
        lambda start, took, first: attempt(started_seconds=start, seconds=took, ttft_seconds=first),
        seconds,
        seconds,
        st.none() | seconds,
    ),
    min_size=1,
    max_size=6,
)


@given(attempts, seconds)
def test_every_bar_lies_in_the_drawing_and_speaks_within_its_time(tries: list, whole: float) -> None:  # type: ignore[type-arg]  # of attempts, by hypothesis
    drawn = timeline(record("req_1", attempts=tuple(tries), seconds=whole))
    for bar in drawn.bars:
        assert LEFT <= bar.x < bar.end_x <= TIMELINE_WIDTH - RIGHT + 2.01
        assert bar.spoke_x is None or bar.x <= bar.spoke_x <= bar.end_x
    assert all(LEFT <= tick.x <= TIMELINE_WIDTH - RIGHT + 0.01 for tick in drawn.ticks)
    assert LEFT <= drawn.end_x <= TIMELINE_WIDTH - RIGHT + 0.01


@given(st.floats(min_value=1e-6, max_value=1e6))
def test_ticks_are_few_even_and_within_the_time(total: float) -> None:
    found = ticks(total)
    assert 2 <= len(found) <= 8
    assert found[0] == 0
    assert found[-1] <= total * 1.000001
    steps = [after - before for before, after in pairwise(found)]
    assert max(steps) - min(steps) < 1e-9 * total


@given(st.lists(st.integers(0, 10**9), min_size=3, max_size=3))
def test_the_pieces_of_a_share_are_all_requests_and_fill_the_bar(counts: list[int]) -> None:
    owned, rented, nobody = counts
    stats = Stats(
        requests=sum(counts),
        by_status={},
        by_model=(
            ModelSums(model="llama", tenure="owned", requests=owned),
            ModelSums(model="gpt", tenure="rented", requests=rented),
            ModelSums(model=None, tenure=None, requests=nobody),
        ),
        by_route=(),
        idle=(),
        idle_cost_usd=0,  # type: ignore[arg-type]  # not looked at
        unknown_idle_cost_rows=0,
        repriced_requests=0,
        original_cost_usd=Decimal(0),
    )
    pieces = share(stats)
    assert sum(piece.requests for piece in pieces) == sum(counts)
    assert [piece.tenure for piece in pieces] == [
        tenure for tenure, number in zip(("owned", "rented", None), counts, strict=True) if number
    ]
    if pieces:
        assert abs(pieces[-1].x + pieces[-1].width - WIDTH) < 0.1
    if len(pieces) > 1:
        assert all(piece.percent not in ("0 %", "100 %") for piece in pieces)


flows = st.lists(
    st.builds(
        Flow,
        route=st.sampled_from(["support", "letters", None]),
        label=st.sampled_from(["public", "personal", "secret", None]),
        model=st.just("llama"),
        tenure=st.just("owned"),
        simulated=st.booleans(),
        requests=st.integers(1, 10**6),
    )
    | st.builds(
        Flow,
        route=st.sampled_from(["support", None]),
        label=st.sampled_from(["internal", None]),
        model=st.none(),
        tenure=st.none(),
        simulated=st.sampled_from([False]),
        requests=st.integers(1, 10**6),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda flow: (flow.route, flow.label, flow.model, flow.simulated),
)


@given(flows)
def test_what_flows_into_a_bar_flows_out_of_it_and_all_lies_in_the_drawing(found: list[Flow]) -> None:
    drawn = draw(found)
    assert drawn is not None
    whole = sum(flow.requests for flow in found)
    for bars in (drawn.routes, drawn.labels, drawn.homes):
        assert sum(bar.requests for bar in bars) == whole
        assert all(bar.y > 0 and bar.y + bar.height <= drawn.height for bar in bars)
        assert all(low.y + low.height < high.y for low, high in pairwise(bars))
    assert sum(ribbon.requests for ribbon in drawn.ribbons) == 2 * whole
    for label in drawn.labels:
        goes = sum(r.requests for r in drawn.ribbons if r.said.startswith(f"{label.name} → "))
        comes = sum(r.requests for r in drawn.ribbons if f" → {label.name}: " in r.said)
        assert goes == comes == label.requests


def test_without_a_request_there_is_no_picture_of_the_flow() -> None:
    assert draw([]) is None
