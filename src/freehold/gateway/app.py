"""The HTTP surface as raw ASGI: which path goes where. No framework objects stand on the way of a request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from freehold.errors import FreeholdError, Refused
from freehold.gateway.call import Call, Receive, Scope, Send
from freehold.gateway.house import House, Route
from freehold.gateway.kept import Kept
from freehold.gateway.path import handle
from freehold.gateway.relay import StreamBroken
from freehold.gateway.voices import VOICES
from freehold.gateway.watch import Rounds
from freehold.wire import model_not_found

_DATA = {f"/v1/{endpoint}": endpoint for endpoint in VOICES}
_MODELS = "/v1/models"
_RESPONSES = "/v1/responses/"

Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


class App:
    """The ASGI application. `house` is replaced on reload; requests under way keep theirs.

    `ready` tells whether new requests should come here: `None`, or why not. `elsewhere` answers the paths
    that are not ours, `/v1` apart; it may raise `Refused`.
    """

    def __init__(self, house: House, ready: Callable[[], str | None], elsewhere: Asgi | None = None) -> None:
        self.house = house
        self._ready = ready
        self._rounds = Rounds()
        self._elsewhere = elsewhere

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        call = Call(scope, receive, send, self._rounds)
        endpoint = _DATA.get(scope["path"])
        if endpoint is not None and scope["method"] == "POST":
            try:
                await handle(call, endpoint, self.house)
            except StreamBroken:
                return  # unfinished on purpose: the server cuts the connection
            return
        try:
            await self._look(call, scope["path"], scope["method"])
        except FreeholdError as error:
            await call.fail(error)

    async def _look(self, call: Call, path: str, method: str) -> None:
        """Everything but the data routes."""
        if path in _DATA:
            raise _method_not_allowed(method, "POST")
        reads = method in ("GET", "HEAD")
        if reads and path == "/healthz":
            await call.reply(200, b'{"status":"ok"}')
        elif reads and path == "/readyz":
            await self._readyz(call)
        elif reads and (path == _MODELS or path.startswith(f"{_MODELS}/")):
            await self._models(call, path[len(_MODELS) + 1 :])
        elif path.startswith(_RESPONSES):
            await self._kept_response(call, path[len(_RESPONSES) :], method)
        elif self._elsewhere is not None and not path.startswith("/v1/"):
            await self._elsewhere(call.scope, call.receive, call.send)
        else:
            raise _unknown(method, path)

    async def _kept_response(self, call: Call, rest: str, method: str) -> None:
        """Responses that a route keeps: shown, their input listed, deleted."""
        kept = Kept(self.house.ledger_path, self.house.keys.identify(call.headers.get(b"authorization")))
        id_, _, part = rest.partition("/")
        if method == "GET" and part == "":
            await call.reply(200, await kept.show(id_))
        elif method == "GET" and part == "input_items":
            await call.reply(200, await kept.inputs(id_))
        elif method == "DELETE" and part == "":
            await call.reply(200, await kept.delete(id_))
        else:
            raise _unknown(method, f"{_RESPONSES}{rest}")

    async def _readyz(self, call: Call) -> None:
        why_not = self._ready()
        status = {"status": "ready"} if why_not is None else {"status": "not ready", "reason": why_not}
        await call.reply(200 if why_not is None else 503, msgspec.json.encode(status))

    async def _models(self, call: Call, name: str) -> None:
        key = self.house.keys.identify(call.headers.get(b"authorization"))
        if name:
            found = next((r for r in self.house.visible(key) if r.name == name), None)
            if found is None:
                raise model_not_found(name)
            await call.reply(200, msgspec.json.encode(_model_object(found)))
            return
        objects = [_model_object(route) for route in self.house.visible(key)]
        await call.reply(200, msgspec.json.encode({"object": "list", "data": objects}))


def _model_object(route: Route) -> dict[str, object]:
    """OpenAI's model object. `owned_by` names what it is here: a route, or a model's tenure."""
    kind = route.candidates[0].tenure if route.is_model else "route"
    return {"id": route.name, "object": "model", "created": 0, "owned_by": f"freehold:{kind}"}


def _unknown(method: str, path: str) -> Refused:
    return Refused(404, f"Unknown request URL: {method} {path}.", code="unknown_url")


def _method_not_allowed(method: str, allowed: str) -> Refused:
    return Refused(405, f"Not allowed to {method} here; use {allowed}.", code="method_not_supported")
