"""One request, and its head as bytes. Does not know connections."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from freehold.egress.limits import Timeouts
from freehold.egress.origin import Origin

Headers = tuple[tuple[bytes, bytes], ...]

_TOKEN: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110, section 5.6.2
_VALUE: Final = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")  # section 5.5: above all, neither CR, LF nor NUL
_TARGET: Final = re.compile(r"/[\x21-\x7e]*")
_OURS: Final = frozenset(
    [
        *(b"host", b"content-length", b"transfer-encoding", b"accept-encoding"),
        *(b"connection", b"keep-alive", b"upgrade", b"te", b"trailer", b"expect"),
    ]
)


class Request(msgspec.Struct, frozen=True):
    """What is sent. `path` starts with a slash and holds the query; `body` is sent as it is.

    The client itself writes `host`, `content-length` and `accept-encoding: identity`. `head` is the encoded
    head up to there where a `Template` has made it before; leave it out otherwise.
    """

    origin: Origin
    method: str
    path: str
    headers: Headers
    body: bytes
    timeouts: Timeouts = Timeouts()
    head: bytes = b""

    def __repr__(self) -> str:
        """Without headers and body, which hold keys and what people asked."""
        return f"Request({self.method} {self.origin.text}{self.path})"

    def carrying(self, extra: Headers) -> Request:
        """The same request with headers more. Raises `ValueError` where `encode_headers` does."""
        if not self.head:
            return msgspec.structs.replace(self, headers=(*self.headers, *extra))
        return msgspec.structs.replace(self, head=self.head + encode_headers(extra))


class Template(msgspec.Struct, frozen=True):
    """A request without its body, encoded once: one for each model and endpoint."""

    origin: Origin
    method: str
    path: str
    headers: Headers
    timeouts: Timeouts
    head: bytes

    def __repr__(self) -> str:
        """Without headers, which hold keys."""
        return f"Template({self.method} {self.origin.text}{self.path})"

    @classmethod
    def build(
        cls,
        origin: Origin,
        method: str,
        path: str,
        headers: Headers = (),
        timeouts: Timeouts | None = None,
    ) -> Template:
        """Raises `ValueError` where `encode_head` does."""
        head = encode_head(origin, method, path, headers)
        return cls(origin, method, path, headers, Timeouts() if timeouts is None else timeouts, head)

    def request(self, body: bytes = b"", extra: Headers = ()) -> Request:
        """The request with this body; `extra` are headers of this request alone, checked as all are."""
        head = self.head + encode_headers(extra) if extra else self.head
        return Request(self.origin, self.method, self.path, self.headers, body, self.timeouts, head)


def encode_head(origin: Origin, method: str, path: str, headers: Headers) -> bytes:
    """Request line and headers, up to where `content-length` follows.

    Raises `ValueError` for what could end a header early (a line break in a value), a malformed method or
    path, and for headers that are the client's own.
    """
    if not _TOKEN.fullmatch(method.encode()):
        raise ValueError(f"{method!r} is not a method")
    if not _TARGET.fullmatch(path):
        raise ValueError(f"{path!r} is not a path: it starts with a slash and holds no spaces")
    first = f"{method} {path} HTTP/1.1\r\nhost: {origin.authority}\r\naccept-encoding: identity\r\n"
    return first.encode("ascii") + encode_headers(headers)


def encode_headers(headers: Headers) -> bytes:
    """Header lines. Raises `ValueError`; the message names the header and never its value."""
    for name, value in headers:
        if not _TOKEN.fullmatch(name):
            raise ValueError(f"{name!r} is not a header name")
        if name.lower() in _OURS:
            raise ValueError(f"the client writes {name.decode()!r} itself")
        if not _VALUE.fullmatch(value):
            raise ValueError(f"the value of {name.decode()!r} holds a control character")
    return b"".join([b"%b: %b\r\n" % pair for pair in headers])


def finish_head(request: Request) -> bytes:
    """The whole head, `content-length` and the empty line included."""
    head = request.head or encode_head(request.origin, request.method, request.path, request.headers)
    if request.body or request.method not in ("GET", "HEAD"):
        return b"%bcontent-length: %d\r\n\r\n" % (head, len(request.body))
    return head + b"\r\n"
