"""OpenAI's own API."""

from __future__ import annotations

from freehold.providers import _speech


class Provider(_speech.Provider):
    # `max_tokens` is deprecated, and reasoning models refuse it (OpenAI's API reference).
    output_bound = "max_completion_tokens"
    can = _speech.CHAT_AND_MORE | {"tools", "json_object", "json_schema", "logprobs", "images", "audio"}
