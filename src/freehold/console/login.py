"""The way in and out: a form that takes an admin key, a session in a cookie. Knows no other page."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from freehold.console.desk import Desk
from freehold.console.guesses import Guesses
from freehold.console.session import LASTS_SECONDS, new_nonce
from freehold.console.view import LOGIN, serves
from freehold.console.visitor import Reception, Visitor, cookie_name, visitor_of
from freehold.errors import Refused

log = logging.getLogger("freehold")

_VISIT = "freehold-visit"  # names a login form until it comes back
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
        sent = await _sent(request)
        there = _next(sent.get("next", "/"))
        if not self._is_ours(request, sent, request.cookies.get(_VISIT)):
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
        _keep(
            response,
            cookie_name(secure=visitor.secure),
            self.desk.sessions.begin(key),
            visitor,
            LASTS_SECONDS,
        )
        _keep(response, _VISIT, "", visitor, 0)
        return response

    async def leave(self, request: Request) -> Response:
        """The session is over."""
        visitor = visitor_of(request)
        session = visitor.session
        if session is None:
            return RedirectResponse("/", 303)
        if not self._is_ours(request, await _sent(request), session.nonce):
            raise Refused(403, "This form was not shown in your session. Go back, and try again.")
        self.desk.sessions.end(session)
        response = RedirectResponse(LOGIN, 303, {"cache-control": "no-store"})
        _keep(response, cookie_name(secure=visitor.secure), "", visitor, 0)
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
        visit = request.cookies.get(_VISIT) or new_nonce()
        token = self.desk.sessions.token(visit)
        shown = self.desk.show(request, "login.html", status, said=said, there=there, form_token=token)
        _keep(shown, _VISIT, visit, visitor, None)
        if wait is not None:
            shown.headers["retry-after"] = str(wait)
        return shown

    def _is_ours(self, request: Request, sent: dict[str, str], nonce: str | None) -> bool:
        """Whether we showed the form to this browser: a page elsewhere can know neither token nor cookie.

        The browser's own word (Fetch Metadata) is heard first; with our referrer policy its `Origin` is null.
        """
        if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return False
        return nonce is not None and self.desk.sessions.is_token(nonce, sent.get("token", ""))


def _keep(response: Response, name: str, value: str, visitor: Visitor, seconds: int | None) -> None:
    """A cookie for no script and no other site. 0 seconds take it away, `None` ends with the browser."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=visitor.secure, httponly=True, samesite="strict"
    )


async def _sent(request: Request) -> dict[str, str]:
    """The fields of a form, each once. Raises `Refused` for one that is too long."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_FORM_BYTES:
            raise Refused(413, "The form is too long.")
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=8)
    return {name: values[0] for name, values in fields.items()}


def _next(there: str) -> str:
    """A page of ours to go on to: never another host, however it is spelled."""
    parts = urlsplit(there)
    if parts.scheme or parts.netloc or not there.startswith("/") or "\\" in there or not there.isprintable():
        return "/"
    return there if serves(parts.path) and parts.path not in (LOGIN, "/logout") else "/"
