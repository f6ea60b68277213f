"""What a figure was measured on, so that nobody compares figures of two machines. Does not measure."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def product_python() -> str:
    """The Python that has the product: of `make install` where that was run, else the one that runs this."""
    installed = ROOT / ".venv" / "bin" / "python"
    return str(installed) if installed.exists() else sys.executable


@dataclass(frozen=True, slots=True)
class Machine:
    """`load_1_minute` is the load average before the run: above about 0.2, others were working too."""

    at: str
    cpu: str
    cores: int
    memory_gib: float
    kernel: str
    python: str
    load_1_minute: float
    commit: str | None

    @classmethod
    def here(cls) -> Machine:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        return cls(
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            cpu=_cpu(),
            cores=os.cpu_count() or 1,
            memory_gib=round(memory / 2**30, 1),
            kernel=platform.release(),
            python=platform.python_version(),
            load_1_minute=round(os.getloadavg()[0], 2),
            commit=_commit(),
        )

    def line(self) -> str:
        """One line for a person."""
        return (
            f"{self.cpu}, {self.cores} cores, {self.memory_gib:g} GiB, Linux {self.kernel}, "
            f"Python {self.python}, commit {self.commit or 'unknown'}, load {self.load_1_minute:g}, {self.at}"
        )

    def facts(self) -> dict[str, object]:
        return asdict(self)


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _commit() -> str | None:
    """The short commit, with `+` where the tree differs from it; `None` outside of git."""
    git = ["git", "-C", str(ROOT)]
    try:
        commit = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, check=True)
        changes = subprocess.run([*git, "status", "--porcelain", "src"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return commit.stdout.decode().strip() + ("+" if changes.stdout else "")
