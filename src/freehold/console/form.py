"""Forms that this page showed, and what was sent back: a token that a page elsewhere cannot know.

Whoever is logged in has the token of their session; anybody else gets a name for their visit in a cookie.
Knows no page.
"""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response

from freehold.console.session import Sessions, new_nonce
from freehold.console.visitor import Visitor, visitor_of
from freehold.errors import Refused

VISIT = "freehold-visit"  # names a visit until its form comes back
_MOST_FIELDS = 8


def nonce_of(request: Request) -> str | None:
    """What the token of a form has to be of that this browser sends back; `None` where it was shown none."""
    session = visitor_of(request).session
    return request.cookies.get(VISIT) if session is None else session.nonce


def nonce_for(request: Request) -> str:
    """What the token of a form is to be of that this browser is shown; `remember` has it sent back."""
    return nonce_of(request) or new_nonce()


def remember(response: Response, request: Request, nonce: str) -> None:
    """The browser sends the name of its visit back with the form."""
    visitor = visitor_of(request)
    if visitor.session is None:
        keep(response, VISIT, nonce, visitor, None)


def is_ours(sessions: Sessions, request: Request, token: str, nonce: str | None) -> bool:
    """Whether we showed the form to this browser: a page elsewhere can know neither token nor cookie.

    The browser's own word (Fetch Metadata) is heard first; with our referrer policy its `Origin` is null.
    """
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    return nonce is not None and sessions.is_token(nonce, token)


async def fields_of(request: Request, longest_bytes: int) -> dict[str, str]:
    """The fields of a form, each once. Raises `Refused` for one that is too long."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > longest_bytes:
            raise Refused(413, "The form is too long.")
    try:
        fields = parse_qs(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise Refused(400, "The form has too many fields.") from None
    return {name: values[0] for name, values in fields.items()}


def keep(response: Response, name: str, value: str, visitor: Visitor, seconds: int | None) -> None:
    """A cookie for no script and no other site. 0 seconds take it away, `None` ends with the browser."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=visitor.secure, httponly=True, samesite="strict"
    )
