"""Where a model answers: at an address somebody else keeps, in our engine, or in the sandbox.

A place yields the target to ask now and says why it cannot be asked. Does not know routes or prices.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from freehold.config import ModelSettings
from freehold.egress import Origin
from freehold.engine import Engine, EngineSpec, resolve_weights
from freehold.errors import ConfigError, UpstreamError
from freehold.providers import Provider, Target, stand_in


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
    return provider.can if model.can is None else frozenset(model.can)


class Remote:
    """An address that somebody else keeps."""

    def __init__(self, name: str, model: ModelSettings, can: frozenset[str]) -> None:
        origin, prefix = _address(name, model.url)
        self.can = can
        self.context_tokens = model.context_tokens
        self._target = Target(origin, prefix, model.model, model.secret(), can)

    def locate(self) -> Target:
        return self._target

    def why_down(self) -> str | None:
        return None

    async def stop(self) -> None:
        return


class InEngine:
    """Our own engine. Its address and secret change whenever its child is replaced."""

    def __init__(self, model: ModelSettings, engine: Engine, can: frozenset[str]) -> None:
        self._model = model.model
        self.can = can if model.embeddings else can - {"embeddings"}
        self._target: Target | None = None
        self._secret: str | None = None
        self.engine = engine

    @property
    def context_tokens(self) -> int | None:
        return self.engine.context_tokens

    def locate(self) -> Target:
        why = self.why_down()
        if why is not None:
            raise UpstreamError(
                f"The model {why}.", status=503, code="model_unavailable", retryable=False, retry_after=1.0
            )
        secret, address = self.engine.secret, self.engine.address
        if self._target is None or secret != self._secret:
            origin, prefix = _address(self._model, address)
            self._target = Target(origin, f"{prefix}/v1", self._model, secret, self.can)
            self._secret = secret
        return self._target

    def why_down(self) -> str | None:
        if self.engine.ready:
            return None
        state = self.engine.state
        return f"is down: its engine is {state.status}" + (f" ({state.reason})" if state.reason else "")

    async def stop(self) -> None:
        await self.engine.stop()


class InSandbox:
    """A simulated API, inside this process."""

    def __init__(self, name: str, model: ModelSettings, can: frozenset[str]) -> None:
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
        self.can = can
        self._target: Target | None = None

    async def start(self) -> None:
        await self._server.start()
        origin, prefix = Origin.parse(self._server.address)
        self._target = Target(origin, prefix, self._model, self._server.secret, self.can)

    def locate(self) -> Target:
        if self._target is None:
            raise RuntimeError("the sandbox has not been started")
        return self._target

    def why_down(self) -> str | None:
        return None

    async def stop(self) -> None:
        await self._server.stop()


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


def _address(name: str, url: str | None) -> tuple[Origin, str]:
    try:
        return Origin.parse(url or "")
    except ValueError as error:
        raise ConfigError(f"models.{name}.url", str(error)) from error
