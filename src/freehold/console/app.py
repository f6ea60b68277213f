"""The pages as one application: which path shows what, and how a failure looks. Knows no figures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from freehold.console import one_request, overview, playground, privacy, rent_or_own, requests, trying
from freehold.console.assets import Assets
from freehold.console.desk import Desk
from freehold.console.door import Door
from freehold.console.guesses import Guesses
from freehold.console.login import Login
from freehold.console.view import LOGIN, LOGOUT, Asgi, ConsoleView
from freehold.console.visitor import Reception
from freehold.errors import FreeholdError

Page = Callable[[Desk, Request], Awaitable[Response]]

PAGES: Mapping[str, Page] = {
    "/": overview.page,
    "/requests": requests.page,
    "/requests.csv": requests.download,
    "/requests/{request_id}": one_request.page,
    "/requests/{request_id}/receipt": one_request.receipt,
    "/playground": playground.page,
    rent_or_own.PATH: rent_or_own.page,
    f"{rent_or_own.PATH}/answer": rent_or_own.answer,
    "/privacy": privacy.page,
    "/privacy/flow.csv": privacy.flows_csv,
    "/privacy/sent.csv": privacy.sent_csv,
    "/privacy/found.csv": privacy.found_csv,
    "/privacy/try": trying.form,
}
# Forms of ours that come back; each asks for the token that it was shown with.
TAKES: Mapping[str, Page] = {"/privacy/try": trying.answer}


def build(view: ConsoleView) -> Asgi:
    """See `freehold.console.console`."""
    desk = Desk.furnish(view)
    routes = [Route(path, partial(page, desk), methods=["GET"]) for path, page in PAGES.items()]
    routes += [Route(path, partial(page, desk), methods=["POST"]) for path, page in TAKES.items()]
    guesses = Guesses()
    reception = Reception(view, desk.sessions, guesses)
    login = Login(desk, guesses, reception)
    routes += [
        Route(LOGIN, login.form, methods=["GET"]),
        Route(LOGIN, login.enter, methods=["POST"]),
        Route(LOGOUT, login.leave, methods=["POST"]),
    ]
    routes.append(Route("/assets/{name}", Assets().answer, methods=["GET"]))
    handlers: Any = {
        HTTPException: partial(_no_page, desk),
        FreeholdError: partial(_told, desk),
    }
    return Door(Starlette(routes=routes, exception_handlers=handlers), reception)


async def _no_page(desk: Desk, request: Request, error: HTTPException) -> Response:
    said = f"There is no page at {request.url.path}." if error.status_code == 404 else f"{error.detail}."
    return desk.problem(request, error.status_code, said, None)


async def _told(desk: Desk, request: Request, error: FreeholdError) -> Response:
    """A failure of ours, in its own words; one that names no status is the ledger's, and may pass."""
    return desk.problem(request, getattr(error, "status", 503), error.message, error.hint)
