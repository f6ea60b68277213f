"""One file a policy: `rank(facts, candidates) -> Ranking`. The file's name is the name in the config."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from freehold.routing.decide import Policy


def names() -> tuple[str, ...]:
    """The policies that there are."""
    return tuple(sorted(module.name for module in iter_modules(__path__)))


def load(name: str) -> Policy:
    """The policy of that name. Raises `KeyError` where there is no such file."""
    if name not in names():
        raise KeyError(name)
    rank: Policy = import_module(f"{__name__}.{name}").rank
    return rank
