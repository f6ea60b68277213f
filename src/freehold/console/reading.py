"""The ledger, read off the event loop: a slow look holds up neither another page nor the traffic."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

from freehold.console.choice import CHUNK, Choice, Found
from freehold.ledger import LedgerReader, Record

_AT_ONCE = 2  # looks at the same time; more wait, and leave the threads of this process to others

T = TypeVar("T")


class Reading:
    """Opens the ledger anew for each look, so that it is up to date with that moment."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def look(self, what: Callable[[LedgerReader], T]) -> T:
        """What `what` sees, in a thread. Raises `LedgerError`."""

        def look() -> T:
            with LedgerReader.open(self._path) as reader:
                return what(reader)

        async with self._turn:
            return await asyncio.to_thread(look)

    async def find(self, choice: Choice, limit: int) -> Found:
        return await self.look(lambda reader: choice.find(reader, limit))

    async def everything(self, choice: Choice) -> AsyncIterator[list[Record]]:
        """All records of a choice, newest first, a chunk at a time."""
        reader = await asyncio.to_thread(LedgerReader.open, self._path)
        try:
            before: str | None = choice.before
            while True:
                async with self._turn:
                    chunk = await asyncio.to_thread(choice.chunk, reader, before, CHUNK)
                yield chunk
                if len(chunk) < CHUNK:
                    return
                before = chunk[-1].request_id
        finally:
            reader.close()
