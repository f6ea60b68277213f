"""One answer as its reader sees it. Does not know how it gets here."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from freehold.egress.failures import too_large
from freehold.egress.heads import Headers, read_headers
from freehold.egress.inbox import Inbox


class Response:
    """Status and head are there; the body is read once, whole or as it comes.

    `headers` are in the order sent, names in lower case. `framed` is False where the body ends only with the
    connection, so that a cut cannot be told from its end. Whoever does not read to the end calls `close`;
    being cancelled while reading does so by itself.
    """

    __slots__ = ("_headers", "_inbox", "_origin", "status")

    def __init__(self, inbox: Inbox, origin: str) -> None:
        self._inbox = inbox
        self._origin = origin
        self._headers: Headers | None = None
        self.status = inbox.status

    def __repr__(self) -> str:
        return f"<Response {self.status} from {self._origin}>"

    @property
    def framed(self) -> bool:
        return self._inbox.framed

    @property
    def headers(self) -> Headers:
        """Read when first asked for."""
        if self._headers is None:
            self._headers = read_headers(self._inbox.raw)
            self._inbox.raw = b""
        return self._headers

    def header(self, name: bytes) -> bytes | None:
        """The first header of this name (in lower case)."""
        for key, value in self.headers:
            if key == name:
                return value
        return None

    def at_hand(self, limit_bytes: int) -> bytes | None:
        """The body where all of it is here already; `None` where `read` has to be asked."""
        inbox = self._inbox
        if not inbox.done or inbox.error is not None or inbox.buffered > limit_bytes:
            return None
        return inbox.take()

    async def read(self, limit_bytes: int) -> bytes:
        """The rest of the body, in one wake-up.

        Raises `UpstreamError`: `upstream_too_large` over `limit_bytes` (the connection is closed then),
        `upstream_cut`, `upstream_timeout`, `upstream_malformed`.
        """
        inbox = self._inbox
        if not inbox.done:
            inbox.wake_over = limit_bytes
            inbox.pause_over = max(inbox.pause_over, limit_bytes)
            inbox.resume()
            while not inbox.done and inbox.error is None and inbox.buffered <= limit_bytes:
                await inbox.arrival()
        if inbox.buffered > limit_bytes:
            inbox.abandon()
            raise too_large(self._origin, limit_bytes)
        if inbox.error is not None:
            raise inbox.error
        return inbox.take()

    async def chunks(self) -> AsyncGenerator[bytes]:
        """Pieces of the body as they arrive, never empty; what came together is one piece.

        Raises `UpstreamError` as `read` does, after the pieces that came before the failure. Leaving the
        iteration early closes the connection.
        """
        inbox = self._inbox
        inbox.wake_over = 0
        self.headers  # noqa: B018 - read now, so that a long stream does not keep its first bytes
        try:
            while True:
                piece = inbox.take()
                if piece:
                    yield piece
                elif inbox.done:
                    return
                elif inbox.error is not None:
                    raise inbox.error
                else:
                    await inbox.arrival()
        finally:
            inbox.abandon()

    def close(self) -> None:
        """Closes the connection at once if the answer is not whole yet; the upstream notices."""
        self._inbox.abandon()
