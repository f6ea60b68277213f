"""Whether a request is to be redacted, and for whom its pseudonyms hold. Does not scan and does not ask."""

from __future__ import annotations

from typing import Any

from freehold.gateway.draft import Draft
from freehold.gateway.house import House, Route
from freehold.gateway.inspector import Redacted, Seen
from freehold.privacy import Label, Owner
from freehold.wire import Ask

_PURPOSE = "pseudonyms of what is redacted"


async def redact(
    house: House, route: Route, ask: Ask, seen: Seen, floor: Label, draft: Draft
) -> Redacted | None:
    """The request as a model without clearance may receive it; `None` where none needs it so.

    What was not found by a detector has no text to replace: floor, header and inherited labels stay.
    """
    if house.inspector is None or not seen.found:
        return None
    if all(seen.label <= candidate.clearance for candidate in route.candidates):
        return None
    key = house.ledger.pseudonym(_PURPOSE).encode()
    return await house.inspector.redact(ask, floor, Owner(key, draft.key or "", _conversation(ask)))


def _conversation(ask: Ask) -> str:
    """What a conversation begins with: the same at all its turns, so that its pseudonyms stay the same."""
    messages = ask.value("messages")
    if not isinstance(messages, list):
        return ""
    said = (message for message in messages if isinstance(message, dict) and message.get("role") == "user")
    return _text(next(said, {}).get("content"))


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "\n".join(_text(part.get("text") if isinstance(part, dict) else part) for part in content)
    return content if isinstance(content, str) else ""
