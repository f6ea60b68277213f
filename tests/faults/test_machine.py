"""What a machine does to a running gateway: its clock goes back, another process locks the ledger."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, cast

from tests.faults.test_upstream import config, kept
from tests.gateway import upstream as up
from tests.gateway.house import Gateway, until_ready
from tests.gateway.test_budgets import budgeted
from tests.gateway.test_death import started

from freehold.ledger import LedgerReader

# Python reads it before anything else: its clock is a day and more behind as long as a file is there.
BEHIND = """
import os, time
_now, _now_ns = time.time, time.time_ns
def _behind(): return 90_000 if os.path.exists("went-back") else 0
time.time = lambda: _now() - _behind()
time.time_ns = lambda: _now_ns() - _behind() * 10**9
"""


async def test_a_clock_that_goes_back_a_day_fails_nothing_and_loses_nothing(
    tmp_path: Path, free_port: int
) -> None:
    folder = tmp_path / "clock"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(BEHIND)
    headers = budgeted(tmp_path, "1", period="day")
    async with up.upstream(up.says()) as rent:
        house = Gateway(cast("Any", None), free_port, tmp_path / "freehold.toml")
        priced = "input_usd_per_million = 1\noutput_usd_per_million = 10\n"
        house.config.write_text(config({"gpt": rent.url}).replace("retries = 0\n", f"retries = 0\n{priced}"))
        with started(tmp_path, free_port, PYTHONPATH=str(folder)) as process:
            await until_ready(house)
            before = [await house.chat("gpt", max_tokens=10, headers=headers) for _ in range(3)]
            (tmp_path / "went-back").touch()
            after = [await house.chat("gpt", max_tokens=10, headers=headers) for _ in range(3)]
            os.killpg(process.pid, signal.SIGKILL)
    assert {answer.status for answer in before + after} == {200}
    ids = [answer.headers["x-request-id"] for answer in before + after]
    assert len(set(ids)) == 6
    records = kept(tmp_path)
    assert records[ids[3]].at < records[ids[0]].at - 80_000  # or the clock did not go back
    with LedgerReader.open(tmp_path / "freehold.db") as reader:
        newest_first = [record.request_id for record in reader.requests(10)]
        stats = reader.stats()
    assert newest_first == ids[::-1]
    assert stats.requests == 6
    assert stats.cost_usd == sum(record.cost_usd or 0 for record in records.values())


async def test_a_ledger_that_another_process_locks_keeps_nobody_waiting_and_loses_nothing(
    tmp_path: Path, free_port: int
) -> None:
    async with up.upstream(up.says()) as rent:
        house = Gateway(cast("Any", None), free_port, tmp_path / "freehold.toml")
        house.config.write_text(config({"gpt": rent.url}))
        answers = []
        with started(tmp_path, free_port) as process:
            await until_ready(house)
            answers.append(await house.chat("gpt"))
            with closing(sqlite3.connect(tmp_path / "freehold.db", isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                for _ in range(8):  # longer than SQLite itself waits for a lock
                    async with asyncio.timeout(60):
                        answers.append(await house.chat("gpt"))
                    await asyncio.sleep(1)
                other.execute("ROLLBACK")
            answers.append(await house.chat("gpt"))
            os.killpg(process.pid, signal.SIGKILL)
    assert {answer.status for answer in answers} == {200}
    assert {answer.headers["x-request-id"] for answer in answers} <= kept(tmp_path).keys()
