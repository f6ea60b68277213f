"""Everything that the doctor looks at, at the same time where that is possible."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from freehold.cli.doctor.clock import check_clock
from freehold.cli.doctor.config_file import Reading, read_config
from freehold.cli.doctor.facts import Facts
from freehold.cli.doctor.first_token import Heard
from freehold.cli.doctor.gateway import check_gateway
from freehold.cli.doctor.gather import gather
from freehold.cli.doctor.ledger import check_ledger
from freehold.cli.doctor.listing import Listing
from freehold.cli.doctor.machine import check_files, check_llama_cpp
from freehold.cli.doctor.patience import Patience
from freehold.cli.doctor.price import check_price
from freehold.cli.doctor.report import Check, presentable
from freehold.cli.doctor.telling import tell
from freehold.cli.doctor.visit import Visit
from freehold.cli.doctor.weights import check_weights
from freehold.cli.errands import told_once
from freehold.cli.gateway_at_hand import client_for
from freehold.cli.places import capabilities
from freehold.cli.prices import price_file
from freehold.config import ModelSettings, Settings
from freehold.costs import PriceFile
from freehold.errors import ConfigError
from freehold.providers import load_provider


@dataclass(frozen=True, slots=True)
class Wishes:
    """How the doctor is to look: `key` is one of ours, for the gateway; `asks` allows what costs tokens."""

    key: str | None = field(repr=False)
    asks: bool
    patience: Patience


def examine(path: Path, wishes: Wishes) -> tuple[Check, ...]:
    """Look at everything that the config at `path` names; the checks, group by group."""
    reading = read_config(path)
    if reading.settings is None:
        return presentable(reading.checks, _secrets(None, wishes))
    found = asyncio.run(_examine(reading, reading.settings, wishes))
    return presentable(found, _secrets(reading.settings, wishes))


def _secrets(settings: Settings | None, wishes: Wishes) -> Iterable[str]:
    models = () if settings is None else settings.models.values()
    found = [wishes.key, *(model.secret() for model in models)]
    return [secret for secret in found if secret is not None]


async def _examine(reading: Reading, settings: Settings, wishes: Wishes) -> list[Check]:
    client = client_for(settings, told_once(settings.ledger.path, whatever_happens=True))
    try:
        gateway, gateway_checks = await check_gateway(client, settings, wishes.patience)
        visit = Visit(
            client=client,
            settings=settings,
            prices=_prices(settings),
            unkeyed=reading.unkeyed,
            gateway=gateway,
            key=wishes.key,
            asks=wishes.asks,
            patience=wishes.patience,
        )
        ledger, loads, models = await asyncio.gather(
            asyncio.to_thread(_ledger, settings, wishes.patience),
            _llama_cpp(settings, wishes.patience),
            asyncio.gather(*(_model(name, visit) for name in settings.models)),
        )
    finally:
        await client.close()
    clock = check_clock(skew for _, skews in models for skew in skews)
    machine = [clock, *check_files(settings), *loads]
    return [*reading.checks, *machine, *ledger, *gateway_checks, *(c for checks, _ in models for c in checks)]


def _prices(settings: Settings) -> PriceFile:
    try:
        return price_file(settings)
    except ConfigError:
        return PriceFile()  # its mistakes are told with the config's


def _ledger(settings: Settings, patience: Patience) -> list[Check]:
    return list(check_ledger(settings.ledger.path, patience.ledger))


async def _llama_cpp(settings: Settings, patience: Patience) -> list[Check]:
    is_needed = any(model.embedded for model in settings.models.values())
    return [await check_llama_cpp(patience.program)] if is_needed else []


async def _model(name: str, visit: Visit) -> tuple[list[Check], list[float]]:
    model = visit.settings.models[name]
    facts = await gather(name, visit)
    checks = [check_price(name, model, visit.prices)]
    if model.embedded:
        checks += check_weights(name, visit.settings, is_loaded=visit.gateway is not None)
    can = capabilities(model, load_provider(model.provider))
    return [*checks, *tell(name, model, facts, can, _promise(name, visit.settings))], _skews(model, facts)


def _promise(name: str, settings: Settings) -> float | None:
    """The shortest time to a first token that a route with this model promises."""
    promises = [route.ttft_seconds for route in settings.routes.values() if name in route.candidates]
    return min((seconds for seconds in promises if seconds is not None), default=None)


def _skews(model: ModelSettings, facts: Facts) -> list[float]:
    """What an upstream's own answer says of the time: none that came from this very machine."""
    if isinstance(facts.listing, Listing):
        found = facts.listing.skew_seconds
    elif isinstance(facts.answer, Heard) and model.url is not None and not facts.through_gateway:
        found = facts.answer.skew_seconds
    else:
        found = None
    return [] if found is None else [found]
