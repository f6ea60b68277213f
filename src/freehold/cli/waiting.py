"""What takes a while, told on a terminal's error stream as long as it takes. Does not know what it is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from freehold.cli.screen import is_terminal


@contextmanager
def told_while_waiting() -> Iterator[Callable[[str], None] | None]:
    """A function that replaces the words that are shown; `None` where nobody watches."""
    if not is_terminal(sys.stderr):
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - for a terminal alone

    with Console(stderr=True).status("reckoning …") as status:
        yield lambda words: status.update(f"{words} …")
