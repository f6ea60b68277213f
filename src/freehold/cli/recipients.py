"""Who receives what leaves, as the config names them. Does not count what they received."""

from __future__ import annotations

from collections.abc import Iterable

from freehold.config import ModelSettings, Settings
from freehold.ledger import Destination
from freehold.providers import load_provider

_UNSTATED = "not stated"
MISSING = "not stated in the config"


def simulated_models(settings: Settings) -> frozenset[str]:
    """Those whose provider stands in for a real one: what they are sent leaves no machine."""
    return frozenset(
        name for name, model in settings.models.items() if load_provider(model.provider).simulated
    )


def names(models: Iterable[str], simulated: frozenset[str]) -> str:
    """The models of a destination; a simulated one says so."""
    return ", ".join(f"{name} (simulated)" if name in simulated else name for name in models)


def stands(there: Destination, settings: Settings) -> str:
    """Where a destination's machines stand. What our own engine runs is on this machine."""
    if there.region is not None:
        return there.region
    models = [settings.models.get(name) for name in there.models]
    here = bool(models) and all(model is not None and model.embedded for model in models)
    return "this machine" if here else MISSING


def contract(model: ModelSettings) -> tuple[str, str, str]:
    """What the provider's contract says: whether it trains on what it is sent, keeps it, is certified."""
    trains = _UNSTATED if model.trains_on_data is None else "yes" if model.trains_on_data else "no"
    days = model.retention_days
    keeps = _UNSTATED if days is None else "not at all" if days == 0 else f"{days:,} days"
    return trains, keeps, ", ".join(model.certifications) or _UNSTATED
