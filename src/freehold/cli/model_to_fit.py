"""Which model somebody means: a file, a builtin one, one in the config, or one on a hub. Reads headers."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

import click

from freehold.cli.errands import ledger_of, told_once
from freehold.cli.finding import find_config
from freehold.cli.reading import settings_for_looking
from freehold.config import ModelSettings
from freehold.egress import Client
from freehold.engine import read_header, resolve_weights
from freehold.engine.sizing import ModelShape, shape_of_header
from freehold.errors import FreeholdError

_BUILTIN = "builtin:"
_SLOTS = 4  # the config's own default


@dataclass(frozen=True, slots=True)
class Meant:
    """The model, and how the config runs it if it does. `offered`: quantisations on the hub, in bytes."""

    shape: ModelShape
    context_tokens: int | None = None
    slots: int = _SLOTS
    offered: tuple[tuple[str, int], ...] = ()


def find_model(text: str, config: Path | None) -> Meant:
    """Raises FreeholdError where nothing is called that, or where its header cannot be read."""
    path = Path(text).expanduser()
    if text.startswith(_BUILTIN) or path.is_file():
        return Meant(_shape(resolve_weights(text, Path.cwd(), key="MODEL")))
    configured = _configured(config, text)
    if configured is not None:
        return configured
    return _on_hub(text, config)


def _shape(weights: Path) -> ModelShape:
    return shape_of_header(read_header(weights, key="MODEL"), weights.name)


def _configured(config: Path | None, name: str) -> Meant | None:
    """The model of that name in the config, where there is a config and it has one."""
    if config is None and not Path("freehold.toml").is_file():
        return None
    settings = settings_for_looking(find_config(config))
    model = settings.models.get(name)
    if model is None:
        return None
    if model.weights is None:
        raise click.BadParameter(_elsewhere(name, model), param_hint="MODEL")
    weights = resolve_weights(model.weights, settings.base, key=f"models.{name}.weights")
    return Meant(_shape(weights), model.context_tokens, model.slots)


def _elsewhere(name: str, model: ModelSettings) -> str:
    where = (
        "is a sandbox, which has no weights"
        if model.url is None
        else f"runs at {model.url}, not in our engine"
    )
    return f"{name} {where}: name its weights, as a file or as org/name on a hub"


def _on_hub(text: str, config: Path | None) -> Meant:
    from freehold.engine.hub import is_model_name  # noqa: PLC0415 - a model that is here needs no hub

    if not is_model_name(text.removeprefix("https://huggingface.co/")):
        hint = "name a GGUF file, builtin:triage, a model of the config, or org/name on a hub"
        raise FreeholdError(f"there is no file and no model called {text}", hint=hint)
    return asyncio.run(_look(text, Client(tell=told_once(ledger_of(config)))))


async def _look(text: str, client: Client) -> Meant:
    from freehold.engine import hub as hubs  # noqa: PLC0415 - as above

    name = hubs.parse_name(text)
    patience = hubs.Patience(tries=3)
    endpoint = os.environ.get("HF_ENDPOINT") or hubs.DEFAULT_HUB

    def tell(event: hubs.Event) -> None:
        if isinstance(event, hubs.Waiting):
            click.echo(event.why, err=True)

    async with hubs.Hub(endpoint, os.environ.get("HF_TOKEN"), client) as hub:
        repo = await hubs.look(hub, name.repo, patience=patience, tell=tell)
        choice = hubs.choose(repo, name.wanted)
        shape = await hubs.remote_shape(hub, repo, choice, patience=patience, tell=tell)
    offered = tuple((variant.title, variant.bytes) for variant in hubs.variants(repo))
    return Meant(shape, offered=offered)
