"""One child process: started with almost nothing, heard on its pipe, ended with all its own.

Knows nothing of restarts; the supervisor decides what an end means.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress

from freehold.engine.messages import (
    MAX_LINE_BYTES,
    Failed,
    Health,
    Job,
    Ready,
    Report,
    decode_report,
    encode_job,
)
from freehold.engine.spec import EngineError

_PASSED_ON = ("LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")
"""Where libraries and devices are: none of these is a secret, and without them a GPU may not be found."""

_KEPT_LINES = 30
_KEPT_CHARACTERS = 300
_REASON_CHARACTERS = 400
_LOG_PREFIX = re.compile(r"^[\d.]+ E\s+(\w+\s*: )?")


class ChildProcess:
    """A started child. Make one with `spawn`, then await `ready`, then `end`; `stop` at any time."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._listening = asyncio.create_task(self._keep_stderr())

    @classmethod
    async def spawn(cls, job: Job) -> ChildProcess:
        """Start a child and tell it its job. Raises EngineError if the system cannot start it."""
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-s", "-P", "-B", "-X", "utf8", "-m", "freehold.engine.child"),
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                env=_environment(os.environ),
                start_new_session=True,
                limit=MAX_LINE_BYTES,
            )
        except OSError as error:
            raise EngineError(f"the engine's process cannot be started: {error.strerror}") from None
        if process.stdin is not None:
            process.stdin.write(encode_job(job))
        return cls(process)

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ready(self) -> Ready:
        """Wait until requests can be sent. Raises EngineError with llama.cpp's own words if it fails."""
        report = await self._hear()
        if isinstance(report, Ready):
            self._lines.clear()  # from here on the log may quote requests, and nobody shall keep those
            return report
        if isinstance(report, Failed):
            await self._listening
            raise EngineError(self._first_errors() or report.reason, hint=report.hint)
        raise EngineError(f"it ended while loading: {await self._exit_reason()}")

    async def end(self, stall_seconds: float, on_health: Callable[[Health], None]) -> str:
        """Wait until the child is gone and return why, in a sentence. A silent one is killed."""
        while True:
            try:
                async with asyncio.timeout(stall_seconds):
                    report = await self._hear()
            except TimeoutError:
                await self.stop(0)
                return f"it was silent for {stall_seconds:g} seconds and was killed"
            if report is None:
                return await self._exit_reason()
            if isinstance(report, Health):
                on_health(report)

    async def stop(self, grace_seconds: float) -> None:
        """Close the child's stdin, give it `grace_seconds` to go, then kill its whole process group."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(grace_seconds):
                await self._process.wait()
        except TimeoutError:
            self._kill()
            await self._process.wait()
        await self._listening

    def _kill(self) -> None:
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def _hear(self) -> Report | None:
        """Return the next report, None at the end of the pipe. A line that is not ours ends the child."""
        if self._process.stdout is None:
            return None
        try:
            line = await self._process.stdout.readline()
            return decode_report(line) if line else None
        except ValueError:
            self._kill()
            return None

    async def _keep_stderr(self) -> None:
        """Drain llama.cpp's log, so that it never blocks, and keep the last few lines."""
        stream = self._process.stderr
        rest = b""
        while stream is not None and (chunk := await stream.read(4096)):
            *lines, rest = (rest + chunk).split(b"\n")
            rest = rest[-_KEPT_CHARACTERS:]
            self._lines.extend(line[:_KEPT_CHARACTERS].decode("utf-8", "replace") for line in lines)

    def _first_errors(self) -> str:
        """llama.cpp logs the cause first and then every caller's complaint."""
        errors = [_LOG_PREFIX.sub("", line) for line in self._lines if _LOG_PREFIX.match(line)]
        return "; ".join(errors[:2])[:_REASON_CHARACTERS]

    async def _exit_reason(self) -> str:
        code = await self._process.wait()
        await self._listening
        return self._assertion() or _describe_exit(code)

    def _assertion(self) -> str | None:
        return next((line for line in self._lines if "GGML_ASSERT" in line), None)


def _environment(parent: Mapping[str, str]) -> dict[str, str]:
    """Return the child's environment: where Python's modules are, and no key or name of the parent's."""
    return {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        # Waiting threads sleep instead of spinning. Spinning takes the cores from all others on the machine,
        # the gateway first, and makes answers many times slower as soon as the cores are shared.
        "OMP_WAIT_POLICY": "passive",
        **{name: parent[name] for name in _PASSED_ON if name in parent},
    }


def _describe_exit(code: int) -> str:
    if code >= 0:
        return f"it exited with status {code}"
    name = signal.Signals(-code).name
    also = " (perhaps the system ran out of memory)" if name == "SIGKILL" else ""
    return f"it was ended by {name}{also}"
