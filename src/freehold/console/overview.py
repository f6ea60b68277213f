"""The first page: what is running, what it cost, and what was asked last."""

from __future__ import annotations

import time
from dataclasses import dataclass
from decimal import Decimal

from starlette.requests import Request
from starlette.responses import Response

from freehold.config import RouteSettings
from freehold.console.desk import Desk
from freehold.console.headline import headline
from freehold.console.share import share
from freehold.console.span import OFFERED, Span, read_span
from freehold.console.view import ModelNow
from freehold.ledger import LedgerReader, Record, Stats

_LAST = 12
_DEFAULT_SPAN = "24h"


@dataclass(frozen=True, slots=True)
class RouteNow:
    """A route with its models in the order in which they are asked by default."""

    name: str
    settings: RouteSettings
    models: tuple[ModelNow, ...]


async def page(desk: Desk, request: Request) -> Response:
    now = time.time()
    span = read_span(request.query_params.get("since"), now, default=_DEFAULT_SPAN)
    stats, last = await desk.reading.look(lambda reader: _look(reader, span))
    models = desk.view.models()
    routes = _routes(desk, models)
    return desk.show(
        request,
        "overview.html",
        said=headline(models, [(r.name, r.settings) for r in routes]),
        span=span,
        spans=OFFERED,
        stats=stats,
        share=share(stats),
        last=last,
        models=models,
        routes=routes,
        price=price_words,
    )


def _look(reader: LedgerReader, span: Span) -> tuple[Stats, list[Record]]:
    return reader.stats(span.start), reader.requests(_LAST)


def _routes(desk: Desk, models: tuple[ModelNow, ...]) -> list[RouteNow]:
    by_name = {model.name: model for model in models}
    return [
        RouteNow(name, route, tuple(by_name[m] for m in route.candidates if m in by_name))
        for name, route in desk.view.settings().routes.items()
    ]


def price_words(model: ModelNow) -> str | None:
    """What the model costs, with its unit; `None` where nobody knows."""
    if model.settings.tenure == "owned":
        hourly = model.settings.hourly_cost_usd
        return None if hourly is None else f"{hourly:f} USD an hour"
    if model.price is None:
        return None
    rates = model.price.batch if model.settings.batch else model.price.standard
    if rates is None:
        return None
    given, made = _figure(rates.input_usd_per_million), _figure(rates.output_usd_per_million)
    return f"{given} in · {made} out"


def _figure(usd: Decimal | None) -> str:
    """With cents at least: `0.60`."""
    if usd is None:
        return "–"
    figure = f"{usd.normalize():f}"
    return f"{usd:.2f}" if len(figure.partition(".")[2]) < 2 else figure
