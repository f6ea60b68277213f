"""Who may look, and what the browser is told to keep to. Does not know any page."""

from __future__ import annotations

import math
from urllib.parse import quote

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from freehold.console.view import LOGIN, Asgi, Message, Receive, Scope, Send
from freehold.console.visitor import SCOPE_KEY, Reception, Visitor

_OPEN = (LOGIN, "/assets/console.css", "/assets/mark.svg")  # what the login page itself needs

_HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    ),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


class Door:
    """Lets a request in to `inside`, or to the login; every answer leaves with the headers above."""

    def __init__(self, inside: Asgi, reception: Reception) -> None:
        self._inside = inside
        self._reception = reception

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS]
            await send(message)

        visitor = scope[SCOPE_KEY] = self._reception.look_at(scope)
        is_in = visitor.may_look or scope["path"] in _OPEN
        answer = self._inside if is_in else _turned_away(HTTPConnection(scope), visitor)
        await answer(scope, receive, send_with_headers)


def _turned_away(asked: HTTPConnection, visitor: Visitor) -> Response:
    """A browser is shown the login, a program is told."""
    if visitor.wait_seconds:
        seconds = str(math.ceil(visitor.wait_seconds))
        return PlainTextResponse(
            f"Too many wrong keys came from there. Wait {seconds} s.\n", 429, {"retry-after": seconds}
        )
    if asked.scope["method"] in ("GET", "HEAD") and "text/html" in asked.headers.get("accept", ""):
        query = asked.url.query
        there = asked.url.path + (f"?{query}" if query else "")
        return RedirectResponse(f"{LOGIN}?next={quote(there)}", 303, {"cache-control": "no-store"})
    return PlainTextResponse(
        "The console asks for an admin key here: `freehold keys create --admin` makes one.\n"
        "Log in with a browser, or send it as `authorization: Bearer`.\n",
        401,
        {"www-authenticate": "Bearer", "cache-control": "no-store"},
    )
