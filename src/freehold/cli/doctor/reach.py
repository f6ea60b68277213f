"""How to get at one model: through the gateway that runs here, or at its own place for the while."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from freehold.cli.doctor.visit import Visit
from freehold.cli.places import (
    InEngine,
    InSandbox,
    Place,
    Remote,
    WithEntra,
    capabilities,
    engine_spec,
    entra_credentials,
)
from freehold.config import ModelSettings
from freehold.engine import Engine, EngineError
from freehold.privacy import Label
from freehold.providers import EntraTokens, Provider, Target, load_provider


@dataclass(frozen=True, slots=True)
class Reached:
    """Whom to ask, and the highest label that it may receive."""

    provider: Provider
    target: Target
    clearance: Label


@asynccontextmanager
async def reached(name: str, visit: Visit) -> AsyncIterator[Reached]:
    """The model ready to be asked. Raises `FreeholdError` where it cannot be."""
    model = visit.settings.models[name]
    if visit.gateway is not None and visit.goes_through_gateway(model):
        yield _through(visit.gateway.url, name, model, visit.key)
        return
    async with AsyncExitStack() as stack:
        place = await _place(name, model, visit, stack)
        stack.push_async_callback(place.stop)
        yield _cleared(model, load_provider(model.provider), place.locate())


def at_its_address(name: str, model: ModelSettings) -> Reached:
    """A model at an address that somebody else keeps, asked with the key in the config."""
    provider = load_provider(model.provider)
    place = Remote(name, model, provider, capabilities(model, provider))
    return _cleared(model, provider, place.locate())


def _cleared(model: ModelSettings, provider: Provider, target: Target) -> Reached:
    return Reached(provider, target, Label.parse(model.clearance))


def _through(url: str, name: str, model: ModelSettings, key: str | None) -> Reached:
    gateway = load_provider("compatible")
    target = gateway.target(f"{url}/v1", name, key, capabilities(model, load_provider(model.provider)))
    # The gateway on this machine may hear anything; it guards what leaves.
    return Reached(gateway, target, Label.SECRET)


async def _place(name: str, model: ModelSettings, visit: Visit, stack: AsyncExitStack) -> Place:
    provider = load_provider(model.provider)
    can = capabilities(model, provider)
    spec = engine_spec(name, model, visit.settings.base)
    entra = entra_credentials(model)
    if spec is not None:
        engine = Engine(spec)
        stack.push_async_callback(engine.stop)
        await _start(engine, visit.patience.engine)
        return InEngine(model, engine, provider, can)
    if model.provider == "sandbox":
        sandbox = InSandbox(name, model, provider, can)
        await sandbox.start()
        return sandbox
    if entra is not None:
        tokens = EntraTokens(visit.client, entra)
        await tokens.start()
        return WithEntra(name, model, can, tokens)
    return Remote(name, model, provider, can)


async def _start(engine: Engine, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await engine.start()
    except TimeoutError as error:
        raise EngineError(f"its engine was not ready after {seconds:g} seconds") from error
