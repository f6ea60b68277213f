"""The trace that a request belongs to, as W3C's Trace Context passes it on. Knows no spans and no exporter.

https://www.w3.org/TR/trace-context/. Made only where telemetry is on.
"""

from __future__ import annotations

import os
import random
import re

_PARENT = re.compile(rb"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")
_LONGEST_STATE_BYTES = 512  # what the standard asks to pass on at least
_SAMPLED = 1


class Trace:
    """One request's place in a trace. `attempts` are the ids of its calls of models, in their order.

    `parent` is the client's span, `None` where it named none.
    """

    __slots__ = ("attempts", "parent", "sampled", "span", "state", "trace")

    def __init__(self, trace: str, parent: str | None, state: bytes | None, *, sampled: bool) -> None:
        self.trace = trace
        self.parent = parent
        self.state = state
        self.sampled = sampled
        self.span = new_span()
        self.attempts: list[str] = []

    def attempt(self) -> None:
        """A call of a model begins."""
        self.attempts.append(new_span())

    def headers(self, *, with_state: bool) -> tuple[tuple[bytes, bytes], ...]:
        """What the call that began last takes along, so that the upstream's spans are its children.

        `with_state` hands on the client's `tracestate` too: free text, which nobody looked through.
        """
        parent = f"00-{self.trace}-{self.attempts[-1]}-{int(self.sampled):02x}".encode()
        if self.state is None or not with_state:
            return ((b"traceparent", parent),)
        return (b"traceparent", parent), (b"tracestate", self.state)


class Tracing:
    """Begins a trace for each request: the client's where it names one, else a new one.

    A new one is sampled with the probability `ratio`; the client's as the client says.
    """

    def __init__(self, ratio: float) -> None:
        self._ratio = ratio

    def begin(self, traceparent: bytes | None, tracestate: bytes | None) -> Trace:
        found = None if traceparent is None else _PARENT.fullmatch(traceparent)
        if found is None or found[1] == b"ff" or not int(found[2], 16) or not int(found[3], 16):
            sampled = random.random() < self._ratio  # noqa: S311 - which traces are looked at is no secret
            return Trace(os.urandom(16).hex(), None, None, sampled=sampled)
        state = tracestate if tracestate and len(tracestate) <= _LONGEST_STATE_BYTES else None
        return Trace(found[2].decode(), found[3].decode(), state, sampled=bool(int(found[4], 16) & _SAMPLED))


def new_span() -> str:
    return os.urandom(8).hex()
