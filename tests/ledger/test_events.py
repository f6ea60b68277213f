from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.ledger.samples import a_record

from freehold.ledger import EventFeed, Ledger, LedgerMissing, LedgerReader, append_event, events

CREATE_KEY = """
import pathlib, sys
from freehold.ledger import append_event
print(append_event(pathlib.Path(sys.argv[1]), "key.created", {"id": "key_9"}, who="ops"))
"""


def test_an_event_is_read_back_with_who_and_why(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    first = append_event(path, "key.created", {"id": "key_1", "routes": ["support"]}, who="ops", create=True)
    second = append_event(path, "key.revoked", {"id": "key_1"}, who="ops", why="left the firm")
    append_event(path, "route.moved", {}, who="trial")
    created, revoked = events(path, "key.")
    assert (created.id, created.kind, created.body) == (
        first,
        "key.created",
        {"id": "key_1", "routes": ["support"]},
    )
    assert (created.who, created.why) == ("ops", None)
    assert (revoked.id, revoked.why) == (second, "left the firm")
    assert [event.kind for event in events(path, after=second)] == ["route.moved"]


def test_a_ledger_begun_by_an_event_is_the_one_the_gateway_opens(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    append_event(path, "key.created", {}, who="ops", create=True)
    with Ledger.open(path) as ledger:
        ledger.append(a_record("r"))
    assert len(events(path)) == 1
    with LedgerReader.open(path) as reader:
        assert reader.stats().requests == 1


def test_an_event_does_not_begin_a_ledger_unasked(tmp_path: Path) -> None:
    with pytest.raises(LedgerMissing):
        append_event(tmp_path / "ledger.db", "key.created", {}, who="ops")
    with pytest.raises(LedgerMissing):
        events(tmp_path / "ledger.db")
    assert not list(tmp_path.iterdir())


def test_a_running_writer_notices_an_event_of_another_process(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path, ingest_seconds=0.001) as ledger:
        feed = EventFeed(path, "key.")
        assert feed.poll() == []
        ledger.append(a_record("traffic"))
        ledger.flush()
        assert feed.poll() == []
        subprocess.run([sys.executable, "-c", CREATE_KEY, str(path)], check=True, capture_output=True)
        assert [event.body for event in feed.poll()] == [{"id": "key_9"}]
        assert feed.poll() == []
        feed.close()


def test_a_feed_begins_where_it_is_told(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ids = [append_event(path, "key.created", {"n": n}, who="ops", create=True) for n in range(3)]
    feed = EventFeed(path, after=ids[0])
    assert [event.id for event in feed.poll()] == ids[1:]
    feed.close()


def test_a_feed_tells_each_event_once(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    append_event(path, "key.created", {}, who="ops", create=True)
    feed = EventFeed(path)
    assert [event.id for event in feed.poll()] == [1]
    append_event(path, "key.revoked", {}, who="ops")
    assert [event.id for event in feed.poll()] == [2]
    feed.close()
