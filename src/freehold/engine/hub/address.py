"""Speaking to a hub: through the one door, over redirects, with a token that only the hub itself sees.

Does not know repositories or files.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urljoin, urlsplit

from freehold import __version__
from freehold.egress import Client, Origin, Request, Response, Timeouts
from freehold.errors import FreeholdError, UpstreamError
from freehold.privacy import Label, clear

DEFAULT_HUB: Final = "https://huggingface.co"
MOST_REDIRECTS: Final = 5
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_LISTING_BYTES: Final = 64 << 20
_TIMEOUTS: Final = Timeouts(connect_seconds=15, first_byte_seconds=60, between_bytes_seconds=60)
_NEXT: Final = re.compile(r'<([^>]+)>\s*;\s*rel="?next"?')

Header = tuple[bytes, bytes]


class HubError(FreeholdError):
    """The hub does not give what was asked for, and asking again would not help."""


@dataclass(frozen=True, slots=True)
class Page:
    """One answer in JSON, and the address of the next page where there is one."""

    data: Any
    next_url: str | None


class Hub:
    """A hub at `endpoint`; a context manager, for one event loop.

    Closes `client`. Raises HubError for an endpoint that is no address, or where `token` would travel in the
    clear.
    """

    def __init__(
        self, endpoint: str = DEFAULT_HUB, token: str | None = None, client: Client | None = None
    ) -> None:
        try:
            self._origin, self._prefix = Origin.parse(endpoint)
        except ValueError as error:
            raise HubError(f"HF_ENDPOINT: {error}") from error
        self._authorization = _authorization(token, self._origin)
        self._client = client or Client()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    @property
    def has_token(self) -> bool:
        return self._authorization is not None

    def url(self, path: str) -> str:
        """The address of a path, which is quoted already and begins with a slash."""
        origin = self._origin
        return f"{origin.scheme}://{origin.authority}{self._prefix}{path}"

    async def page(self, url: str) -> Page:
        """A page in JSON. Raises UpstreamError, retryable where asking again may help, and HubError."""
        response = await self.open(url)
        body = await response.read(_LISTING_BYTES)
        check_status(response, url, self)
        try:
            data = json.loads(body)
        except ValueError:
            raise HubError(
                f"{url} does not answer in JSON: there is no hub", hint="HF_ENDPOINT names another one"
            ) from None
        link = _NEXT.search((response.header(b"link") or b"").decode("latin-1"))
        return Page(data, self._checked_next(url, link[1]) if link else None)

    async def open(self, url: str, headers: tuple[Header, ...] = ()) -> Response:
        """The answer to a GET, whatever its status, after at most five redirects.

        Each hop has a permit of its own. Raises HubError for a redirect that leads nowhere, into the open
        (from https to http, except to this machine) or too far, and UpstreamError as the door does.
        """
        for _ in range(MOST_REDIRECTS + 1):
            response = await self._send(url, headers)
            if response.status not in _REDIRECTS:
                return response
            location = response.header(b"location")
            response.close()
            url = follow(url, location)
        raise HubError(f"the hub redirects more than {MOST_REDIRECTS} times; the last was to {_place(url)}")

    async def _send(self, url: str, headers: tuple[Header, ...]) -> Response:
        origin, target = _split(url)
        own = [(b"user-agent", f"freehold/{__version__}".encode())]
        if self._authorization is not None and origin == self._origin:
            own.append((b"authorization", self._authorization))
        # What is sent is the name of a public model, and nothing of anybody's requests.
        permit = clear(Label.PUBLIC, Label.PUBLIC, origin.text, policy="pull")
        return await self._client.send(
            permit, Request(origin, "GET", target, (*own, *headers), b"", _TIMEOUTS)
        )

    def _checked_next(self, url: str, link: str) -> str:
        following = urljoin(url, link)
        if _split(following)[0] != self._origin:
            raise HubError(f"the hub's list of files goes on at {_place(following)}, which is another host")
        return following


def check_status(response: Response, url: str, hub: Hub) -> None:
    """Raises UpstreamError for what may pass, HubError for what will not; nothing for 200 and 206."""
    status = response.status
    if status in (200, 206):
        return
    if status in _PASSING:
        raise UpstreamError(
            f"{_place(url)} answers {status}", status=status, retry_after=_retry_after(response)
        )
    code = (response.header(b"x-error-code") or b"").decode("latin-1")
    if status in (401, 403):
        raise _denied(status, code, has_token=hub.has_token)
    if status == 404:
        raise HubError(
            "the hub has no such model, or no such file in it", hint="check the name; letters matter"
        )
    raise HubError(f"{_place(url)} answers {status}")


def _denied(status: int, code: str, *, has_token: bool) -> HubError:
    if code == "GatedRepo" or (status == 403 and has_token):
        step = "then run this again" if has_token else "then set HF_TOKEN to a token of yours"
        return HubError(
            "the model is gated: its licence has to be accepted first",
            hint=f"open the model's page, accept, {step}",
        )
    if has_token:
        return HubError(
            "the hub knows no such model, or HF_TOKEN may not see it",
            hint="check the name; a token is made under Settings, Access Tokens on the hub",
        )
    return HubError(
        "the hub has no such model, or it is private or gated",
        hint="check the name; for a private or gated model set HF_TOKEN",
    )


def _authorization(token: str | None, origin: Origin) -> bytes | None:
    if not token:
        return None
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise HubError("HF_TOKEN is not one printable word", hint="it begins with hf_")
    if not origin.secure and origin.host not in _LOOPBACK:
        raise HubError(
            f"HF_TOKEN would travel to {origin.text} unencrypted",
            hint="name the hub with https:// in HF_ENDPOINT, or unset HF_TOKEN",
        )
    return b"Bearer " + token.encode()


def _split(url: str) -> tuple[Origin, str]:
    """The origin of an address, and its path with the query. Raises HubError."""
    parts = urlsplit(url)
    try:
        origin, _ = Origin.parse(f"{parts.scheme}://{parts.netloc}")
    except ValueError as error:
        raise HubError(f"the hub leads to {_place(url)}, where nothing can be asked: {error}") from error
    path = parts.path or "/"
    return origin, f"{path}?{parts.query}" if parts.query else path


def follow(url: str, location: bytes | None) -> str:
    """Where a redirect from `url` leads. Raises HubError where it leads nowhere or into the open."""
    if not location:
        raise HubError(f"{_place(url)} redirects without saying where to")
    target = urljoin(url, location.decode("latin-1"))
    here, there = _split(url)[0], _split(target)[0]
    if here.secure and not there.secure and there.host not in _LOOPBACK:
        raise HubError(f"{_place(url)} redirects to {there.text}, which is not encrypted")
    return target


def _place(url: str) -> str:
    """An address without its query, which may hold somebody's signature."""
    return url.partition("?")[0]


def _retry_after(response: Response) -> float | None:
    """Seconds, or a date (RFC 9110, section 10.2.3)."""
    value = (response.header(b"retry-after") or b"").decode("latin-1").strip()
    if value.isdecimal():
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    if date.tzinfo is None:
        return None
    return max(0.0, (date - datetime.now(UTC)).total_seconds())
