"""Anything on OpenAI's wire: vLLM, Ollama, llama-server, hosts of open models.

Such a server may do less than OpenAI's; `can` in the config narrows what it is asked for.
"""

from __future__ import annotations

from freehold.providers import _speech


class Provider(_speech.Provider):
    can = _speech.CHAT_AND_MORE | {"tools", "json_object", "json_schema", "logprobs", "images"}
