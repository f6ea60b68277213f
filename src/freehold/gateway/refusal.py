"""Answers that need no app: what a connection says where no request can be made out or taken. Bytes only."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from freehold.wire import error_body


def refusal(
    status: int,
    message: str,
    code: str,
    *,
    rest_seconds: int = 1,
    keep: bool = False,
    request_id: str | None = None,
) -> bytes:
    """A whole answer with an OpenAI error object. A 503 says when to come back, and is the server's."""
    busy = status == HTTPStatus.SERVICE_UNAVAILABLE
    ours = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    body = error_body(message, type_="server_error" if ours else "invalid_request_error", code=code)
    lines = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        "content-type: application/json",
        *([] if request_id is None else [f"x-request-id: {request_id}"]),
        f"content-length: {len(body)}",
        *([f"retry-after: {rest_seconds}"] if busy else []),
        *([] if keep else ["connection: close"]),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


RESTS_SECONDS: Final = (1, 2, 4, 8)
OVERLOADED: Final = "This server has more requests than it can answer. Try again later."
FULL: Final = "This server has as many connections as it takes. Try again in a second."
COME_BACK: Final = {
    seconds: refusal(503, OVERLOADED, "server_overloaded", rest_seconds=seconds, keep=True)
    for seconds in RESTS_SECONDS
}
"""What a client is told that comes while too much waits, by when it may come again."""
