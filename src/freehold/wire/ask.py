"""What a client asked: its body kept byte for byte, and the few fields that we read.

Every top-level value stays raw, so unknown fields, number formats and key order reach the upstream as sent.
Knows no I/O and no models.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

import msgspec

from freehold.wire.errors import invalid_type, missing_parameter, unparseable_body


class Endpoint(StrEnum):
    """The data routes; the value is the path below `/v1`."""

    CHAT = "chat/completions"
    COMPLETIONS = "completions"
    EMBEDDINGS = "embeddings"
    MODERATIONS = "moderations"

    @property
    def makes_tokens(self) -> bool:
        """Whether its answers are made of tokens, which a client or a route may bound."""
        return self not in (Endpoint.EMBEDDINGS, Endpoint.MODERATIONS)

    # An enum's own hash is Python code, and tables by endpoint are read several times a request.
    __hash__ = str.__hash__


# The field that carries the request's content, and what JSON may stand there (OpenAI's API reference).
_CONTENT_FIELD = {
    Endpoint.CHAT: "messages",
    Endpoint.COMPLETIONS: "prompt",
    Endpoint.EMBEDDINGS: "input",
    Endpoint.MODERATIONS: "input",
}

_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_string = msgspec.json.Decoder(str)
_anything = msgspec.json.Decoder(Any)
_encode = msgspec.json.Encoder().encode
_NULL = b"null"
_RAW_NULL = msgspec.Raw(_NULL)
_OBJECTS = re.compile(rb"\[[ \t\r\n]*\{")  # the beginning of an array of objects
# A content part's type, and what a model must take to read it.
_PART_NEEDS = {"image_url": "images", "input_image": "images", "input_audio": "audio"}
_MARKS = re.compile(b"|".join(b'"%b"' % part.encode() for part in _PART_NEEDS))


class Ask(msgspec.Struct):
    """One request's body. `fields` maps each top-level key to its raw JSON.

    `model` is empty where a request for moderation names none.
    """

    endpoint: Endpoint
    model: str
    stream: bool
    fields: dict[str, msgspec.Raw]
    size_bytes: int

    def has(self, name: str) -> bool:
        """True where the field is there and not null."""
        raw = self.fields.get(name)
        return raw is not None and bytes(raw) != _NULL

    def value(self, name: str) -> Any:
        """A field decoded, `None` where it is absent or holds what cannot be decoded here."""
        raw = self.fields.get(name)
        try:
            return None if raw is None else _anything.decode(raw)
        except (msgspec.DecodeError, RecursionError):
            return None  # a number beyond all ranges, a tower of brackets

    def body(self, **changes: bytes | None) -> bytes:
        """The body with some top-level fields replaced by raw JSON (`None` removes one), the rest as sent."""
        fields = self.fields.copy()
        for name, raw in changes.items():
            if raw is None:
                fields.pop(name, None)
            else:
                fields[name] = msgspec.Raw(raw)
        return _encode(fields)

    @property
    def wants_usage(self) -> bool:
        """Whether the client asked for usage in the stream (`stream_options.include_usage`)."""
        options = self.value("stream_options")
        return isinstance(options, dict) and options.get("include_usage") is True

    @property
    def needs(self) -> frozenset[str]:
        """Capabilities that a model must have to answer this as asked."""
        asked = _NO_NEEDS if _NEEDY_FIELDS.isdisjoint(self.fields) else _field_needs(self)
        content = self.fields.get("input" if self.endpoint is Endpoint.MODERATIONS else "messages")
        # `find`, since `in` first tries bytes as a number, which costs more than the search in a short text.
        if content is not None and bytes(content).find(b'"type"') >= 0 and _MARKS.search(content) is not None:
            types = _part_types(self)  # rarely so; only then is it read
            return asked | {need for mark, need in _PART_NEEDS.items() if mark in types}
        return asked

    @property
    def input_tokens_estimate(self) -> int:
        """A rough upper guess before any tokenizer: one token for each three bytes of content."""
        raw = self.fields.get(_CONTENT_FIELD[self.endpoint])
        return 0 if raw is None else len(bytes(raw)) // 3 + 1

    @property
    def max_output_tokens(self) -> int | None:
        """The client's own bound on the answer's length."""
        for name in ("max_completion_tokens", "max_tokens"):
            value = self.value(name)
            if isinstance(value, int):
                return value
        return None

    def text(self) -> str:
        """All text that the last user message (or the prompt) holds; for grammars bound to the content."""
        content = self.value(_CONTENT_FIELD[self.endpoint])
        if self.endpoint is Endpoint.CHAT and isinstance(content, list):
            users = [m for m in content if isinstance(m, dict) and m.get("role") == "user"]
            content = users[-1].get("content") if users else ""
        return _joined(content)


_NEEDY_FIELDS = frozenset({"tools", "response_format", "logprobs", "functions", "grammar"})
_NO_NEEDS: frozenset[str] = frozenset()


def _field_needs(ask: Ask) -> frozenset[str]:
    needs = set()
    if ask.has("tools") or ask.has("functions"):
        needs.add("tools")
    if ask.has("grammar"):
        needs.add("grammar")
    if ask.has("logprobs") and ask.value("logprobs") is not False:
        needs.add("logprobs")
    if ask.has("response_format"):
        format_ = ask.value("response_format")
        if isinstance(format_, dict) and format_.get("type") in ("json_schema", "json_object"):
            needs.add(str(format_["type"]))
    return frozenset(needs)


def _part_types(ask: Ask) -> set[object]:
    if ask.endpoint is Endpoint.MODERATIONS:
        contents = [ask.value("input")]
    else:
        messages = ask.value("messages")
        found = messages if isinstance(messages, list) else []
        contents = [message.get("content") for message in found if isinstance(message, dict)]
    parts = [part for content in contents if isinstance(content, list) for part in content]
    return {part["type"] for part in parts if isinstance(part, dict) and isinstance(part.get("type"), str)}


def _joined(content: Any) -> str:
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    parts = [part.get("text") if isinstance(part, dict) else part for part in content]
    return "\n".join(part for part in parts if isinstance(part, str))


def read_ask(endpoint: Endpoint, body: bytes) -> Ask:
    """Read a request's body. Raises `Refused` (400) in OpenAI's words where it is not what the API takes."""
    try:
        if not body.isascii():
            body.decode()  # raw values are passed on unread, and an upstream must not be sent broken text
        fields = _fields.decode(body)
    except msgspec.ValidationError as error:
        raise invalid_type("body", "a JSON object") from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise unparseable_body() from error
    model = _model(endpoint, fields)
    stream = "stream" in fields and _stream(endpoint, bytes(fields["stream"]))
    _check_content(endpoint, fields)
    return Ask(endpoint, model, stream, fields, len(body))


def _stream(endpoint: Endpoint, raw: bytes) -> bool:
    if raw not in (b"true", b"false", _NULL):
        raise invalid_type("stream", "a boolean")
    return raw == b"true" and endpoint is not Endpoint.MODERATIONS  # there is no such stream


def _model(endpoint: Endpoint, fields: dict[str, msgspec.Raw]) -> str:
    raw = fields.get("model")
    if endpoint is Endpoint.MODERATIONS and (raw is None or bytes(raw) == _NULL):
        return ""  # OpenAI's API has a default here
    if raw is None:
        raise missing_parameter("model")
    try:
        return _string.decode(raw)
    except msgspec.MsgspecError as error:
        raise invalid_type("model", "a string") from error


def _check_content(endpoint: Endpoint, fields: dict[str, msgspec.Raw]) -> None:
    name = _CONTENT_FIELD[endpoint]
    raw = bytes(fields.get(name, _RAW_NULL))
    if raw == _NULL:
        raise missing_parameter(name)
    if endpoint is Endpoint.CHAT:
        if raw[:1] != b"[":
            raise invalid_type("messages", "an array of objects")
        if raw[1:2] != b"{" and _OBJECTS.match(raw) is None:
            raise invalid_type("messages", "a non-empty array of objects")
    elif raw[:1] not in (b'"', b"["):
        raise invalid_type(name, "a string or an array")
