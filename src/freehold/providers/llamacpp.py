"""llama.cpp's server: the embedded engine, or one that runs elsewhere. Adds grammars to OpenAI's wire."""

from __future__ import annotations

import msgspec

from freehold.egress import Request, Timeouts
from freehold.providers import _speech
from freehold.providers._speech import Target
from freehold.wire import Ask

# Fields by which the client itself says what form the answer has; they exclude a route's grammar.
_CLIENTS_OWN_FORM = ("grammar", "json_schema", "tools")


class Provider(_speech.Provider):
    can = _speech.CHAT_AND_MORE | {"tools", "json_object", "json_schema", "logprobs", "grammar"}

    def request(self, ask: Ask, target: Target, timeouts: Timeouts, *, grammar: str | None = None) -> Request:
        changes = self._changes(ask, target)
        if grammar is not None and not _client_has_form(ask):
            changes["grammar"] = msgspec.json.encode(grammar)
            # `json_object` would be a second grammar, which llama.cpp refuses; ours is the stricter.
            changes["response_format"] = None
            if not ask.has("temperature"):
                changes["temperature"] = b"0"  # what a grammar binds is to be read off the text, not invented
        return self._post(ask, target, timeouts, changes)


def _client_has_form(ask: Ask) -> bool:
    return any(ask.has(name) for name in _CLIENTS_OWN_FORM) or "json_schema" in ask.needs
