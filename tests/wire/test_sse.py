"""Events are cut at their ends, whatever the chunks, and their bytes stay as they are."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.wire import EventSplitter, EventTooLong, data_of, event_of

ENDINGS = st.sampled_from([b"\n", b"\r\n"])
LINES = st.lists(
    st.sampled_from([b"data: {}", b"data: [DONE]", b"data:x", b": ping", b"event: error", b"id: 7"]),
    min_size=1,
)


@st.composite
def streams(draw: st.DrawFn) -> list[bytes]:
    events = []
    for lines in draw(st.lists(LINES, max_size=6)):
        ending = draw(ENDINGS)
        events.append(b"".join(line + ending for line in lines) + ending)
    return events


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[a:b] for a, b in pairwise(edges)]


@given(events=streams(), places=st.lists(st.integers(0, 10_000), max_size=20))
def test_any_split_of_a_stream_gives_the_same_events(events: list[bytes], places: list[int]) -> None:
    splitter = EventSplitter()
    found = [event for piece in cut(b"".join(events), places) for event in splitter.feed(piece)]
    assert found == events
    assert splitter.rest == b""


def test_an_unfinished_event_is_held_back() -> None:
    splitter = EventSplitter()
    assert splitter.feed(b"data: a\n\ndata: b\n") == [b"data: a\n\n"]
    assert splitter.rest == b"data: b\n"


def test_an_event_without_end_is_given_up_at_the_limit() -> None:
    splitter = EventSplitter(limit_bytes=10)
    with pytest.raises(EventTooLong):
        splitter.feed(b"data: " + b"x" * 20)


@pytest.mark.parametrize(
    ("event", "data"),
    [
        (b"data: {}\n\n", b"{}"),
        (b"data:{}\r\n\r\n", b"{}"),
        (b"event: error\ndata: {}\n\n", b"{}"),
        (b"data: a\ndata: b\n\n", b"a\nb"),
        (b": ping\n\n", b""),
    ],
)
def test_the_data_of_an_event_is_its_data_lines(event: bytes, data: bytes) -> None:
    assert data_of(event) == data


@given(data=st.binary(min_size=1).filter(lambda b: b"\n" not in b and b"\r" not in b))
def test_data_survives_being_made_an_event(data: bytes) -> None:
    assert data_of(event_of(data)) == data
