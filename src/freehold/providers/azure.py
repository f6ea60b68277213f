"""Azure OpenAI: deployments, api-version, and a key or an Entra token.

Paths and headers as in Microsoft's "Azure OpenAI REST API reference":
POST {endpoint}/openai/deployments/{deployment}/chat/completions?api-version=…, with the header `api-key` or
with a bearer token.
"""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from freehold.errors import UpstreamError
from freehold.providers import _speech
from freehold.wire import Endpoint

DEFAULT_API_VERSION = "2024-10-21"
"""The newest version that Microsoft calls generally available for the paths with deployments."""


class Provider(_speech.Provider):
    output_bound = "max_completion_tokens"
    can = _speech.CHAT_AND_MORE | {"tools", "json_object", "json_schema", "logprobs", "images", "audio"}

    def _path(self, prefix: str, model: str, endpoint: Endpoint, api_version: str | None) -> str:
        version = quote(DEFAULT_API_VERSION if api_version is None else api_version, safe="")
        return f"{prefix}/openai/deployments/{quote(model, safe='')}/{endpoint.value}?api-version={version}"

    def _credentials(self, secret: str | None) -> tuple[tuple[bytes, bytes], ...]:
        return () if secret is None else ((b"api-key", secret.encode()),)

    def failure(self, status: int, retry_after: float | None, body: bytes) -> UpstreamError:
        """As OpenAI's, with the `type` that Azure leaves null, which clients expect to be text."""
        error = super().failure(status, retry_after, body)
        if error.body is not None:
            error.body = _with_type(error.body)
        return error


class TokenProvider(Provider):
    """The same, asked with a token of Entra ID (formerly Azure AD) in place of a key."""

    def _credentials(self, secret: str | None) -> tuple[tuple[bytes, bytes], ...]:
        return () if secret is None else ((b"authorization", b"Bearer " + secret.encode()),)


def _with_type(body: bytes) -> bytes:
    decoded = msgspec.json.decode(body)
    error = decoded["error"]
    error.setdefault("param", None)
    error.setdefault("code", None)
    error["type"] = error.get("type") or "invalid_request_error"
    return msgspec.json.encode(decoded)
