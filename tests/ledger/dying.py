"""Run by tests: a ledger's life, told again and again, dying at every argv[2]nd line that it executes.

For each death, argv[1]/<n>/ holds the ledger and `acknowledged`, the ids whose append returned. Prints the
number of deaths.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from tests.ledger.samples import a_record

import freehold.ledger
from freehold.ledger import Ledger

_ROOM = str(Path(freehold.ledger.__file__).parent)


def live(folder: Path) -> None:
    said = os.open(folder / "acknowledged", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for opening in range(2):
        with Ledger.open(folder / "ledger.db", ingest_seconds=60, journal_bytes=2_000) as ledger:
            for number in range(6):
                name = f"{opening}-{number}"
                ledger.append(a_record(name))
                os.write(said, f"{name}\n".encode())
                if number % 2:
                    ledger.flush()


def die_at(line: int) -> None:
    executed = 0

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal executed
        if not frame.f_code.co_filename.startswith(_ROOM):
            return None
        if event == "line":
            executed += 1
            if executed == line:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)


def main() -> None:
    root, stride = Path(sys.argv[1]), int(sys.argv[2])
    deaths = 0
    while True:
        folder = root / str(deaths)
        folder.mkdir()
        child = os.fork()
        if not child:
            die_at(1 + deaths * stride)
            live(folder)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            break
        deaths += 1
    print(deaths, os.WEXITSTATUS(status))  # noqa: T201  the test reads it


main()
