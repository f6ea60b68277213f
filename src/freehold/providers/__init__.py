"""One file a provider: how to ask it, and what its failures mean. The file's name is the name in the config.

Does not know policies.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from freehold.providers._entra import Credentials as EntraCredentials
from freehold.providers._entra import EntraTokens
from freehold.providers._presets import Preset, presets
from freehold.providers._speech import Provider, Target, asks_for_usage, needs_of, retry_after_seconds
from freehold.providers.grammars import load as load_grammar
from freehold.providers.grammars import names as grammar_names

if TYPE_CHECKING:
    from freehold.providers.stand_in import StandIn


def provider_names() -> tuple[str, ...]:
    """The providers that there are: this folder's files that are not its inner parts, and the presets."""
    return tuple(sorted({*_files(), *presets()}))


def _files() -> set[str]:
    return {m.name for m in iter_modules(__path__) if not m.ispkg and not m.name.startswith("_")}


def load_provider(name: str) -> Provider:
    """The provider of that name. Raises `KeyError` where there is neither such a file nor such a preset."""
    preset = None if name in _files() else presets()[name]
    provider: Provider = import_module(f"{__name__}.{name if preset is None else preset.speaks}").Provider()
    if preset is not None:
        provider.can = preset.can
    return provider


def azure_with_token() -> Provider:
    """Azure, asked with a token of Entra in place of a key."""
    from freehold.providers.azure import TokenProvider  # noqa: PLC0415 - imported on first use, as providers are

    return TokenProvider()


def stand_in(model: str, *, ttft_seconds: float, tokens_per_second: float, plays: str | None) -> StandIn:
    """The sandbox's other end for one model, not started yet. Raises `ValueError` for an unknown part."""
    from freehold.providers.stand_in import StandIn, StandInModel  # noqa: PLC0415 - it loads a web server

    return StandIn({model: StandInModel(ttft_seconds, tokens_per_second, plays)})


__all__ = [
    "EntraCredentials",
    "EntraTokens",
    "Preset",
    "Provider",
    "Target",
    "asks_for_usage",
    "azure_with_token",
    "grammar_names",
    "load_grammar",
    "load_provider",
    "needs_of",
    "presets",
    "provider_names",
    "retry_after_seconds",
    "stand_in",
]
