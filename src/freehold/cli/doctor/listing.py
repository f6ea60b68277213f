"""What an upstream says about its models: `GET models`, as OpenAI's API has it, read with forbearance.

Hosts add to OpenAI's shape; what they say of a model's limits is read from the fields named below.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from freehold.cli.doctor.clock import skew_seconds
from freehold.egress import Client, Request, Response, Timeouts
from freehold.privacy import Label, clear
from freehold.providers import Target
from freehold.wire import Endpoint

_CHAT = "/chat/completions"
_LONGEST_BYTES = 16 << 20  # a host of many models sends some megabytes

# vLLM, OpenRouter and Together, Groq, Mistral: each its own name for the longest context.
_CONTEXT_FIELDS = ("max_model_len", "context_length", "context_window", "max_context_length")
# Mistral's `capabilities`, false where a model cannot: https://docs.mistral.ai/api/endpoint/models
_DENIED = {"function_calling": "tools", "vision": "images", "completion_chat": "chat"}
# OpenRouter's `supported_parameters`, without which a model cannot: https://openrouter.ai/docs/api/reference
_PARAMETERS = {"tools": "tools", "structured_outputs": "json_schema", "logprobs": "logprobs"}
# Its `architecture.input_modalities`.
_MODALITIES = {"image": "images", "audio": "audio"}


@dataclass(frozen=True, slots=True)
class Listing:
    """`models` is `None` where that was no list; `skew_seconds` is how far our clock is ahead of theirs."""

    status: int
    models: tuple[Mapping[str, Any], ...] | None
    skew_seconds: float | None

    def find(self, name: str) -> Mapping[str, Any] | None:
        """The entry of the model that is asked for by `name`."""
        return next((entry for entry in self.models or () if name in _names_of(entry)), None)

    @property
    def names(self) -> list[str]:
        return [str(entry["id"]) for entry in self.models or ()]


def list_request(target: Target, timeouts: Timeouts) -> Request | None:
    """The request for the list; `None` where the API's paths are not OpenAI's own, as Azure's are not."""
    template = target.templates[Endpoint.CHAT]
    if not template.path.endswith(_CHAT):
        return None
    headers = tuple(pair for pair in template.headers if pair[0] != b"content-type")
    return Request(
        target.origin, "GET", f"{template.path.removesuffix(_CHAT)}/models", headers, b"", timeouts
    )


async def list_models(client: Client, clearance: Label, request: Request) -> Listing:
    """Ask for the list. Raises `UpstreamError` where nothing answers."""
    permit = clear(Label.PUBLIC, clearance, request.origin.text, policy="doctor", body=request.body)
    response: Response = await client.send(permit, request)
    skew = skew_seconds(response.header(b"date"), time.time())
    body = await response.read(_LONGEST_BYTES)
    models = _entries(body) if response.status == 200 else None
    return Listing(response.status, models, skew)


def _entries(body: bytes) -> tuple[Mapping[str, Any], ...] | None:
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    listed = said.get("data") if isinstance(said, dict) else said
    if not isinstance(listed, list):
        return None
    return tuple(entry for entry in listed if isinstance(entry, dict) and isinstance(entry.get("id"), str))


def _names_of(entry: Mapping[str, Any]) -> Iterable[str]:
    """Ollama takes a name without its tag `latest`, Mistral has aliases."""
    name = entry["id"]
    aliases = entry.get("aliases")
    return (name, name.removesuffix(":latest"), *(aliases if isinstance(aliases, list) else ()))


def context_of(entry: Mapping[str, Any]) -> int | None:
    """The longest context that the upstream says it takes, in tokens."""
    said = (entry.get(field) for field in _CONTEXT_FIELDS)
    return next((tokens for tokens in said if isinstance(tokens, int) and tokens > 0), None)


def cannot(entry: Mapping[str, Any]) -> frozenset[str]:
    """Which of our capabilities the upstream says that the model lacks."""
    capabilities, parameters = entry.get("capabilities"), entry.get("supported_parameters")
    architecture = entry.get("architecture")
    modalities = architecture.get("input_modalities") if isinstance(architecture, dict) else None
    lacks = set()
    if isinstance(capabilities, dict):
        lacks |= {ours for theirs, ours in _DENIED.items() if capabilities.get(theirs) is False}
    if isinstance(parameters, list):
        lacks |= {ours for theirs, ours in _PARAMETERS.items() if theirs not in parameters}
    if isinstance(modalities, list):
        lacks |= {ours for theirs, ours in _MODALITIES.items() if theirs not in modalities}
    return frozenset(lacks)
