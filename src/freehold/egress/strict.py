"""Strict mode: the interpreter itself refuses every connection that the door did not open.

An audit hook (PEP 578) sees each `socket.connect`, name look-up and datagram of this process, whichever
thread or library asks, and cannot be removed. What the door opens runs in a context that says so. Children
are not seen: of processes only those may be started that the caller names.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

log = logging.getLogger("freehold")

_THROUGH_THE_DOOR: Final[ContextVar[bool]] = ContextVar("through_the_door", default=False)
_CONNECTING: Final = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo"})
_STARTING: Final = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"})


class NotThroughTheDoor(PermissionError):
    """Something tried to reach out past the door; it did not."""


@contextmanager
def the_door() -> Iterator[None]:
    """What connects in here is the door itself."""
    token = _THROUGH_THE_DOOR.set(True)
    try:
        yield
    finally:
        _THROUGH_THE_DOOR.reset(token)


def forbid_other_connections(programs: Sequence[str]) -> None:
    """From now on, for the life of the process. `programs`: paths of what may be started."""
    lawful = frozenset(os.path.realpath(program) for program in programs)

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _CONNECTING:
            if not (_THROUGH_THE_DOOR.get() or _is_local(event, arguments)):
                raise _refused(event)
        elif event in _STARTING and os.path.realpath(str(arguments[0])) not in lawful:
            raise _refused(event)

    sys.addaudithook(refuse)


def _is_local(event: str, arguments: tuple[Any, ...]) -> bool:
    """A path of this machine (a Unix socket), or a socket that has its address already."""
    if event == "socket.getaddrinfo":
        return False
    address = arguments[-1]
    return address is None or isinstance(address, str | bytes)


def _refused(event: str) -> NotThroughTheDoor:
    log.critical("%s was refused: it did not come through the door ([server] strict_egress)", event)
    return NotThroughTheDoor(f"{event} did not come through the door")
