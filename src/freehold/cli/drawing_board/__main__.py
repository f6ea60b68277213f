"""The other process: a line of JSON in, a line of JSON out, until the input ends or nobody asks any more."""

from __future__ import annotations

import os
import select
import sys
from pathlib import Path

import msgspec

from freehold.cli.drawing_board.telling import Board
from freehold.egress import forbid_other_connections

_IDLE_SECONDS = 600.0
_NICE = 4  # the traffic goes first


def main(config: str, ledger: str) -> None:
    """Answer until the gateway closes the pipe, or for ten minutes after the last question."""
    forbid_other_connections(())  # it reckons: whatever would reach out from here is a mistake
    os.nice(_NICE)
    board = Board(Path(config), Path(ledger))
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    while select.select([questions], [], [], _IDLE_SECONDS)[0]:
        line = questions.readline()
        if not line:
            return
        told = board.tell(msgspec.json.decode(line, type=dict[str, str]))
        answers.write(msgspec.json.encode(told) + b"\n")
        answers.flush()


main(*sys.argv[1:])
