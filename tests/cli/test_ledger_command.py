"""`freehold ledger check` and `freehold ledger repair`, and a gateway that will not start on damage."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.cli.conftest import Freehold, Wrote, spawn
from tests.ledger.samples import a_record
from tests.ledger.test_repair import overwrite, pages_of


def test_a_gateway_says_what_is_damaged_and_starts_after_the_repair(
    folder: Path, config: Path, wrote: Wrote, freehold: Freehold
) -> None:
    assert config.exists()
    path = wrote(*(a_record(f"r{number}") for number in range(300)))
    overwrite(path, pages_of(path, "records")[2])
    before = path.read_bytes()
    refused = spawn(["serve"], folder)
    assert refused.returncode == 1
    assert "freehold.db is damaged" in refused.stderr
    assert "freehold ledger repair" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert path.read_bytes() == before

    checked = freehold("ledger", "check")
    assert checked.code == 1
    assert "damaged" in checked.err
    told = json.loads(freehold("ledger", "repair", "--json").out)
    assert told["repaired"] is True
    assert 0 < told["lost_records"] == 300 - told["records"]
    assert told["lost_requests"]
    assert all(Path(name).exists() for name in told["kept"])
    assert json.loads(freehold("ledger", "check", "--json").out)["is_whole"] is True
    assert "nothing was done" in freehold("ledger", "repair").out
    assert len(freehold("requests", "--limit", "1000", "--json").out.splitlines()) == told["records"]


def test_a_person_reads_what_is_lost(config: Path, wrote: Wrote, freehold: Freehold) -> None:
    assert config.exists()
    path = wrote(*(a_record(f"r{number}") for number in range(300)))
    os.truncate(path, path.stat().st_size // 2 // 4096 * 4096)
    told = freehold("ledger", "repair")
    assert told.code == 0
    assert "Lost: " in told.out
    assert "Kept as they were: " in told.out
