"""The HTTP surface: which path goes where. No framework objects stand on the way of a request."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Coroutine

import msgspec

from freehold.errors import FreeholdError, Refused
from freehold.gateway.call import Call
from freehold.gateway.exchange import Exchange, Message, Scope
from freehold.gateway.house import House, Route
from freehold.gateway.ids import Ids
from freehold.gateway.kept import Kept
from freehold.gateway.metrics import Metrics
from freehold.gateway.path import handle
from freehold.gateway.voices import VOICES
from freehold.wire import model_not_found

_DATA = {f"/v1/{endpoint}": endpoint for endpoint in VOICES}
_MODELS = "/v1/models"
_RESPONSES = "/v1/responses/"
# What a kept response takes, by what follows its id.
_ON_RESPONSES = {"": ("GET", "DELETE"), "input_items": ("GET",)}
_LONGEST_PATH_CHARACTERS = 200

Asgi = Callable[
    [Scope, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]


class App:
    """Answers exchanges. `house` is replaced on reload; requests under way keep theirs.

    `ready` tells whether new requests should come here: `None`, or why not. `elsewhere` answers the paths
    that are not ours, `/v1` apart; it may raise `Refused`. Without `metrics` there is no `/metrics`.
    """

    def __init__(
        self,
        house: House,
        ready: Callable[[], str | None],
        elsewhere: Asgi | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self.house = house
        self._ready = ready
        self._ids = Ids()
        self._elsewhere = elsewhere
        self._metrics = metrics

    def __call__(self, exchange: Exchange) -> Coroutine[None, None, None]:
        at = time.time()
        call = Call(exchange, self._ids.new(at), at, time.monotonic(), dict(exchange.headers))
        endpoint = _DATA.get(exchange.path)
        if endpoint is not None and exchange.method == "POST":
            return handle(call, endpoint, self.house)
        return self._elsewhere_than_data(call, exchange.path, exchange.method)

    async def _elsewhere_than_data(self, call: Call, path: str, method: str) -> None:
        try:
            await self._look(call, path, method)
        except _MethodNotAllowed as error:
            await call.fail(error, [(b"allow", error.allowed.encode())])
        except FreeholdError as error:
            await call.fail(error)

    async def _look(self, call: Call, path: str, method: str) -> None:
        """Everything but the data routes."""
        if path in _DATA:
            raise _MethodNotAllowed(method, "POST")
        reads = method in ("GET", "HEAD")
        if reads and path == "/healthz":
            await call.reply(200, b'{"status":"ok"}')
        elif reads and path == "/readyz":
            await self._readyz(call)
        elif reads and path == "/metrics" and self._metrics is not None:
            await self._metrics.answer(call, self.house)
        elif path == _MODELS or path.startswith(f"{_MODELS}/"):
            if not reads:
                raise _MethodNotAllowed(method, "GET, HEAD")
            await self._models(call, path[len(_MODELS) + 1 :])
        elif path.startswith(_RESPONSES):
            await self._kept_response(call, path[len(_RESPONSES) :], method)
        elif self._elsewhere is not None and not path.startswith("/v1/"):
            await self._elsewhere(call.exchange.scope, call.exchange.receive, call.exchange.send)
        else:
            raise _unknown(method, path)

    async def _kept_response(self, call: Call, rest: str, method: str) -> None:
        """Responses that a route keeps: shown, their input listed, deleted."""
        id_, _, part = rest.partition("/")
        allowed = _ON_RESPONSES.get(part)
        if allowed is None:
            raise _unknown(method, f"{_RESPONSES}{rest}")
        if method not in allowed:
            raise _MethodNotAllowed(method, ", ".join(allowed))
        kept = Kept(self.house.ledger_path, self.house.keys.identify(call.headers.get(b"authorization")))
        if part == "input_items":
            await call.reply(200, await kept.inputs(id_))
        elif method == "GET":
            await call.reply(200, await kept.show(id_))
        else:
            await call.reply(200, await kept.delete(id_))

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
            await call.reply(200, msgspec.json.encode(_model_object(found, self.house.made_at)))
            return
        objects = [_model_object(route, self.house.made_at) for route in self.house.visible(key)]
        await call.reply(200, msgspec.json.encode({"object": "list", "data": objects}))


def _model_object(route: Route, made_at: int) -> dict[str, object]:
    """OpenAI's model object. `owned_by` names what it is here: a route, or a model's tenure."""
    kind = route.candidates[0].tenure if route.is_model else "route"
    return {"id": route.name, "object": "model", "created": made_at, "owned_by": f"freehold:{kind}"}


def _unknown(method: str, path: str) -> Refused:
    shown = path[:_LONGEST_PATH_CHARACTERS]
    return Refused(404, f"Unknown request URL: {method} {shown}.", code="unknown_url")


class _MethodNotAllowed(Refused):
    """405, with what is allowed for the header that has to name it (RFC 9110, 15.5.6)."""

    def __init__(self, method: str, allowed: str) -> None:
        super().__init__(405, f"Not allowed to {method} here; use {allowed}.", code="method_not_supported")
        self.allowed = allowed
