"""How a download is told: bars on a terminal, a line now and then elsewhere, JSON for programs.

Does not know how anything is fetched.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from freehold.cli.figures import counted, duration
from freehold.cli.screen import is_terminal, terminal
from freehold.engine.hub import Chosen, Event, Finished, Progress, Tell, Waiting, gigabytes

if TYPE_CHECKING:
    from rich.progress import Progress as Bars  # loaded for a terminal alone
    from rich.progress import TaskID

_STEP = 10  # per cent between two plain lines
_EVERY_SECONDS = 0.5  # between two lines of JSON about one file


@contextmanager
def telling(*, as_json: bool) -> Iterator[Tell]:
    """A listener for what happens. Words go to stderr, JSON Lines to stdout."""
    if as_json:
        yield _JsonTeller().tell
    elif is_terminal(sys.stderr):
        with _bars() as bars:
            yield _BarTeller(bars).tell
    else:
        yield _PlainTeller().tell


def shape(event: Event) -> dict[str, Any]:
    """One event as JSON."""
    match event:
        case Chosen():
            return {
                "event": "chosen",
                "repo": event.repo.name,
                "revision": event.repo.commit,
                "licence": event.repo.licence,
                "format": event.choice.format,
                "quantisation": event.choice.quantisation,
                "files": [file.path for file in event.choice.files],
                "bytes": event.choice.bytes,
                "missing_bytes": event.missing_bytes,
            }
        case Progress():
            done, total = event.done_bytes, event.total_bytes
            return {"event": "progress", "file": event.file, "done_bytes": done, "total_bytes": total}
        case Waiting():
            return {"event": "waiting", "why": event.why, "seconds": event.seconds}
        case Finished():
            return {"event": "finished", "file": event.file, "was_here": event.was_here}


def sentence(event: Event) -> str | None:
    """One event in words, None where a bar says it."""
    match event:
        case Chosen():
            repo, choice = event.repo, event.choice
            what = " ".join(filter(None, (choice.quantisation, choice.format)))
            files = counted(len(choice.files), "file")
            kept = choice.bytes - event.missing_bytes
            here = f", {gigabytes(kept)} of it here already" if kept else ""
            licence = "no licence is named" if repo.licence is None else f"licence {repo.licence}"
            return f"{repo.name}: {what}, {files}, {gigabytes(choice.bytes)}{here}; {licence}"
        case Waiting():
            return f"{event.why} Tried again in {duration(event.seconds)}."
        case Finished():
            return (
                f"{event.file}: {'was here, checksum right' if event.was_here else 'whole, checksum right'}"
            )
        case Progress():
            return None


class _JsonTeller:
    def __init__(self) -> None:
        self._last_at = 0.0

    def tell(self, event: Event) -> None:
        if isinstance(event, Progress) and 0 < event.done_bytes < event.total_bytes:
            now = time.monotonic()
            if now - self._last_at < _EVERY_SECONDS:
                return
            self._last_at = now
        sys.stdout.write(json.dumps(shape(event), ensure_ascii=False) + "\n")
        sys.stdout.flush()


class _PlainTeller:
    """A line at every tenth of a file."""

    def __init__(self) -> None:
        self._told: dict[str, int] = {}

    def tell(self, event: Event) -> None:
        text = sentence(event) if not isinstance(event, Progress) else self._share(event)
        if text is not None:
            sys.stderr.write(f"{text}\n")
            sys.stderr.flush()

    def _share(self, event: Progress) -> str | None:
        step = event.done_bytes * 100 // max(1, event.total_bytes) // _STEP
        before = self._told.setdefault(event.file, step)
        if step <= before:
            return None
        self._told[event.file] = step
        return f"{event.file}: {step * _STEP} % of {gigabytes(event.total_bytes)}"


class _BarTeller:
    """A bar for every file, and what else happens above them."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def tell(self, event: Event) -> None:
        if isinstance(event, Progress):
            self._move(event)
        elif (text := sentence(event)) is not None:
            self._bars.console.print(text, highlight=False, markup=False)

    def _move(self, event: Progress) -> None:
        task = self._tasks.get(event.file)
        if task is None:
            task = self._bars.add_task(event.file, total=event.total_bytes)
            self._tasks[event.file] = task
        self._bars.update(task, completed=event.done_bytes)


def _bars() -> Bars:
    from rich.progress import (  # noqa: PLC0415 - likewise
        BarColumn,
        DownloadColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.progress import Progress as Made  # noqa: PLC0415 - likewise

    return Made(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=terminal(sys.stderr),
    )
