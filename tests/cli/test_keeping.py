"""`[ledger] keep_days`: a gateway removes what is older, and every list says so."""

from __future__ import annotations

import json
import time
from pathlib import Path

from tests.cli.conftest import CONFIG, Freehold
from tests.cli.test_serving import running, told_when_ready
from tests.ledger.samples import a_record

from freehold.ledger import Ledger, LedgerReader, events

DAY = 86_400


def test_a_gateway_removes_old_rows_and_all_lists_and_totals_tell(folder: Path, freehold: Freehold) -> None:
    (folder / "freehold.toml").write_text(CONFIG + "\n[ledger]\nkeep_days = 30\n")
    path = folder / "freehold.db"
    with Ledger.open(path) as ledger:
        ledger.append(a_record("old", at=time.time() - 40 * DAY))
        ledger.append(a_record("new", at=time.time() - DAY))
    with running(folder, "serve", "--json") as gateway:
        told_when_ready(gateway)
        deadline = time.monotonic() + 60
        while not events(path, "ledger.rows_removed"):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    with LedgerReader.open(path) as reader:
        assert [record.request_id for record in reader.requests(9)] == ["new"]
        assert reader.stats().requests == 2
    (event,) = events(path, "ledger.rows_removed")
    assert (event.who, event.why) == ("freehold", "[ledger] keep_days = 30")
    assert event.body["records"] == 1

    listed = freehold("requests")
    assert "were removed ([ledger] keep_days); totals still count them" in listed.err
    assert "were removed" not in freehold("requests", "--limit", "1").err, "the list is full without them"
    assert "were removed" in freehold("export", "--format", "jsonl").err
    gone = freehold("explain", "old")
    assert gone.code == 1
    assert "there is no request old" in gone.err
    assert "were removed" in gone.err
    told = json.loads(freehold("stats", "--json").out)
    assert told["requests"] == 2
    assert told["rows_removed_before"] is not None
