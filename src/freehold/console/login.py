"""The way in and out: a form that takes an admin key, a session in a cookie. Knows no other page."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from freehold.console.desk import Desk
from freehold.console.form import VISIT, fields_of, is_ours, keep
from freehold.console.guesses import Guesses
from freehold.console.session import LASTS_SECONDS, new_nonce
from freehold.console.view import LOGIN, serves
from freehold.console.visitor import Reception, cookie_name, visitor_of
from freehold.errors import Refused

log = logging.getLogger("freehold")

_LONGEST_FORM_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Login:
    """The three requests of logging in and out."""

    desk: Desk
    guesses: Guesses
    reception: Reception

    async def form(self, request: Request) -> Response:
        """The form; whoever is in already is sent on."""
        there = _next(request.query_params.get("next", "/"))
        if visitor_of(request).may_look:
            return RedirectResponse(there, 303)
        return self._form(request, there)

    async def enter(self, request: Request) -> Response:
        """A key that opens begins a session; any other is told, and counted."""
        visitor = visitor_of(request)
        sent = await fields_of(request, _LONGEST_FORM_BYTES)
        there = _next(sent.get("next", "/"))
        if not is_ours(self.desk.sessions, request, sent.get("token", ""), request.cookies.get(VISIT)):
            return self._form(
                request, there, 403, "This form was not shown here, or too long ago. Try again."
            )
        wait = self.guesses.wait_seconds(visitor.address)
        if wait:
            seconds = math.ceil(wait)
            return self._form(request, there, 429, f"Too many wrong keys. Wait {seconds} s.", seconds)
        key = self.reception.admit(sent.get("key", "").strip(), visitor.address)
        if key is None:
            log.warning("a login to the page from %s was refused", visitor.address)
            said = "This is not an admin key that works here."
            return self._form(request, there, 401, said)
        log.info("%s opened the page from %s", key.id, visitor.address)
        response = RedirectResponse(there, 303, {"cache-control": "no-store"})
        keep(
            response,
            cookie_name(secure=visitor.secure),
            self.desk.sessions.begin(key),
            visitor,
            LASTS_SECONDS,
        )
        keep(response, VISIT, "", visitor, 0)
        return response

    async def leave(self, request: Request) -> Response:
        """The session is over."""
        visitor = visitor_of(request)
        session = visitor.session
        if session is None:
            return RedirectResponse("/", 303)
        sent = await fields_of(request, _LONGEST_FORM_BYTES)
        if not is_ours(self.desk.sessions, request, sent.get("token", ""), session.nonce):
            raise Refused(403, "This form was not shown in your session. Go back, and try again.")
        self.desk.sessions.end(session)
        response = RedirectResponse(LOGIN, 303, {"cache-control": "no-store"})
        keep(response, cookie_name(secure=visitor.secure), "", visitor, 0)
        return response

    def _form(
        self,
        request: Request,
        there: str,
        status: int = 200,
        said: str | None = None,
        wait: int | None = None,
    ) -> Response:
        visitor = visitor_of(request)
        visit = request.cookies.get(VISIT) or new_nonce()
        token = self.desk.sessions.token(visit)
        shown = self.desk.show(request, "login.html", status, said=said, there=there, form_token=token)
        keep(shown, VISIT, visit, visitor, None)
        if wait is not None:
            shown.headers["retry-after"] = str(wait)
        return shown


def _next(there: str) -> str:
    """A page of ours to go on to: never another host, however it is spelled."""
    parts = urlsplit(there)
    if parts.scheme or parts.netloc or not there.startswith("/") or "\\" in there or not there.isprintable():
        return "/"
    return there if serves(parts.path) and parts.path not in (LOGIN, "/logout") else "/"
