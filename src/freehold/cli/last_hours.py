"""The last seconds of an owned model whose gateway was killed: its hours were paid for, so they get a row.

A file beside the ledger says since when idle time is not written down, and when the gateway last gave a sign
of life. Whoever starts next closes the books with it. Does not know how time is metered, nor where rows go.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from freehold.costs import IdleSpan, Standing, idle_until
from freehold.ledger import LedgerReader

_SECOND_US = 1_000_000
_DIGITS = 20  # of the sign of life, which is written over the one before

_standings = msgspec.json.Decoder(list[Standing])


class LastHours:
    """The file of one ledger. Only the ledger's writer may use it. Times are Unix microseconds.

    A disk that takes no more leaves an older note, which is as true: what was written down since is found.
    """

    def __init__(self, ledger: Path) -> None:
        self._ledger = ledger
        self._file = ledger.with_name(f"{ledger.name}.up")

    def note(self, standings: Iterable[Standing], now_us: int) -> None:
        """What stands open from now on; to be called after each row of idle time. Nothing: no file."""
        noted = list(standings)
        with contextlib.suppress(OSError):
            if not noted:
                self._file.unlink(missing_ok=True)
                return
            draft = self._file.with_name(f"{self._file.name}.new")
            draft.write_bytes(_sign(now_us) + msgspec.json.encode(noted))
            draft.replace(self._file)

    def beat(self, now_us: int) -> None:
        """A sign of life."""
        with contextlib.suppress(OSError):
            descriptor = os.open(self._file, os.O_WRONLY | os.O_CLOEXEC)
            try:
                os.pwrite(descriptor, _sign(now_us), 0)
            finally:
                os.close(descriptor)

    def left(self) -> list[IdleSpan]:
        """The idle time that a killed gateway did not write down; what it did is not said again."""
        try:
            sign, _, noted = self._file.read_bytes().partition(b"\n")
            standings, until_us = _standings.decode(noted), int(sign)
        except (FileNotFoundError, ValueError, msgspec.DecodeError):  # another program's
            return []
        with LedgerReader.open(self._ledger) as reader:
            return [span for standing in standings for span in _left(standing, until_us, reader)]


def _left(standing: Standing, until_us: int, reader: LedgerReader) -> list[IdleSpan]:
    """Up to the last sign of life, or to the end of a request after it."""
    model = standing.model
    ended = reader.last_end(model, standing.from_us / _SECOND_US)
    if ended is not None:
        until_us = max(until_us, round(ended * _SECOND_US) + 1)
    return idle_until(
        standing,
        until_us,
        lambda from_us, to_us: reader.slot_microseconds(model, from_us / _SECOND_US, to_us / _SECOND_US),
    )


def _sign(now_us: int) -> bytes:
    return b"%0*d\n" % (_DIGITS, now_us)
