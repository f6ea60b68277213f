"""Access tokens of Entra ID by client credentials, fetched before they are needed and renewed in time.

The flow is OAuth 2.0 client credentials (RFC 6749, section 4.4) as Microsoft's identity platform v2.0 has it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

import msgspec

from freehold.egress import Client, Origin, Request, Timeouts
from freehold.errors import UpstreamError
from freehold.privacy import Label, clear

PUBLIC_CLOUD = "https://login.microsoftonline.com"
log = logging.getLogger("freehold")

_SCOPE = "https://cognitiveservices.azure.com/.default"
_RENEW_AT_SHARE = 0.8  # of a token's life
_SHORTEST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 60.0
_LONGEST_ANSWER_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who asks for tokens. `authority` is the login server, another one in national clouds."""

    tenant_id: str
    client_id: str
    client_secret: str = field(repr=False)
    authority: str = PUBLIC_CLOUD


class _Token(msgspec.Struct):
    access_token: str
    expires_in: float

    def __repr__(self) -> str:
        return f"_Token(expires_in={self.expires_in})"


class EntraTokens:
    """Keeps a token at hand from `start` to `stop`. Without one, `trouble` says why."""

    def __init__(self, client: Client, credentials: Credentials) -> None:
        self._client = client
        self._credentials = credentials
        self._origin, self._prefix = Origin.parse(credentials.authority)
        self._task: asyncio.Task[None] | None = None
        self._expires = 0.0
        self._token: str | None = None
        self.trouble: str | None = "has no Entra token yet"

    @property
    def token(self) -> str | None:
        """The token, while it is valid."""
        return self._token if time.monotonic() < self._expires else None

    async def start(self) -> None:
        """Fetch the first token; one that cannot be had is tried for again and is no reason not to start."""
        pause = await self._renew(_SHORTEST_PAUSE_SECONDS)
        self._task = asyncio.create_task(self._keep(pause))

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _keep(self, pause: float) -> None:
        while True:
            await asyncio.sleep(pause)
            pause = await self._renew(min(2 * pause, _LONGEST_PAUSE_SECONDS))

    async def _renew(self, pause_on_failure: float) -> float:
        """Seconds until the next renewal is due."""
        try:
            fetched = await self._fetch()
        except UpstreamError as error:
            error.conceal(self._credentials.client_secret)
            trouble = f"has no Entra token: {error.said}"
            if trouble != self.trouble:
                log.warning("there is no Entra token for %s: %s", self._credentials.client_id, error)
            self.trouble = trouble
            return pause_on_failure
        self._token = fetched.access_token
        self._expires = time.monotonic() + fetched.expires_in
        self.trouble = None
        return max(_SHORTEST_PAUSE_SECONDS, fetched.expires_in * _RENEW_AT_SHARE)

    async def _fetch(self) -> _Token:
        who = self._credentials
        form = {
            "grant_type": "client_credentials",
            "client_id": who.client_id,
            "client_secret": who.client_secret,
            "scope": _SCOPE,
        }
        request = Request(
            origin=self._origin,
            method="POST",
            path=f"{self._prefix}/{quote(who.tenant_id, safe='')}/oauth2/v2.0/token",
            headers=((b"content-type", b"application/x-www-form-urlencoded"),),
            body=urlencode(form).encode(),
            timeouts=Timeouts(first_byte_seconds=20, between_bytes_seconds=20, total_seconds=30),
        )
        # Nothing of any request is in it: our own credentials, for the server that issued them.
        permit = clear(Label.PUBLIC, Label.PUBLIC, self._origin.text, policy="entra", body=request.body)
        response = await self._client.send(permit, request)
        body = await response.read(_LONGEST_ANSWER_BYTES)
        if response.status != 200:
            why = f"answered {response.status}{_said(body)}"
            raise UpstreamError(f"{self._origin.text} {why}.", said=f"The login server {why}.")
        try:
            return msgspec.json.decode(body, type=_Token, strict=False)
        except msgspec.MsgspecError as error:
            raise UpstreamError(
                f"{self._origin.text} sent no token ({error}).", said="The login server sent no token."
            ) from error


def _said(body: bytes) -> str:
    """Entra's own error code, such as `invalid_client`; its long description may name accounts."""
    try:
        code = msgspec.json.decode(body).get("error")
    except (msgspec.MsgspecError, AttributeError, RecursionError):
        return ""
    return f" ({code})" if isinstance(code, str) else ""
