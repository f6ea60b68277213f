"""The thread that moves the journal into the tables while requests are served.

It sleeps while nothing happens. What goes wrong here loses nothing, for the journal holds it: it is
logged, told by `trouble`, and tried again.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from pathlib import Path

from freehold.ledger.faults import LedgerError
from freehold.ledger.ingest import ingest, position
from freehold.ledger.journal import Journal

_log = logging.getLogger("freehold.ledger")

_AGAIN_SECONDS = 1.0


class Pump:
    """Ingests `seconds` after the first of some new entries, all of them in one commit."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path,
        journal: Journal,
        *,
        seconds: float,
        journal_bytes: int,
    ) -> None:
        self._connection = connection
        self._path = path
        self._journal = journal
        self._seconds = seconds
        self._journal_bytes = journal_bytes
        self._news = threading.Event()
        self._stopping = threading.Event()
        self._stepping = threading.Lock()
        self._turning = False
        self.trouble: str | None = None
        self._reached = journal.end()
        self._awake = True
        self._news.set()  # the new journal's header is the first thing to ingest
        self._thread = threading.Thread(target=self._run, name="ledger-pump", daemon=True)
        self._thread.start()

    @property
    def waiting_bytes(self) -> int:
        """How much of the journal is not in the tables yet."""
        end, reached = self._journal.end(), self._reached
        return end.offset - reached.offset if end.journal == reached.journal else end.offset

    def wake(self) -> None:
        """Say that something was appended. Cheap where it is awake."""
        if not self._awake:
            self._awake = True
            self._news.set()

    def turn(self) -> None:
        """Go on in a new journal, soon, and remove the one before once it is ingested."""
        self._turning = True
        self._news.set()

    def flush(self) -> None:
        """Ingest all that was appended before this call; raises where `trouble` would be set."""
        with self._stepping:
            self._step()

    def stop(self) -> None:
        self._stopping.set()
        self._news.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            self._news.wait()
            self._news.clear()  # before it looks whether it shall stop: `stop` says so and then wakes it
            if self._stopping.wait(self._seconds):
                return
            self._awake = False  # before it reads the journal's end: what is written later wakes it again
            try:
                self.flush()
            except (sqlite3.Error, OSError, LedgerError) as error:
                self._complain(error)
                self._news.set()
                self._stopping.wait(_AGAIN_SECONDS)
            else:
                self.trouble = None

    def _step(self) -> None:
        end = self._journal.end()
        at = position(self._connection)
        turning, self._turning = self._turning, False
        if at.journal == end.journal and (turning or end.offset >= self._journal_bytes):
            self._journal.turn()
            end = self._journal.end()
        ingest(self._connection, self._path, at, end)
        self._reached = end

    def _complain(self, error: Exception) -> None:
        if self.trouble != str(error):
            _log.error("the ledger lags behind its journal, nothing is lost: %s", error)
        self.trouble = str(error)
