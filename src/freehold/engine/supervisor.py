"""Keeps one owned model running: check, start, watch, replace.

Yields an address and a secret. Knows nothing of who asks and opens no connection: what it knows of the
child it hears over the child's pipe.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from freehold.engine import fit
from freehold.engine.gguf import GgufHeader, read_header
from freehold.engine.llama import PATH_PREFIX
from freehold.engine.messages import Health, Job, Ready
from freehold.engine.process import ChildProcess
from freehold.engine.spec import EngineError, EngineHealth, EngineSpec, EngineState, Status
from freehold.engine.weights import shards
from freehold.errors import FreeholdError

FIRST_DELAY_SECONDS = 0.2
LONGEST_DELAY_SECONDS = 30.0
STEADY_SECONDS = 60.0
"""A child that lived for so long has shown that it can; the next delay starts from the bottom again."""

_Signature = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A child that answers."""

    child: ChildProcess
    ready: Ready
    secret: str = field(repr=False)
    started: float


class Engine:
    """One owned model, kept running from `start` to `stop`.

    `on_change` is called in the event loop with every new state; it must not block.
    """

    def __init__(self, spec: EngineSpec, on_change: Callable[[EngineState], None] | None = None) -> None:
        self.spec = spec
        self.header: GgufHeader | None = None
        self.health: EngineHealth | None = None
        self._on_change = on_change
        self._state = EngineState("stopped", time.monotonic())
        self._loaded: _Loaded | None = None
        self._checked: _Signature | None = None
        self._task: asyncio.Task[_Loaded] | asyncio.Task[None] | None = None

    @property
    def state(self) -> EngineState:
        return self._state

    @property
    def ready(self) -> bool:
        return self._loaded is not None

    @property
    def address(self) -> str | None:
        """Where to send requests, such as `http://127.0.0.1:41234/owned`; None while not ready."""
        return None if self._loaded is None else f"http://127.0.0.1:{self._loaded.ready.port}{PATH_PREFIX}"

    @property
    def secret(self) -> str | None:
        """The bearer token that the address asks for; a new one for every child, None while not ready."""
        return None if self._loaded is None else self._loaded.secret

    @property
    def context_tokens(self) -> int | None:
        """Tokens that fit into one slot, prompt and answer together; None before the file has been read."""
        return None if self.header is None else fit.context_tokens(self.spec, self.header)

    async def start(self) -> None:
        """Start, and return when requests can be sent.

        Raises ConfigError if the weights or numbers are wrong, EngineError if llama.cpp cannot run them or if
        `stop` came first. From then on a child that ends is replaced, for ever and without raising.
        """
        if self._task is not None:
            raise EngineError(f"the engine of {self.spec.name} is already started")
        self._become("starting", restarts=0, reason=None)
        launching = asyncio.create_task(self._launch())
        self._task = launching
        try:
            await asyncio.wait({launching})
        except asyncio.CancelledError:
            await self.stop(0)
            raise
        if launching.cancelled():
            raise EngineError(f"the engine of {self.spec.name} was stopped while it started")
        try:
            self._task = asyncio.create_task(self._watch(launching.result()))
        except FreeholdError as error:
            self._task = None
            self._become("failed", reason=str(error), pid=None)
            raise

    async def stop(self, grace_seconds: float = 5.0) -> None:
        """End the child and stop watching. Requests still in it are cut off: drain first."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})
        loaded, self._loaded = self._loaded, None
        if loaded is not None:
            await loaded.child.stop(grace_seconds)
        self._become("stopped", pid=None, reason=None)

    async def _watch(self, loaded: _Loaded) -> None:
        """Replace the child whenever it ends."""
        delay = FIRST_DELAY_SECONDS
        while True:
            reason = await loaded.child.end(self.spec.stall_seconds, self._note_health)
            lived = time.monotonic() - loaded.started
            self._lose(reason)
            if lived >= STEADY_SECONDS:
                delay = FIRST_DELAY_SECONDS
            loaded, delay = await self._relaunch(delay)

    async def _relaunch(self, delay: float) -> tuple[_Loaded, float]:
        """Try until a child answers, waiting twice as long each time. Returns it and the next delay."""
        while True:
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY_SECONDS)
            try:
                return await self._launch(), delay
            except FreeholdError as error:
                self._lose(str(error))

    async def _launch(self) -> _Loaded:
        await self._check()
        secret = secrets.token_urlsafe(32)
        async with AsyncExitStack() as undo:
            child = await ChildProcess.spawn(self._job(secret))
            undo.push_async_callback(child.stop, 0)
            self._become(self._state.status, pid=child.pid)
            ready = await child.ready()
            undo.pop_all()
        self._loaded = _Loaded(child, ready, secret, time.monotonic())
        self._become("ready", reason=ready.missing, sandboxed=ready.sandboxed)
        return self._loaded

    async def _check(self) -> None:
        """Look into the file, once for each version of it, and at what it will need."""
        signature = await asyncio.to_thread(_signature, self.spec)
        if self.header is None or signature != self._checked:
            self.header = await asyncio.to_thread(_read_all, self.spec)
            self._checked = signature
        fit.check_memory(self.spec, self.header, fit.available_memory())

    def _job(self, secret: str) -> Job:
        spec, header = self.spec, self.header
        if header is None:
            raise EngineError("the weights have not been read")
        return Job(
            name=spec.name,
            weights=str(spec.weights),
            slots=spec.slots,
            context_tokens=fit.context_tokens(spec, header),
            threads=fit.threads(spec, header),
            gpu_layers=spec.gpu_layers,
            embeddings=spec.embeddings,
            mean_pooling=header.pooling is None,
            chat_template=spec.chat_template,
            secret=secret,
            parent_pid=os.getpid(),
        )

    def _note_health(self, health: Health) -> None:
        self.health = EngineHealth(health.slots_busy, health.waiting, health.rss_bytes)

    def _lose(self, reason: str) -> None:
        self._loaded = None
        self.health = None
        self._become("restarting", reason=reason, pid=None, restarts=self._state.restarts + 1)

    def _become(self, status: Status, **changes: Any) -> None:
        self._state = replace(self._state, status=status, since=time.monotonic(), **changes)
        if self._on_change is not None:
            # Scheduled, not called: a mistake in the listener is the loop's to report; the watch goes on.
            asyncio.get_running_loop().call_soon(self._on_change, self._state)


def _signature(spec: EngineSpec) -> _Signature | None:
    """Return what tells whether the files have changed; None if one cannot be seen."""
    try:
        stats = [path.stat() for path in shards(spec.weights)]
    except OSError:
        return None
    return tuple((stat.st_ino, stat.st_size, stat.st_mtime_ns) for stat in stats)


def _read_all(spec: EngineSpec) -> GgufHeader:
    """Check every shard and return the first one's header, with the sums of all."""
    key = f"models.{spec.name}.weights"
    first, *others = [read_header(path, key=key) for path in shards(spec.weights)]
    return replace(
        first,
        parameters=first.parameters + sum(other.parameters for other in others),
        tensor_bytes=first.tensor_bytes + sum(other.tensor_bytes for other in others),
        file_bytes=first.file_bytes + sum(other.file_bytes for other in others),
    )
