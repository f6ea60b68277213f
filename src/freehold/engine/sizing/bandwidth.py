"""How fast this machine reads its memory, tried out briefly. Linux alone; elsewhere it is unknown."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Final

from freehold.engine.fit import available_memory
from freehold.engine.sizing import probe

_MOST_PROCESSES: Final = 16
_PATIENCE_SECONDS: Final = 5.0


def measured_bandwidth() -> float | None:
    """Bytes a second that all processors together read from memory; None where it cannot be tried.

    One small process for each processor looks for a byte that is not there, for 0.15 seconds. That is reading
    alone, as decoding does it. A machine that is busy shows less than it could.
    """
    available = available_memory()
    if available is None:
        return None
    count = min(len(os.sched_getaffinity(0)), _MOST_PROCESSES)
    if available < 4 * count * probe.POOL_BYTES:
        return None
    try:
        speeds = _all_at_once(count)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return sum(speeds)


def _all_at_once(count: int) -> list[float]:
    # -I and -S: neither the environment nor site-packages, so that each starts in a blink
    command = [sys.executable, "-I", "-S", probe.__file__]
    started = [
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # noqa: S603 - this very Python on a file of ours
        for _ in range(count)
    ]
    try:
        return [float(process.communicate(timeout=_PATIENCE_SECONDS)[0]) for process in started]
    finally:
        for process in started:
            if process.poll() is None:
                process.kill()
                process.communicate()
