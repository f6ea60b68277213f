"""An owned model's hours over its gateway's death: every second has a row, up to the last sign of life."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from itertools import pairwise
from pathlib import Path

from tests.gateway import upstream as up
from tests.gateway.test_death import REQUEST, ask, started, until_ready
from tests.waiting import until

CONFIG = """
[models.llama]
tenure = "owned"
provider = "compatible"
url = "{url}"
slots = 2
hourly_cost_usd = 3600
[routes.support]
own = "llama"
home = "own"
"""


def sign_of_life(folder: Path) -> int:
    return int((folder / "freehold.db.up").read_bytes().split(b"\n")[0])


async def slowly(exchange: up.Exchange) -> None:
    await asyncio.sleep(0.3)
    await up.says()(exchange)


async def test_after_kill_9_records_and_idle_time_are_the_hours_to_the_cent(
    tmp_path: Path, free_port: int
) -> None:
    async with up.upstream(slowly) as server:
        (tmp_path / "freehold.toml").write_text(CONFIG.format(url=server.url))
        last = 0
        for _ in range(2):  # the second is killed as well, and closes the books of the first
            with started(tmp_path, free_port) as process:
                await until_ready(free_port)
                await asyncio.gather(*(ask(free_port, REQUEST) for _ in range(3)))
                begun, server.steps, asked = sign_of_life(tmp_path), [up.hangs], len(server.requests)
                lost = asyncio.create_task(ask(free_port, REQUEST))
                await until(lambda: len(server.requests) > asked)  # noqa: B023 - it is over before the next
                await until(lambda: sign_of_life(tmp_path) >= begun + 1_500_000)  # noqa: B023 - likewise
                server.steps = [slowly]
                await ask(free_port, REQUEST)  # mostly after the last sign of life
                os.kill(process.pid, signal.SIGKILL)
                process.wait(60)
                last = sign_of_life(tmp_path)
                await lost
        with started(tmp_path, free_port):
            await until_ready(free_port)
        assert not (tmp_path / "freehold.db.up").exists()
    with sqlite3.connect(tmp_path / "freehold.db") as ledger:
        idle = ledger.execute(
            "SELECT from_at, to_at, slot_microseconds FROM idle ORDER BY from_at"
        ).fetchall()
        rows = ledger.execute("SELECT at + seconds, slot_microseconds FROM records").fetchall()
    # The request that was killed has a record too; what it used is unknown, and among the idle rows.
    used = [row for row in rows if row[1] is not None]
    ledger.close()
    assert len(rows) == len(used) + 2
    assert any(to >= last / 1_000_000 - 0.000_01 for _, to, _ in idle), "up to the last sign of life"
    lives = [[idle[0]]]
    for before, row in pairwise(idle):
        if row[0] > before[1]:
            lives.append([])  # down in between
        lives[-1].append(row)
    assert len(lives) == 3
    for life in lives:  # each begins less than a second after the one before
        begin, end = life[0][0], life[-1][1]
        hours_us = round(2 * (end - begin) * 1_000_000)
        spent_us = sum(us for _, _, us in life) + sum(us for at, us in used if begin <= at <= end + 0.000_01)
        assert abs(hours_us - spent_us) < 10, "to the cent, and far below: these are microseconds"
