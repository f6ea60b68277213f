"""The story of one request: who was asked, why, when, and what it cost."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from freehold.console import timeline
from freehold.console.desk import Desk
from freehold.errors import Refused
from freehold.ledger import Record


async def page(desk: Desk, request: Request) -> Response:
    record = await _record(desk, request)
    if record is None:
        raise Refused(404, f"There is no request {request.path_params['request_id']} in the ledger.")
    return desk.show(
        request,
        "request.html",
        record=record,
        cost_explained=await asyncio.to_thread(desk.view.cost_explained, record),
        spans=await desk.reading.look(lambda reader: desk.view.masked_spans(record, reader)),
        timeline=timeline.timeline(record) if record.attempts else None,
        drawing=timeline,
    )


async def receipt(desk: Desk, request: Request) -> Response:
    """The figures of one answer for the playground: a piece of HTML, or nothing (204) while there is none."""
    record = await _record(desk, request)
    if record is None:
        return Response(status_code=204)
    explained = await asyncio.to_thread(desk.view.cost_explained, record)
    return desk.show(request, "receipt.html", record=record, cost_explained=explained)


async def _record(desk: Desk, request: Request) -> Record | None:
    request_id: str = request.path_params["request_id"]
    return await desk.reading.look(lambda reader: reader.request(request_id))
