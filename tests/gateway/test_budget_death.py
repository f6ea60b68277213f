"""A budget over the death of the gateway: what was answered stays spent, what was held is free again."""

from __future__ import annotations

import asyncio
import os
import signal
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from tests.gateway import upstream as up
from tests.gateway.house import Gateway, until_ready
from tests.gateway.test_budgets import budgeted, rented, spent
from tests.gateway.test_death import started
from tests.waiting import until

from freehold.ledger import LedgerReader


async def test_a_killed_gateway_frees_what_was_held_and_knows_what_was_spent(
    tmp_path: Path, free_port: int
) -> None:
    house = Gateway(cast("Any", None), free_port, tmp_path / "freehold.toml")
    headers = budgeted(tmp_path, "0.003")  # two worst cases of 0.0011 fit beside two answers
    async with up.upstream(up.says(), up.says(), up.hangs) as rent:
        house.config.write_text(rented(rent.url))
        with started(tmp_path, free_port) as process:
            await until_ready(house)
            answered = [await house.chat(max_tokens=100, headers=headers) for _ in range(2)]
            lost = [asyncio.create_task(house.chat(max_tokens=100, headers=headers)) for _ in range(2)]
            await until(lambda: len(rent.requests) == 4)
            refused = await house.chat(max_tokens=100, headers=headers)
            os.kill(process.pid, signal.SIGKILL)
            process.wait(60)
        for task in lost:
            task.cancel()
        await asyncio.gather(*lost, return_exceptions=True)
        rent.steps = [up.says()]
        with started(tmp_path, free_port):
            await until_ready(house)
            after = [await house.chat(max_tokens=100, headers=headers) for _ in range(15)]
    assert [a.status for a in answered] == [200, 200]
    assert refused.status == 429
    assert "0.0004 USD are spent and 0.0022 USD are held" in refused.error["message"]
    # 0.0004 are spent; each answer costs 0.0002, and one more is asked while its worst case fits
    assert [a.status for a in after] == [200] * 8 + [429] * 7
    with LedgerReader.open(tmp_path / "freehold.db") as reader:
        assert spent(reader.requests(100)) == Decimal("0.002")
