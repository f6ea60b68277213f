"""This process as Linux sees it, under the names that Prometheus's clients agreed on.

https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics. Does not know the gateway.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path

from freehold.gateway.metrics.exposition import Family, Sample

_PROC = Path("/proc/self")


def families() -> Iterator[Family]:
    """Read from /proc; what is not there is left out."""
    try:
        ticks = os.sysconf("SC_CLK_TCK")
        # the fields after the name in parentheses, from the third on (proc_pid_stat(5))
        fields = (_PROC / "stat").read_text().rpartition(")")[2].split()
        open_fds = len(list((_PROC / "fd").iterdir()))
        boot = float(_line("btime", Path("/proc/stat")))
    except (OSError, ValueError, StopIteration):
        return
    seconds = (int(fields[11]) + int(fields[12])) / ticks
    started = boot + int(fields[19]) / ticks
    most_fds = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    page = resource.getpagesize()
    yield _one("counter", "process_cpu_seconds", "User and system time.", seconds)
    yield _one("gauge", "process_start_time_seconds", "When it began, in Unix seconds.", started)
    yield _one("gauge", "process_virtual_memory_bytes", "Virtual memory.", int(fields[20]))
    yield _one("gauge", "process_resident_memory_bytes", "Resident memory.", int(fields[21]) * page)
    yield _one("gauge", "process_open_fds", "Open file descriptors.", open_fds)
    yield _one("gauge", "process_max_fds", "The most that may be open.", most_fds)


def _line(name: str, file: Path) -> str:
    with file.open() as lines:
        return next(line.split()[1] for line in lines if line.startswith(f"{name} "))


def _one(kind: str, name: str, help_: str, value: float) -> Family:
    return Family(name, "counter" if kind == "counter" else "gauge", help_, (Sample({}, value),))
