"""OpenAI's wire as every provider here speaks it: how to ask, and what a failure means.

A provider file says what differs. Does not know policies, prices or connections.
"""

from __future__ import annotations

import email.utils
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from freehold.egress import Origin, Request, Template, Timeouts
from freehold.errors import UpstreamError
from freehold.wire import Ask, Endpoint, error_body

CHAT_AND_MORE = frozenset({"chat", "completions", "embeddings", "stream_usage"})

_ENDPOINT_NEEDS = {
    Endpoint.CHAT: frozenset({"chat"}),
    Endpoint.COMPLETIONS: frozenset({"completions"}),
    Endpoint.EMBEDDINGS: frozenset({"embeddings"}),
    Endpoint.MODERATIONS: frozenset({"moderations"}),
}
_LONGEST_WAIT_SECONDS = 7 * 86_400.0  # a `Retry-After` beyond is a mistake, not a date
# The client's own mistake: another model would say the same. (401, 403 and 404 are ours: key and model name.)
_CLIENT_MISTAKES = frozenset({400, 409, 413, 414, 415, 422})


@dataclass(frozen=True, slots=True)
class Target:
    """Where and as whom one model is asked; made by its provider's `target`.

    `templates` are the encoded heads, one an endpoint, with the `secret` in them.
    """

    origin: Origin
    model: str
    can: frozenset[str]
    templates: Mapping[Endpoint, Template] = field(repr=False, compare=False)
    secret: str | None = field(default=None, repr=False, compare=False)
    model_json: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "model_json", msgspec.json.encode(self.model))


def needs_of(ask: Ask) -> frozenset[str]:
    """What a model must be able to do to answer: the endpoint itself and what the body asks for."""
    needs = ask.needs
    return needs | _ENDPOINT_NEEDS[ask.endpoint] if needs else _ENDPOINT_NEEDS[ask.endpoint]


def asks_for_usage(ask: Ask, can: frozenset[str]) -> bool:
    """Whether we add `stream_options.include_usage`, because a stream reports its usage only when asked."""
    return ask.stream and ask.endpoint.makes_tokens and "stream_usage" in can and not ask.wants_usage


