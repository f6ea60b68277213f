"""One question to both homes of a route. The page asks the gateway itself, as any application does."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from freehold.console.desk import Desk
from freehold.console.view import ModelNow

_EXAMPLE = "My order #48213 arrived broken. I need a replacement before Friday!"


@dataclass(frozen=True, slots=True)
class Askable:
    """A route or a model, and who may answer at each home. `bills` names those who take real money."""

    name: str
    is_route: bool
    rent: tuple[ModelNow, ...]
    own: tuple[ModelNow, ...]

    @property
    def bills(self) -> tuple[str, ...]:
        return tuple(model.name for model in self.rent if not model.simulated)


async def page(desk: Desk, request: Request) -> Response:
    asked = _askable(desk)
    wanted = request.query_params.get("route")
    chosen = next((one for one in asked if one.name == wanted), asked[0] if asked else None)
    return desk.show(
        request,
        "playground.html",
        asked=asked,
        chosen=chosen,
        missing=wanted if wanted and (chosen is None or chosen.name != wanted) else None,
        question=request.query_params.get("q", _EXAMPLE),
        needs_key=desk.view.settings().server.require_keys,
    )


def _askable(desk: Desk) -> list[Askable]:
    """Every route, then every model by its own name."""
    models = {model.name: model for model in desk.view.models()}

    def side(names: tuple[str, ...]) -> tuple[ModelNow, ...]:
        return tuple(models[name] for name in names if name in models)

    routes = desk.view.settings().routes.items()
    asked = [
        Askable(name, is_route=True, rent=side(route.rent), own=side(route.own)) for name, route in routes
    ]
    for model in models.values():
        rent, own = ((model,), ()) if model.settings.tenure == "rented" else ((), (model,))
        asked.append(Askable(model.name, is_route=False, rent=rent, own=own))
    return asked
