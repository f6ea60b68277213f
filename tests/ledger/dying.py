"""Run by tests: one day of a ledger's life, lived again and again, each ending at a later line of our code.

For each life, argv[1]/<n>/ holds the ledger and `acknowledged`, the ids whose append returned; life n dies
at line n * argv[2]. With argv[3] = "old" the ledger is there, with "new" the day begins with its creation.
Prints the number of deaths and the status of the life that came through.
"""

from __future__ import annotations

import os
import shutil
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
    with Ledger.open(folder / "ledger.db", ingest_seconds=60, journal_bytes=1_500) as ledger:
        for number in range(4):
            ledger.append(a_record(f"r{number}"))
            os.write(said, f"r{number}\n".encode())
            if number % 2:
                ledger.flush()  # the second is past a journal's size and begins the next


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
    if sys.argv[3] == "old":
        Ledger.open(root / "ledger.db").close()
    deaths = 0
    while True:
        folder = root / str(deaths)
        folder.mkdir()
        if sys.argv[3] == "old":
            shutil.copy(root / "ledger.db", folder)
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
