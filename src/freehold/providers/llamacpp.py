"""llama.cpp's server: the embedded engine, or one that runs elsewhere. Adds grammars to OpenAI's wire."""

from __future__ import annotations

import msgspec

from freehold.egress import Request, Timeouts
from freehold.providers import _speech
from freehold.providers._speech import Target
from freehold.wire import Ask, Endpoint

# Fields by which the client itself says what form the answer has; they exclude a route's grammar.
_CLIENTS_OWN_FORM = ("grammar", "json_schema", "tools")


class Provider(_speech.Provider):
    can = _speech.CHAT_AND_MORE | {"tools", "json_object", "json_schema", "logprobs", "grammar"}

    def folds(self, ask: Ask, can: frozenset[str]) -> bool:
        """llama.cpp looks once a second whether who asked for a whole answer is still there.

        Whoever hangs up on a stream is seen with the next token. Of several prompts it makes no stream.
        """
        if ask.stream or "stream_usage" not in can:
            return False
        if ask.endpoint is Endpoint.CHAT:
            return True
        one = bytes(ask.fields.get("prompt", b""))[:1] == b'"' and not (ask.has("n") or ask.has("best_of"))
        return ask.endpoint is Endpoint.COMPLETIONS and one

    def request(self, ask: Ask, target: Target, timeouts: Timeouts, *, grammar: str | None = None) -> Request:
        changes = self._changes(ask, target)
        if grammar is not None and not _client_has_form(ask):
            changes["grammar"] = msgspec.json.encode(grammar)
            # `json_object` would be a second grammar, which llama.cpp refuses; ours is the stricter.
            changes["response_format"] = None
            if not ask.has("temperature"):
                changes["temperature"] = b"0"  # what a grammar binds is to be read off the text, not invented
        if self.folds(ask, target.can):
            changes |= {"stream": b"true", "stream_options": b'{"include_usage":true}'}
        return self._post(ask, target, timeouts, changes)


def _client_has_form(ask: Ask) -> bool:
    return any(ask.has(name) for name in _CLIENTS_OWN_FORM) or "json_schema" in ask.needs
