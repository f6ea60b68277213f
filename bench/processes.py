"""Processes under test: started on a core of their own, watched through /proc, ended by their id.

Knows no gateways. Linux only, since it reads /proc.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_END_SECONDS = 10.0
_LOG_LINES = 15


class BenchError(Exception):
    """The benchmark cannot go on. The message tells a person why."""


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Running:
    """A process with all its children, pinned to `core`. Its output goes to `folder`/`name`.log."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        folder: Path,
        *,
        core: int | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        pinned = [] if core is None else ["taskset", "--cpu-list", str(core)]
        self._begun = time.monotonic()
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [*pinned, *command],
                cwd=folder,
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # its own process group, so that its children end with it
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def wait_until_it_answers(self, url: str, seconds: float) -> float:
        """Until a GET is answered 200; how many seconds after the start that was. Raises `BenchError`."""
        deadline = self._begun + seconds
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise BenchError(f"{self.name} ended by itself:\n{self._last_lines()}")
            if _answers(url):
                return time.monotonic() - self._begun
            time.sleep(0.02)
        raise BenchError(f"{self.name} did not answer {url} within {seconds:g} s:\n{self._last_lines()}")

    def cpu_seconds(self) -> float:
        """User and system time of the process and its living children so far, in steps of a tick."""
        return sum(_ticks(pid) for pid in self._tree()) / _TICKS_PER_SECOND

    def memory_bytes(self) -> int:
        """Resident memory of the process and its children; shared pages count in each."""
        return sum(_resident(pid) for pid in self._tree())

    def open_files(self) -> int:
        """Files, sockets and the like that the process and its children hold open."""
        return sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in self._tree())

    def pause(self) -> None:
        """Not a cycle more for it and its children until `resume`."""
        os.killpg(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGCONT)

    def end(self) -> None:
        """Ask, wait, and kill what is left of its group."""
        self.resume()
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_END_SECONDS)
                if number == signal.SIGKILL:
                    return

    def _tree(self) -> Iterator[int]:
        """The ids, first its own: taskset becomes what it starts."""
        waiting = [self._process.pid]
        while waiting:
            pid = waiting.pop()
            yield pid
            with contextlib.suppress(OSError):
                for task in Path(f"/proc/{pid}/task").iterdir():
                    waiting += [int(child) for child in (task / "children").read_text().split()]

    def _last_lines(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-_LOG_LINES:])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - a loopback URL of ours
            return bool(answer.status == 200)
    except OSError:
        return False


def _ticks(pid: int) -> int:
    """User and system time: fields of proc(5), counted after the name, which may hold spaces."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
