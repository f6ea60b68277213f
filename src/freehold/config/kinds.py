"""What may stand behind a key: money, seconds, labels, names, paths. Strict: `"4"` is not 4.

Validators say what they take; they never repeat what was written, which might be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from ipaddress import ip_address
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, ValidationInfo

Tenure = Literal["rented", "owned"]
Home = Literal["rent", "own"]
# The order of `freehold.privacy.Label`, which is on the same floor and so not imported; a test compares them.
Label = Literal["public", "internal", "personal", "secret"]
LABELS: tuple[Label, ...] = get_args(Label)
Capability = Literal[
    "chat",
    "completions",
    "embeddings",
    "moderations",
    "tools",
    "json_object",
    "json_schema",
    "grammar",
    "logprobs",
    "images",
    "audio",
    "stream_usage",
]

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:-]{0,99}")


@dataclass(frozen=True, slots=True)
class Takes:
    """What a key takes, in the words of the reference."""

    words: str


@dataclass(frozen=True, slots=True)
class Place:
    """What values are read against: the folder that relative paths count from, and where `~/` leads."""

    base: Path
    home: str | None
    secret: str | None = field(default=None, repr=False)

    def resolve(self, text: str) -> Path:
        if text.startswith("~/") and self.home is not None:
            text = self.home + text[1:]
        return self.base / text


def _amount(value: object) -> object:
    if isinstance(value, str):
        try:
            return Decimal(value)
        except InvalidOperation:
            raise ValueError("takes an amount in USD, such as 0.60") from None
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return value
    try:
        return float(value)
    except OverflowError:
        raise ValueError("is too large") from None


def _path(value: object, info: ValidationInfo) -> object:
    if not isinstance(value, str):
        return value
    if not value.strip() or "\0" in value:
        raise ValueError("takes the path of a file")
    return info.context.resolve(value) if isinstance(info.context, Place) else Path(value)


def _weights(value: str, info: ValidationInfo) -> str:
    if value.startswith("builtin:") or not isinstance(info.context, Place):
        return value
    return str(_path(value, info))


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not value.isprintable() or " " in value:
        raise ValueError("takes the address of an API, such as https://api.openai.com/v1")
    if parts.username is not None or parts.password is not None:
        raise ValueError("may not carry a user or a password; name the key with key_env or key_file")
    if parts.query or parts.fragment:
        raise ValueError("is the address that an API begins at, without ? and #")
    return value.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine alone. A name other than `localhost` is taken for somewhere else."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _names(value: object) -> object:
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


Money = Annotated[
    Decimal, BeforeValidator(_amount), Field(ge=0, le=1_000_000), Takes("amount in USD, as a number or text")
]
Seconds = Annotated[float, BeforeValidator(_number), Field(gt=0, le=86_400), Takes("seconds")]
Pace = Annotated[float, BeforeValidator(_number), Field(gt=0, le=1_000_000), Takes("number")]
Delay = Annotated[float, BeforeValidator(_number), Field(ge=0, le=3_600), Takes("seconds")]
Weight = Annotated[float, BeforeValidator(_number), Field(gt=0, le=1_000_000)]
File = Annotated[Path, BeforeValidator(_path), Takes("path")]
Weights = Annotated[str, Field(min_length=1), AfterValidator(_weights), Takes("path or `builtin:` name")]
Url = Annotated[str, AfterValidator(_url), Takes("URL")]
Text = Annotated[str, Field(min_length=1), Takes("text")]
Names = Annotated[tuple[str, ...], BeforeValidator(_names), Takes("a model's name, or a list of them")]
OneType = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{1,63}$"), Takes("a type, in capitals")]
Texts = Annotated[
    tuple[Annotated[str, Field(min_length=1)], ...],
    BeforeValidator(_names),
    Takes("a text, or a list of them"),
]
Types = Annotated[
    tuple[Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{1,63}$")], ...],
    BeforeValidator(_names),
    Takes("a type, or a list of them"),
]
Split = Annotated[
    Mapping[str, Weight],
    AfterValidator(MappingProxyType),
    PlainSerializer(dict),
    Takes("table of model = weight"),
]
Capabilities = Annotated[tuple[Capability, ...], BeforeValidator(_names), Takes("list of capabilities")]
