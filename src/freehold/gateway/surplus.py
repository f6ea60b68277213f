"""One connection too many: told so at its first request, and let go. Knows no HTTP but the one answer."""

from __future__ import annotations

import asyncio
from typing import Final, cast

from freehold.gateway.reception import Reception
from freehold.gateway.refusal import FULL, refusal
from freehold.gateway.sockets import end_writing

_MOST_AT_ONCE: Final = 256
_LINGER_SECONDS: Final = 1.0
_REFUSAL: Final = refusal(503, FULL, "too_many_connections")


class Surplus(asyncio.Protocol):
    """What a server makes of a connection beyond its bound.

    It answers once something was asked, since clients do not expect an answer before; what else comes is
    ignored for a moment, since closing on unread bytes would reset the connection, answer and all. Beyond a
    few of these at once there is no such courtesy.
    """

    __slots__ = ("_loop", "_reception", "_told", "_transport")

    def __init__(self, reception: Reception, loop: asyncio.AbstractEventLoop) -> None:
        self._reception = reception
        self._loop = loop
        self._told = False
        self._transport = cast("asyncio.Transport", None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        reception = self._reception
        reception.valve.refused_connections += 1
        if reception.turned_away >= _MOST_AT_ONCE:
            self._transport.write(_REFUSAL)
            self._transport.close()
        else:
            self._loop.call_later(_LINGER_SECONDS, self._transport.abort)
        reception.turned_away += 1

    def data_received(self, data: bytes) -> None:
        del data
        if not self._told:
            self._told = True
            self._transport.write(_REFUSAL)
            end_writing(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._reception.turned_away -= 1
