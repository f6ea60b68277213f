"""The table of requests, by filters that stand in the URL, and the same rows as CSV."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from freehold.config import LABELS
from freehold.console.choice import OUTCOMES, Choice
from freehold.console.csv_rows import head, rows
from freehold.console.desk import Desk
from freehold.console.page_sums import page_sums
from freehold.console.span import OFFERED
from freehold.ledger import NONE

_ROWS = 50


async def page(desk: Desk, request: Request) -> Response:
    choice = Choice.read(request.query_params, time.time())
    found = await desk.reading.find(choice, _ROWS)
    settings = desk.view.settings()
    return desk.show(
        request,
        "requests.html",
        choice=choice,
        found=found,
        sums=page_sums(found.records),
        routes=_with(choice.route, [*settings.routes, NONE]),
        models=_with(choice.model, [*settings.models, NONE]),
        outcomes=OUTCOMES,
        labels=LABELS,
        spans=_with(choice.span.word, list(OFFERED)),
    )


def _with(word: str | None, offered: list[str]) -> list[str]:
    """What a list offers, and what the URL says where that is something else: a model that is gone."""
    return offered if word is None or word in offered else [*offered, word]


async def download(desk: Desk, request: Request) -> Response:
    choice = Choice.read(request.query_params, time.time())

    async def pieces() -> AsyncIterator[str]:
        yield head()
        async for records in desk.reading.everything(choice):
            yield rows(records)

    headers = {"content-disposition": 'attachment; filename="requests.csv"', "cache-control": "no-store"}
    return StreamingResponse(pieces(), media_type="text/csv; charset=utf-8", headers=headers)
