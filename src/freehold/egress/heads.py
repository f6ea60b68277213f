"""Headers of an answer, read out of its head when somebody asks: most answers are passed on without.

The parser of the connection has found the head well-formed before. Does not know connections.
"""

from __future__ import annotations

import contextlib

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

Headers = list[tuple[bytes, bytes]]


class _Head:
    """What the parser calls. Answers that announce another (1xx) come before the one that counts."""

    def __init__(self) -> None:
        self.headers: Headers = []
        self.whole = False
        self.parser = HttpResponseParser(self)

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.whole:  # what follows the body are trailers
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        if self.parser.get_status_code() < 200:
            self.headers.clear()
        else:
            self.whole = True


def read_headers(raw: bytes) -> Headers:
    """The headers in `raw`, a whole head and perhaps more: names in lower case, in the order sent."""
    head = _Head()
    with contextlib.suppress(HttpParserError, HttpParserUpgrade):  # of what follows the head
        head.parser.feed_data(raw)
    headers = head.headers
    del head.parser  # it holds our methods: a cycle otherwise
    return headers
