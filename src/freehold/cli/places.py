"""Where a model answers: at an address somebody else keeps, in our engine, or in the sandbox.

A place yields the target to ask now and says why it cannot be asked. Does not know routes or prices.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from freehold.config import ModelSettings
from freehold.engine import Engine, EngineSpec, resolve_weights
from freehold.errors import ConfigError, UpstreamError
from freehold.providers import (
    EntraCredentials,
    EntraTokens,
    Provider,
    Target,
    azure_with_token,
    stand_in,
)


class Place(Protocol):
    """Where one model answers."""

    can: frozenset[str]

    @property
    def context_tokens(self) -> int | None:
        """Tokens that a request and its answer may take together; `None` where unknown."""

    def locate(self) -> Target:
        """Whom to ask now."""

    def why_down(self) -> str | None:
        """Why it cannot be asked at all, in words that follow the model's name."""

    async def stop(self) -> None:
        """Nobody asks any more."""


def capabilities(model: ModelSettings, provider: Provider) -> frozenset[str]:
    """What a model can do: the provider's list, or the config's where it says so."""
    return provider.can_of(model.model) if model.can is None else frozenset(model.can)


class Remote:
    """An address that somebody else keeps."""

    def __init__(self, name: str, model: ModelSettings, provider: Provider, can: frozenset[str]) -> None:
        self.can = can
        self.context_tokens = model.context_tokens
        self._target = _target(name, model, provider, model.secret(), can)

    def locate(self) -> Target:
        return self._target

    def why_down(self) -> str | None:
        return None

    async def stop(self) -> None:
        return


class WithEntra:
    """Azure, asked with a token that changes."""

    def __init__(self, name: str, model: ModelSettings, can: frozenset[str], tokens: EntraTokens) -> None:
        self.can = can
        self.context_tokens = model.context_tokens
        self._name = name
        self._model = model
        self._tokens = tokens
        self._token: str | None = None
        self._target: Target | None = None

    def locate(self) -> Target:
        token = self._tokens.token
        if token is None:
            raise _unavailable(self.why_down())
        if self._target is None or token != self._token:
            self._target = _target(self._name, self._model, azure_with_token(), token, self.can)
            self._token = token
        return self._target

    def why_down(self) -> str | None:
        return None if self._tokens.token is not None else self._tokens.trouble or "has no Entra token"

    async def stop(self) -> None:
        await self._tokens.stop()


class InEngine:
    """Our own engine. Its address and secret change whenever its child is replaced."""

    def __init__(self, model: ModelSettings, engine: Engine, provider: Provider, can: frozenset[str]) -> None:
        self._model = model.model
        self._provider = provider
        self.can = can if model.embeddings else can - {"embeddings"}
        self._target: Target | None = None
        self._secret: str | None = None
        self.engine = engine

    @property
    def context_tokens(self) -> int | None:
        return self.engine.context_tokens

    def locate(self) -> Target:
        secret, address = self.engine.secret, self.engine.address
        if address is None:
            raise _unavailable(self.why_down())
        if self._target is None or secret != self._secret:
            self._target = self._provider.target(f"{address}/v1", self._model, secret, self.can)
            self._secret = secret
        return self._target

    def why_down(self) -> str | None:
        if self.engine.ready:
            return None
        state = self.engine.state
        return f"is down: its engine is {state.status}" + (f" ({state.reason})" if state.reason else "")

    def comes_back(self) -> bool:
        """Whether it is down and being started again."""
        return self.engine.state.status == "restarting"

    async def stop(self) -> None:
        await self.engine.stop()


class InSandbox:
    """A simulated API, inside this process."""

    def __init__(self, name: str, model: ModelSettings, provider: Provider, can: frozenset[str]) -> None:
        self.context_tokens = model.context_tokens
        try:
            self._server = stand_in(
                model.model,
                ttft_seconds=model.ttft_seconds,
                tokens_per_second=model.tokens_per_second,
                plays=model.plays,
            )
        except ValueError as error:
            raise ConfigError(f"models.{name}.plays", str(error)) from error
        self._model = model.model
        self._provider = provider
        self.can = can
        self._target: Target | None = None

    async def start(self) -> None:
        server = self._server
        await server.start()
        self._target = self._provider.target(server.address, self._model, server.secret, self.can)

    def locate(self) -> Target:
        if self._target is None:
            raise RuntimeError("the sandbox has not been started")
        return self._target

    def why_down(self) -> str | None:
        return None

    async def stop(self) -> None:
        await self._server.stop()


def entra_credentials(model: ModelSettings) -> EntraCredentials | None:
    """Who asks Entra for tokens; `None` where the model is asked with a key."""
    tenant, client, secret = model.entra_tenant_id, model.entra_client_id, model.secret()
    if tenant is None or client is None or secret is None:
        return None
    return EntraCredentials(tenant, client, secret, model.entra_authority)


def engine_spec(name: str, model: ModelSettings, base: Path) -> EngineSpec | None:
    """What the embedded engine is to run for this model; `None` where it runs nothing."""
    if model.weights is None:
        return None
    return EngineSpec(
        name=name,
        weights=resolve_weights(model.weights, base, key=f"models.{name}.weights"),
        slots=model.slots,
        context_tokens=0 if model.context_tokens is None else model.context_tokens,
        threads=model.threads,
        gpu_layers=model.gpu_layers,
        embeddings=model.embeddings,
    )


def _target(
    name: str, model: ModelSettings, provider: Provider, secret: str | None, can: frozenset[str]
) -> Target:
    try:
        return provider.target(model.url or "", model.model, secret, can, api_version=model.api_version)
    except ValueError as error:
        raise ConfigError(f"models.{name}.url", str(error)) from error


def _unavailable(why: str | None) -> UpstreamError:
    return UpstreamError(
        f"The model {why}.", status=503, code="model_unavailable", retryable=False, retry_after=1.0
    )
