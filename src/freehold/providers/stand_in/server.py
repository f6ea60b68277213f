"""The stand-in's life and its front gate: a port on loopback, a secret, and who answers what."""

from __future__ import annotations

import asyncio
import hmac
import secrets
import socket
import time
from collections.abc import Mapping
from random import Random
from types import MappingProxyType

import msgspec
import uvicorn
from uvicorn.server import ServerState

from freehold.errors import FreeholdError, Refused
from freehold.providers.stand_in import embeddings, speech
from freehold.providers.stand_in.exchange import ClientGone, Exchange, Receive, Scope, Send
from freehold.providers.stand_in.model import StandInModel
from freehold.wire import Endpoint, describe, incorrect_api_key, missing_api_key, model_not_found, read_ask

_STOP_SECONDS = 2.0
_BACKLOG = 1024
_ENDPOINTS = {endpoint.value: endpoint for endpoint in Endpoint}


class StandIn:
    """A simulated API with the given models, by name.

    `seed` fixes the jitter of its pace. After `start`, `address` is its base URL (`http://127.0.0.1:49152/v1`)
    and requests need `Authorization: Bearer` with `secret`.
    """

    def __init__(self, models: Mapping[str, StandInModel], *, seed: int = 0) -> None:
        self.secret = secrets.token_urlsafe(32)
        self._models = MappingProxyType(dict(models))
        self._dice = Random(seed)  # noqa: S311 - shapes a pace, guards nothing
        self._born = int(time.time())
        self._uvicorn = ServerState()
        self._listener: asyncio.Server | None = None
        self._address: str | None = None

    @property
    def address(self) -> str:
        """Its base URL. Raises `RuntimeError` before `start`."""
        if self._address is None:
            raise RuntimeError("the stand-in has not been started")
        return self._address

    async def start(self) -> None:
        """Listen on a free port of loopback, in the running loop; on return it answers. Once."""
        if self._listener is not None:
            raise RuntimeError("the stand-in is running")
        # A whole uvicorn.Server would take over the process's signals; its protocol alone does not.
        config = uvicorn.Config(
            self, interface="asgi3", http="httptools", ws="none", lifespan="off",
            log_config=None, access_log=False, proxy_headers=False,
        )  # fmt: skip
        config.load()
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            lambda: config.http_protocol_class(  # type: ignore[call-arg] # as uvicorn.Server itself calls it
                config=config, server_state=self._uvicorn, app_state={}
            ),
            host="127.0.0.1",
            port=0,
            family=socket.AF_INET,
            backlog=_BACKLOG,
        )
        port = self._listener.sockets[0].getsockname()[1]
        self._address = f"http://127.0.0.1:{port}/v1"

    async def stop(self) -> None:
        """Stop listening and cut what is under way. Harmless when not running."""
        if self._listener is None:
            return
        listener, self._listener, self._address = self._listener, None, None
        listener.close()
        for connection in tuple(self._uvicorn.connections):
            if connection.transport is not None:
                connection.transport.abort()
        if self._uvicorn.tasks:
            await asyncio.wait(self._uvicorn.tasks, timeout=_STOP_SECONDS)
        await listener.wait_closed()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI: one request."""
        exchange = Exchange(scope, receive, send)
        try:
            await self._answer(exchange)
        except FreeholdError as error:
            await exchange.reply(*describe(error))
        except ClientGone:
            return
        finally:
            exchange.close()

    async def _answer(self, exchange: Exchange) -> None:
        self._admit(exchange)
        method, path = exchange.method, exchange.path.removeprefix("/v1/")
        if method == "GET" and path == "models":
            listed = [self._card(name) for name in self._models]
            await exchange.reply(200, msgspec.json.encode({"object": "list", "data": listed}))
        elif method == "GET" and path.startswith("models/"):
            name = path.removeprefix("models/")
            self._model(name)
            await exchange.reply(200, msgspec.json.encode(self._card(name)))
        elif method == "POST" and path in _ENDPOINTS:
            await self._speak(exchange, _ENDPOINTS[path])
        else:
            raise Refused(404, f"Invalid URL ({method} {exchange.path})")

    async def _speak(self, exchange: Exchange, endpoint: Endpoint) -> None:
        if endpoint is Endpoint.MODERATIONS:
            # A made-up "not flagged" would be believed.
            raise Refused(400, "The sandbox does not moderate.", code="unsupported_parameter", param="model")
        ask = read_ask(endpoint, await exchange.body())
        model = self._model(ask.model)
        exchange.watch()
        first_token_seconds = model.first_token_seconds(self._dice)
        if endpoint is Endpoint.EMBEDDINGS:
            await embeddings.answer(exchange, ask, first_token_seconds)
        else:
            await speech.answer(exchange, ask, model, first_token_seconds)

    def _admit(self, exchange: Exchange) -> None:
        scheme, _, given = exchange.header(b"authorization").partition(b" ")
        if scheme.lower() != b"bearer" or not given:
            raise missing_api_key()
        if not hmac.compare_digest(given.strip(), self.secret.encode()):
            raise incorrect_api_key(given.strip().decode("latin-1"))

    def _model(self, name: str) -> StandInModel:
        model = self._models.get(name)
        if model is None:
            raise model_not_found(name)
        return model

    def _card(self, name: str) -> dict[str, str | int]:
        return {"id": name, "object": "model", "created": self._born, "owned_by": "simulated"}
