"""Who asks for a page: somebody on this machine, somebody logged in, or nobody known. Reads no body.

A page from elsewhere that a browser here was lured to may not come as this machine under a name of its own
(DNS rebinding), hence the look at `Host`.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request

from freehold.access import Key
from freehold.console.guesses import Guesses
from freehold.console.session import Session, Sessions
from freehold.console.view import ConsoleView, Scope
from freehold.errors import Refused

SCOPE_KEY = "freehold.visitor"
BEARER = "bearer "
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
# Whoever forwards requests of others is no reason to trust them.
_FORWARDED = (
    *("forwarded", "via", "x-forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"),
    *(
        "x-forwarded-port",
        "x-forwarded-server",
        "x-real-ip",
        "x-client-ip",
        "cf-connecting-ip",
        "true-client-ip",
    ),
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """`here` is on this machine. `session` is how they logged in, `key` with what; `secure` is TLS.

    `wait_seconds` is why a key that came with the request was not looked at.
    """

    here: bool
    secure: bool
    address: str
    session: Session | None = None
    key: Key | None = None
    wait_seconds: float = 0.0

    @property
    def may_look(self) -> bool:
        return self.here or self.key is not None


class Reception:
    """Looks at who comes. `guesses` counts wrong keys, those of the login page too."""

    def __init__(self, view: ConsoleView, sessions: Sessions, guesses: Guesses) -> None:
        self._names = _HERE | {host_of(urlsplit(view.url).netloc)}
        self._keys = view.keys
        self._sessions = sessions
        self._guesses = guesses

    def look_at(self, scope: Scope) -> Visitor:
        """Who it is: by where they are, by the cookie of a login, or by an admin key as a bearer token."""
        asked = HTTPConnection(scope)
        secure = _is_secure(asked)
        address = "" if asked.client is None else asked.client.host
        if self._is_here(asked, address):
            return Visitor(here=True, secure=secure, address=address)
        cookie = asked.cookies.get(cookie_name(secure=secure))
        found = None if cookie is None else self._sessions.read(cookie, self._keys.admin)
        if found is not None:
            return Visitor(here=False, secure=secure, address=address, session=found[0], key=found[1])
        given = asked.headers.get("authorization", "")
        if given[: len(BEARER)].lower() != BEARER:
            return Visitor(here=False, secure=secure, address=address)
        wait = self._guesses.wait_seconds(address)
        key = None if wait else self.admit(given[len(BEARER) :].strip(), address)
        return Visitor(here=False, secure=secure, address=address, key=key, wait_seconds=wait)

    def admit(self, secret: str, address: str) -> Key | None:
        """The admin key of this secret; a wrong one is remembered."""
        try:
            key = self._keys.open_page(secret)
        except Refused:
            self._guesses.wrong(address)
            return None
        self._guesses.right(address)
        return key

    def _is_here(self, asked: HTTPConnection, address: str) -> bool:
        if not is_loopback(address) or any(name in asked.headers for name in _FORWARDED):
            return False
        return host_of(asked.headers.get("host", "")) in self._names


def visitor_of(request: Request) -> Visitor:
    """Whom the door has let in with this request."""
    visitor: Visitor = request.scope[SCOPE_KEY]
    return visitor


def cookie_name(*, secure: bool) -> str:
    """Under TLS with the prefix that browsers take from this very host alone (RFC 6265bis, 4.1.3.2)."""
    return "__Host-freehold" if secure else "freehold"


def _is_secure(asked: HTTPConnection) -> bool:
    """Whether the browser speaks TLS, to us or to a proxy before us; one that lies only locks itself out."""
    return asked.scope["scheme"] == "https" or asked.headers.get("x-forwarded-proto") == "https"


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
