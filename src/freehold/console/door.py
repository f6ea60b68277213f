"""Who may look, and what the browser is told to keep to. Does not know any page.

Until there are keys for people, the console is for this machine alone. A page from elsewhere that a browser
here was lured to may not reach it under a name of its own (DNS rebinding), hence the look at `Host`.
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse

from freehold.console.view import Asgi, Message, Receive, Scope, Send

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
# Whoever forwards requests of others is no reason to trust them.
_FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip")

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
    """Lets a request in to `inside`, or says why not; every answer leaves with the headers above."""

    def __init__(self, inside: Asgi, url: str) -> None:
        self._inside = inside
        self._names = _HERE | {host_of(urlsplit(url).netloc)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS]
            await send(message)

        why_not = self._why_not(scope)
        answer = self._inside if why_not is None else PlainTextResponse(f"{why_not}\n", 403)
        await answer(scope, receive, send_with_headers)

    def _why_not(self, scope: Scope) -> str | None:
        headers = dict(scope["headers"])
        if not _is_from_here(scope):
            return (
                "The console is open to this machine alone until there are keys for people.\n"
                "Open it there, or through a tunnel: ssh -L 8400:127.0.0.1:8400 MACHINE"
            )
        if any(name in headers for name in _FORWARDED):
            return "The console is open to this machine alone, and a proxy forwarded this request."
        host = host_of(headers.get(b"host", b"").decode("latin-1"))
        if host not in self._names:
            return f"The console does not answer to the name {host!r}. Open it as http://127.0.0.1"
        return None


def _is_from_here(scope: Scope) -> bool:
    """Whether the peer is this machine: by loopback, or from the very address that it asked."""
    client, server = scope.get("client"), scope.get("server")
    if client is None:
        return False
    return is_loopback(client[0]) or (server is not None and client[0] == server[0])


def is_loopback(address: str) -> bool:
    """Whether a peer's address is this machine's own; an IPv4 address in IPv6's clothes counts."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return found.is_loopback if mapped is None else mapped.is_loopback


def host_of(header: str) -> str:
    """The host in a `Host` header, without port and brackets, in lower case."""
    if header.startswith("["):
        return header[1:].partition("]")[0].lower()
    return header.partition(":")[0].lower()
