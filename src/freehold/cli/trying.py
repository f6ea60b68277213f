"""What would become of a text on a route: found, labelled, and what each model of it would receive.

By the same parts as a request, up to where one would be chosen; nothing is sent, kept or logged. Does not
know the page that shows it.
"""

from __future__ import annotations

import asyncio
import json
import secrets

from freehold.console import Received, Tried, TriedSpan
from freehold.gateway import House, Inspector, Redacted, Route, Seen
from freehold.privacy import Owner
from freehold.routing import Candidate
from freehold.wire import Ask, Endpoint, read_ask


async def try_text(house: House, inspector: Inspector, name: str, text: str) -> Tried:
    """Of a route or a model of the house. Raises `Refused` (404) where there is none of that name."""
    route = house.find(name, None)
    body = {"model": name, "messages": [{"role": "user", "content": text}]}
    ask = read_ask(Endpoint.CHAT, json.dumps(body).encode())
    seen = await house.look(route, ask, route.label)
    spans = await asyncio.to_thread(inspector.spans, text)
    redacted = None
    if route.private == "redact" and seen.found and house.inspector is not None:
        # Pseudonyms of a key that nobody else has: they are those of no conversation.
        owner = Owner(secrets.token_bytes(32), "", text)
        redacted = await house.inspector.redact(ask, route.label, owner)
    return Tried(
        label=seen.label.word if seen.known else None,
        floor=route.label.word,
        private=route.private,
        spans=tuple(TriedSpan(s.start, s.end, s.type, s.score) for s in spans or ()),
        failed=spans is None or (seen.known and seen.found is None and route.scans),
        homes=tuple(_received(house, route, one, ask, seen, redacted) for one in route.candidates),
    )


def _received(
    house: House, route: Route, candidate: Candidate, ask: Ask, seen: Seen, redacted: Redacted | None
) -> Received:
    why = _why_never(house, route, candidate)
    text: str | None = None
    is_redacted = False
    if why is None:
        if seen.label <= candidate.clearance:
            text = _text(ask)
        elif redacted is not None and redacted.label <= candidate.clearance:
            text, is_redacted = _text(redacted.ask), True
        else:
            why = _why_not(route, candidate, seen, redacted)
    return Received(
        model=candidate.model,
        tenure=candidate.tenure,
        clearance=candidate.clearance.word,
        simulated=candidate.simulated,
        text=text,
        redacted=is_redacted,
        why_not=why,
    )


def _why_never(house: House, route: Route, candidate: Candidate) -> str | None:
    """What keeps the model from any request of the route."""
    if house.own_only and candidate.tenure == "rented":
        return "[server] own_only is set: nothing is rented"
    if route.regions is not None and candidate.region not in route.regions:
        stands = (
            "its region is not stated" if candidate.region is None else f"it stands in {candidate.region}"
        )
        return f"{stands}, and the route may go to {', '.join(sorted(route.regions))} only"
    return None


def _why_not(route: Route, candidate: Candidate, seen: Seen, redacted: Redacted | None) -> str:
    above = f"{seen.label.word} is above its clearance, {candidate.clearance.word}"
    if redacted is not None:
        return f"{above}, and what is left after redaction is still {redacted.label.word}"
    return f"{above}; the route says private = {route.private}"


def _text(ask: Ask) -> str:
    messages = ask.value("messages")
    return str(messages[0]["content"]) if isinstance(messages, list) else ""
