"""One file a provider: how to ask it, and what its failures mean. The file's name is the name in the config.

Does not know policies.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from freehold.providers._speech import Provider, Target, asks_for_usage, needs_of, retry_after_seconds
from freehold.providers.grammars import load as load_grammar
from freehold.providers.grammars import names as grammar_names

if TYPE_CHECKING:
    from freehold.providers.stand_in import StandIn


def provider_names() -> tuple[str, ...]:
    """The providers that there are: the files of this folder that are not its inner parts."""
    modules = iter_modules(__path__)
    return tuple(sorted(m.name for m in modules if not m.ispkg and not m.name.startswith("_")))


def load_provider(name: str) -> Provider:
    """The provider of that name. Raises `KeyError` where there is no such file."""
    if name not in provider_names():
        raise KeyError(name)
    provider: Provider = import_module(f"{__name__}.{name}").Provider()
    return provider


def stand_in(model: str, *, ttft_seconds: float, tokens_per_second: float, plays: str | None) -> StandIn:
    """The sandbox's other end for one model, not started yet. Raises `ValueError` for an unknown part."""
    from freehold.providers.stand_in import StandIn, StandInModel  # noqa: PLC0415 - it loads a web server

    return StandIn({model: StandInModel(ttft_seconds, tokens_per_second, plays)})


__all__ = [
    "Provider",
    "Target",
    "asks_for_usage",
    "grammar_names",
    "load_grammar",
    "load_provider",
    "needs_of",
    "provider_names",
    "retry_after_seconds",
    "stand_in",
]
