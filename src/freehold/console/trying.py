"""A text to try: what is found in it, and what each model of a route would receive. Nothing is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from starlette.requests import Request
from starlette.responses import Response

from freehold.console.desk import Desk
from freehold.console.form import fields_of, is_ours, nonce_for, nonce_of, remember
from freehold.console.view import Tried, TriedSpan
from freehold.errors import Refused

_LONGEST_BYTES = 200_000
_EXAMPLE = (
    "Hello, I am Erika Mustermann (erika.mustermann@firma-mueller.de). Please send the refund to"
    " DE89 3704 0044 0532 0130 00; my card was 4111 1111 1111 1111."
)

Piece = tuple[str, TriedSpan | None]


async def form(desk: Desk, request: Request) -> Response:
    """The box. No text is taken from the URL: those stand in histories and logs."""
    wanted = request.query_params.get("route")
    return _shown(desk, request, wanted, _EXAMPLE, None)


async def answer(desk: Desk, request: Request) -> Response:
    """What was found in the text that was sent. Raises `Refused` for a form that we did not show."""
    sent = await fields_of(request, _LONGEST_BYTES)
    if not is_ours(desk.sessions, request, sent.get("token", ""), nonce_of(request)):
        raise Refused(
            403, "This form was not shown here, or too long ago. Open the page anew, and try again."
        )
    text = sent.get("text", "").replace("\r\n", "\n")
    name = sent.get("route", "")
    if name not in _names(desk):
        raise Refused(404, f"There is no route or model called {name[:200]}.")
    return _shown(desk, request, name, text, await desk.view.try_text(name, text))


def _shown(desk: Desk, request: Request, name: str | None, text: str, tried: Tried | None) -> Response:
    names = _names(desk)
    nonce = nonce_for(request)
    response = desk.show(
        request,
        "try.html",
        names=names,
        chosen=name if name in names else names[0] if names else None,
        text=text,
        tried=tried,
        pieces=[] if tried is None else list(pieces(text, tried.spans)),
        form_token=desk.sessions.token(nonce),
    )
    remember(response, request, nonce)
    return response


def _names(desk: Desk) -> list[str]:
    settings = desk.view.settings()
    return [*settings.routes, *settings.models]


def pieces(text: str, spans: Sequence[TriedSpan]) -> Iterator[Piece]:
    """The text cut at its spans, which are in order and apart; together the pieces are the text."""
    at = 0
    for span in spans:
        if span.start > at:
            yield text[at : span.start], None
        yield text[span.start : span.end], span
        at = span.end
    if at < len(text):
        yield text[at:], None