class Provider:
    """The common wire. A provider overrides what differs.

    `can` is what models of this provider support unless the config narrows it; `simulated` marks answers and
    money that are not real; `output_bound` is the chat's field for the longest answer.
    """

    can: frozenset[str] = CHAT_AND_MORE
    simulated: bool = False
    output_bound: str = "max_tokens"

    def can_of(self, model: str) -> frozenset[str]:
        """What `model`, by the upstream's name, can do as far as its name tells."""
        del model
        return self.can

    def target(
        self,
        url: str,
        model: str,
        secret: str | None,
        can: frozenset[str],
        *,
        api_version: str | None = None,
    ) -> Target:
        """Whom to ask for `model`, the upstream's name, at `url`. Raises `ValueError` for what is no URL."""
        origin, prefix = Origin.parse(url)
        headers = ((b"content-type", b"application/json"), *self._credentials(secret))
        templates = {
            endpoint: Template.build(
                origin, "POST", self._path(prefix, model, endpoint, api_version), headers
            )
            for endpoint in Endpoint
        }
        return Target(origin, model, can, templates, secret)

    def _path(self, prefix: str, model: str, endpoint: Endpoint, api_version: str | None) -> str:
        del model, api_version
        return f"{prefix}/{endpoint.value}"

    def _credentials(self, secret: str | None) -> tuple[tuple[bytes, bytes], ...]:
        return () if secret is None else ((b"authorization", b"Bearer " + secret.encode()),)

    def folds(self, ask: Ask, can: frozenset[str]) -> bool:
        """Whether a plain answer is asked for as a stream, to be folded here: see `llamacpp`."""
        del ask, can
        return False

    def request(self, ask: Ask, target: Target, timeouts: Timeouts, *, grammar: str | None = None) -> Request:
        """The request that asks `target` what the client asked. A provider without grammars ignores one."""
        del grammar
        return self._post(ask, target, timeouts, self._changes(ask, target))

    def _changes(self, ask: Ask, target: Target) -> dict[str, bytes | None]:
        changes: dict[str, bytes | None] = {"model": target.model_json}
        if ask.stream and asks_for_usage(ask, target.can):
            options = ask.value("stream_options")
            asked = options if isinstance(options, dict) else {}
            changes["stream_options"] = msgspec.json.encode(asked | {"include_usage": True})
        return changes

    def _post(
        self, ask: Ask, target: Target, timeouts: Timeouts, changes: Mapping[str, bytes | None]
    ) -> Request:
        template = target.templates[ask.endpoint]
        body = ask.body(**changes)
        return Request(
            template.origin, "POST", template.path, template.headers, body, timeouts, template.head
        )

    def failure(self, status: int, retry_after: float | None, body: bytes) -> UpstreamError:
        """What an answer with an error status means for the client and for the next attempt."""
        usual = "invalid_request_error" if status in _CLIENT_MISTAKES else "upstream_error"
        readable = _error_object(body, usual)
        said = f"The model's server answered {status}"
        if status in _CLIENT_MISTAKES:
            return UpstreamError(
                said, status=status, retryable=False, final=True, body=readable or _wrapped(status, body)
            )
        if status in (401, 403):
            return UpstreamError(
                f"{said}: it does not accept our key.", code="upstream_rejected_key", retryable=False
            )
        if status == 404 or status < 400:
            return UpstreamError(
                f"{said}: it does not know the model or the path.", code="upstream_not_found", retryable=False
            )
        kept = status if status in (408, 429, 500, 502, 503, 504) else 502
        return UpstreamError(f"{said}.", status=kept, retry_after=retry_after, body=readable)


def _error_object(body: bytes, usual: str) -> bytes | None:
    """The body where it is an OpenAI error object, else `None`. `usual` is the type of one that has none."""
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None
    error = decoded.get("error") if isinstance(decoded, dict) else None
    if isinstance(error, dict) and isinstance(error.get("message"), str):
        return body if _is_complete(error) else msgspec.json.encode({"error": _completed(error, usual)})
    if isinstance(error, str):
        return error_body(error, type_=usual)
    return None


def _is_complete(error: dict[str, Any]) -> bool:
    texts = (str, type(None))
    return (
        isinstance(error.get("type"), str)
        and isinstance(error.get("code", 0), texts)
        and isinstance(error.get("param", 0), texts)
    )


def _completed(error: dict[str, Any], usual: str) -> dict[str, Any]:
    """With all four parts of OpenAI's error object, as texts: vLLM's code is a number, others have none."""
    code, param = error.get("code"), error.get("param")
    return error | {
        "type": str(error.get("type") or usual),
        "code": None if code is None else str(code),
        "param": None if param is None else str(param),
    }


def _wrapped(status: int, body: bytes) -> bytes:
    text = body[:500].decode("utf-8", "replace")
    return error_body(f"The model's server answered {status}: {text}", code="upstream_error")


def retry_after_seconds(headers: Mapping[bytes, bytes], now: float | None = None) -> float | None:
    """`Retry-After` in seconds: a number or an HTTP date (RFC 9110, 10.2.3), or OpenAI's `retry-after-ms`."""
    in_ms = headers.get(b"retry-after-ms")
    value = headers.get(b"retry-after")
    try:
        if in_ms is not None:
            seconds = float(in_ms) / 1000
        elif value is None:
            return None
        elif value.strip().isdigit():
            seconds = float(value)
        else:
            date = email.utils.parsedate_to_datetime(value.decode("latin-1"))
            seconds = max(0.0, date.timestamp() - (time.time() if now is None else now))
    except (ValueError, OverflowError):
        return None
    return seconds if 0 <= seconds <= _LONGEST_WAIT_SECONDS else None
