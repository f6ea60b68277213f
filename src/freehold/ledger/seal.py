"""Group commit: many requests wait for one flush to the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


class Seal:
    """Lets coroutines of one event loop wait until `sync` began after their call and ended.

    While one flush is under way, everyone who comes waits together for the next.
    """

    def __init__(self, sync: Callable[[], None]) -> None:
        self._sync = sync
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger-seal")
        self._turn = asyncio.Lock()
        self._gathering: asyncio.Task[None] | None = None

    async def wait(self) -> None:
        """Raises what `sync` raised, in every coroutine that waited for that flush."""
        if self._gathering is None:
            self._gathering = asyncio.ensure_future(self._flush())
        await asyncio.shield(self._gathering)  # one who gives up must not stop the others' flush

    def close(self) -> None:
        self._threads.shutdown(wait=True)

    async def _flush(self) -> None:
        async with self._turn:
            self._gathering = None  # who comes from here on may have written after the flush began
            await asyncio.get_running_loop().run_in_executor(self._threads, self._sync)
