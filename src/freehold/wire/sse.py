"""Server-sent events: bytes in, whole events out, bytes unchanged. Knows no JSON and no I/O.

Format: WHATWG HTML, section 9.2 "Server-sent events". An event ends with a blank line; a line ends with
LF, CR LF or CR.
"""

from __future__ import annotations

import re

_BLANK_LINE = re.compile(rb"\r\n\r\n|\n\n|\r\r|\n\r\n|\r\n\n")
_LONGEST_BLANK_LINE = 4
_DATA_LINE = re.compile(rb"^data:[ ]?(.*)$", re.MULTILINE)


class EventTooLong(ValueError):
    """One event grew over the limit without ending."""


class EventSplitter:
    """Cuts a byte stream at event ends. What is held back is at most one unfinished event."""

    __slots__ = ("_limit", "_rest")

    def __init__(self, limit_bytes: int = 16 * 1024 * 1024) -> None:
        self._rest = bytearray()
        self._limit = limit_bytes

    def feed(self, chunk: bytes) -> list[bytes]:
        """The events that `chunk` completes, each with the blank line that ends it."""
        data: bytes | bytearray = chunk
        seen = len(self._rest)
        if seen:
            self._rest += chunk
            data = self._rest
        events: list[bytes] = []
        start = 0
        # What was looked through before is not again, but for the beginning of a blank line at its end.
        for end in _BLANK_LINE.finditer(data, max(0, seen - _LONGEST_BLANK_LINE + 1)):
            # A chunk that breaks inside CR LF CR LF must not end an event early.
            if end.end() == len(data) and data.endswith(b"\r") and end.group() == b"\r\r":
                break
            events.append(bytes(data[start : end.end()]))
            start = end.end()
        if start or not seen:
            self._rest = bytearray(data[start:])
        if len(self._rest) > self._limit:
            raise EventTooLong(f"an event of more than {self._limit} bytes")
        return events

    @property
    def rest(self) -> bytes:
        """Bytes of an event that has not ended."""
        return bytes(self._rest)


def data_of(event: bytes) -> bytes:
    """The event's data: its `data:` lines joined with LF, `b""` where it has none (comments, keep-alives)."""
    if event.startswith(b"data: ") and event.find(b"\n") in (len(event) - 2, len(event) - 1):
        return event[6:].rstrip(b"\r\n")
    return b"\n".join(line.rstrip(b"\r") for line in _DATA_LINE.findall(event.replace(b"\r\n", b"\n")))


def event_of(data: bytes) -> bytes:
    """`data` (one line) as an event."""
    return b"data: " + data + b"\n\n"


DONE = b"data: [DONE]\n\n"
