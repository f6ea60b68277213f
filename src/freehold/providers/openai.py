"""OpenAI's own API."""

from __future__ import annotations

from freehold.providers import _speech

_MODERATES = frozenset({"moderations"})


class Provider(_speech.Provider):
    # `max_tokens` is deprecated, and reasoning models refuse it (OpenAI's API reference).
    output_bound = "max_completion_tokens"
    can = (
        _speech.CHAT_AND_MORE
        | {"tools", "json_object", "json_schema", "logprobs", "images", "audio"}
        | _MODERATES
    )

    def can_of(self, model: str) -> frozenset[str]:
        """Moderation models moderate and nothing else; of them those called omni take images.

        Their names are in OpenAI's moderation guide: omni-moderation-…, text-moderation-….
        """
        if "moderation" not in model:
            return self.can - _MODERATES
        return _MODERATES | {"images"} if model.startswith("omni-") else _MODERATES
