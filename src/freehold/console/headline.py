"""The first line of the overview: one sentence on what is running. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from freehold.config import RouteSettings
from freehold.console.figures import counted
from freehold.console.view import ModelNow

Kind = Literal["", "name", "owned", "rented", "bad"]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a sentence that may mean something: a name, or a tenure's colour."""

    text: str
    kind: Kind = ""


Routes = Sequence[tuple[str, RouteSettings]]


def headline(models: Sequence[ModelNow], routes: Routes) -> list[Part]:
    """What is down comes first; where nothing is, who answers what."""
    down = [model for model in models if model.down is not None]
    return list(_down(down) if down else _up(models, routes))


def _down(down: Sequence[ModelNow]) -> Iterator[Part]:
    first = down[0]
    yield Part(first.name, first.settings.tenure)
    yield Part(f" {(first.down or '').rstrip('.')}", "bad")
    if len(down) > 1:
        yield Part(f", and {counted(len(down) - 1, 'other model')} cannot be asked either")
    yield Part(".")


def _up(models: Sequence[ModelNow], routes: Routes) -> Iterator[Part]:
    if not routes:
        yield Part(f"{counted(len(models), 'model')} can be asked by name; there is no route yet.")
    elif len(routes) == 1:
        yield from _one(*routes[0], {model.name: model for model in models})
    else:
        yield from _many(models, routes)


def _one(name: str, route: RouteSettings, models: dict[str, ModelNow]) -> Iterator[Part]:
    known = [models[model] for model in route.candidates if model in models]
    yield Part(name, "name")
    if route.policy != "home":
        yield Part(f" is answered by the {route.policy} of ")
        yield from _listed(known, " and ")
    else:
        yield Part(" is answered by ")
        yield from _model(known[0])
        # A simulated model never stands in for a real one: it answers when its home is asked for.
        simulated = [model for model in known[1:] if model.simulated and not known[0].simulated]
        standing_in = [model for model in known[1:] if model not in simulated]
        if standing_in:
            yield Part(", and by ")
            yield from _listed(standing_in, ", then ")
            yield Part(" where that cannot")
        if simulated:
            yield Part("; ")
            yield from _listed(simulated, " and ")
            yield Part(" when asked for")
    yield Part(".")


def _many(models: Sequence[ModelNow], routes: Routes) -> Iterator[Part]:
    owned = sum(route.home == "own" for _, route in routes)
    yield Part(f"{counted(len(routes), 'route')} over {counted(len(models), 'model')}, all can be asked: ")
    yield Part(f"{owned} at home in ")
    yield Part("owned", "owned")
    yield Part(f" models, {len(routes) - owned} in ")
    yield Part("rented", "rented")
    yield Part(" ones.")


def _listed(models: Sequence[ModelNow], between: str) -> Iterator[Part]:
    for place, model in enumerate(models):
        if place:
            yield Part(between)
        yield from _model(model)


def _model(model: ModelNow) -> Iterator[Part]:
    yield Part(model.name, model.settings.tenure)
    kind = f"{model.settings.tenure}, simulated" if model.simulated else model.settings.tenure
    yield Part(f" ({kind})")
