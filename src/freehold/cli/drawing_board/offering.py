"""What the form of `Rent or own` can offer: names from the tables and from the config. Computes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from freehold.cli.extras import install_hint
from freehold.cli.reading import settings_for_looking
from freehold.config import Settings
from freehold.console import Offered
from freehold.costs.capacity import shipped_facts
from freehold.costs.decide import profiles, use_cases

NEEDED = ("numpy", "duckdb")
USUAL_RENT = ("openai/gpt-4o-mini", "openai/gpt-4o", "anthropic/claude-3-5-haiku-latest")
PRECISIONS = ("fp8", "bf16", "fp16", "int8", "int4")


def offered(config: Path) -> Offered:
    """The config's rented models first. Raises `ConfigErrors` where the config cannot be read any more."""
    facts = shipped_facts()
    missing = next((name for name in NEEDED if find_spec(name) is None), None)
    rented = (*rented_names(settings_for_looking(config)), *USUAL_RENT)
    return Offered(
        rent=tuple(dict.fromkeys(rented)),
        own=tuple(facts.models),
        gpus=tuple(dict.fromkeys(row.gpu for row in facts.gpu_prices)),
        precisions=PRECISIONS,
        profiles=tuple(name for name in profiles() if name != "base"),
        use_cases=tuple(use_cases()),
        missing=None if missing is None else f"This page needs {missing}: {install_hint('decide')}.",
    )


def rented_names(settings: Settings) -> Iterator[str]:
    """`provider/model` of the config's rented models, as the list of prices calls them."""
    for model in settings.models.values():
        if model.tenure == "rented":
            if model.price_as is not None:
                yield model.price_as
            elif model.model is not None and model.provider not in {"compatible", "sandbox"}:
                yield f"{model.provider}/{model.model}"
