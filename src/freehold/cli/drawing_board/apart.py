"""The other process from the gateway's side: started when somebody looks, one question at a time.

Does not know what the answers say.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from freehold.console import Offered, Told
from freehold.errors import Refused

_MOST_WAITING = 8
_LONGEST_SECONDS = 90.0
_LONGEST_LINE = 8 * 1024 * 1024


class Apart:
    """Implements `console.Decider`. An answer that nobody waits for any more is not begun."""

    def __init__(self, config: Path, ledger: Path) -> None:
        self._arguments = (str(config), str(ledger))
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._process: Process | None = None
        self._exchange: asyncio.Future[Told] | None = None

    def offered(self) -> Offered:
        from freehold.cli.drawing_board.offering import offered  # noqa: PLC0415 - reads the fact tables

        return offered(Path(self._arguments[0]))

    async def tell(self, fields: Mapping[str, str]) -> Told:
        """Wait for the turn, ask, and read the answer.

        Whoever is cancelled in the queue costs nothing; where the answer is being reckoned it is reckoned to
        its end, so that what was simulated for it stays known.
        """
        if self._waiting >= _MOST_WAITING:
            raise Refused(503, "Others are waiting for an answer of this page too. Try again in a moment.")
        self._waiting += 1
        try:
            await self._turn.acquire()
        finally:
            self._waiting -= 1
        self._exchange = asyncio.ensure_future(self._answer(msgspec.json.encode(dict(fields)) + b"\n"))
        self._exchange.add_done_callback(self._over)
        return await asyncio.shield(self._exchange)

    def _over(self, exchange: asyncio.Future[Told]) -> None:
        self._turn.release()
        if not exchange.cancelled():
            exchange.exception()  # whoever waited has it; nobody else is to be warned of it

    async def close(self) -> None:
        if self._process is not None:
            await self._end(self._process)
        if self._exchange is not None:
            await asyncio.wait([self._exchange])

    async def _answer(self, line: bytes) -> Told:
        process = await self._running()
        if process.stdin is None or process.stdout is None:
            raise Refused(503, "The calculation could not be started.")
        try:
            async with asyncio.timeout(_LONGEST_SECONDS):
                process.stdin.write(line)
                await process.stdin.drain()
                answer = await process.stdout.readline()
        except TimeoutError:
            await self._end(process)
            said = f"The calculation took longer than {_LONGEST_SECONDS:.0f} s and was stopped."
            raise Refused(503, said) from None
        except ConnectionError:
            answer = b""
        if not answer:
            await self._end(process)
            raise Refused(503, "The calculation failed; what the gateway printed says why.")
        return msgspec.json.decode(answer, type=Told)

    async def _running(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "freehold.cli.drawing_board",
                *self._arguments,
                stdin=PIPE,
                stdout=PIPE,
                limit=_LONGEST_LINE,
            )
        return self._process

    async def _end(self, process: Process) -> None:
        self._process = None
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
