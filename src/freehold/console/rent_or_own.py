"""The page `Rent or own`: a form whose state is the URL, and the answer to it. Computes nothing.

The page comes at once; its answer is fetched into it, or, where no script runs, waited for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from freehold.console.decided import Decider
from freehold.console.desk import Desk
from freehold.errors import Refused

PATH = "/rent-or-own"
FIELDS = (
    "route",
    "requests",
    "input",
    "output",
    "cached",
    "peak",
    "rent",
    "own",
    "precision",
    "gpu",
    "gpu_usd",
    "people",
    "profile",
    "use_case",
    "ttft",
    "tpot",
)
_MORE = {"input", "output", "cached", "ttft", "tpot", "use_case", "profile"}  # folded unless said
_LONGEST = 200  # characters of a field


@dataclass(frozen=True, slots=True)
class Slider:
    """A figure that a slider moves. Its place is `low` to `high`, in powers of ten where `log`."""

    name: str
    label: str
    unit: str
    low: float
    high: float
    step: float
    log: bool = False
    placeholder: str = ""


SLIDERS = (
    Slider("requests", "Requests", "a month", 3, 10, 0.02, log=True),
    Slider("peak", "Peak ÷ mean load", "times", 0, 1.5, 0.01, log=True),
    Slider("gpu_usd", "One GPU", "USD an hour", 0.1, 12, 0.05, placeholder="the market"),
    Slider("people", "People for owning", "USD a month", 0, 40_000, 250, placeholder="as assumed"),
)


async def page(desk: Desk, request: Request) -> Response:
    """The form; with `wait` in the query the answer too, else a place for it."""
    decider = _decider(desk)
    offered = await asyncio.to_thread(decider.offered)
    fields = _fields(request)
    wait = "wait" in request.query_params
    told = await decider.tell(fields) if wait and offered.missing is None else None
    return desk.show(
        request,
        "rent_or_own.html",
        offered=offered,
        sliders=SLIDERS,
        routes=tuple(desk.view.settings().routes),
        fields=fields if told is None else {**told.fields, **fields},
        more=bool(_MORE & fields.keys()),
        told=told,
        waiting=f"{PATH}?{urlencode({**fields, 'wait': 'yes'})}",
    )


async def answer(desk: Desk, request: Request) -> Response:
    """The answer alone, to be put into the page. One whose reader has left is not begun."""
    decider = _decider(desk)
    asking = asyncio.ensure_future(decider.tell(_fields(request)))
    leaving = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait((asking, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not asking.done():
            return Response(status_code=499)  # to nobody
        told = asking.result()
    finally:
        asking.cancel()
        leaving.cancel()
    return desk.show(request, "decision.html", told=told)


async def _left(request: Request) -> None:
    """Until the client is gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _decider(desk: Desk) -> Decider:
    if desk.view.decider is None:
        raise Refused(404, "This gateway was started without the page that decides.")
    return desk.view.decider


def _fields(request: Request) -> Mapping[str, str]:
    """Raises `Refused` (400) for what no field can hold."""
    found = {name: request.query_params.get(name, "").strip() for name in FIELDS}
    for name, said in found.items():
        if len(said) > _LONGEST:
            raise Refused(400, f"{name} is longer than {_LONGEST} characters.")
    return {name: said for name, said in found.items() if said}
