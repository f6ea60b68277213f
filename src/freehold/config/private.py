"""The settings of `[privacy]`: what raises a label, and what an organisation itself calls private or not.

Does not know how any of it is found, nor what is in the files that it names.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, model_validator

from freehold.config.kinds import File, OneType, Seconds, Takes, Text, Texts, Types
from freehold.config.section import Section


class TermSettings(Section):
    """`[[privacy.terms]]`: words that are private wherever they stand; a text alone is of type `SECRET`."""

    terms: Texts = Field(
        default=(), description="The terms; case, blanks and punctuation between their words do not count."
    )
    file: File | None = Field(default=None, description="A file with one more term a line.")
    type: OneType = Field(default="SECRET", description="What they are.")

    @model_validator(mode="after")
    def _says_something(self) -> TermSettings:
        if not self.terms and self.file is None:
            raise ValueError("takes terms, or a file with one a line")
        return self


class PatternSettings(Section):
    """`[[privacy.patterns]]`: values of a form of your own, such as a customer's number."""

    pattern: Text = Field(
        description="A regular expression, case aside. It has to be bounded: `{1,20}` in place of `+`.",
        examples=["KD-[0-9]{6}"],
    )
    type: OneType = Field(description="What it finds.", examples=["CUSTOMER_ID"])
    context: Texts = Field(
        default=(), description="Words of which one has to stand near it; `*` stands for more letters."
    )
    check: Literal["luhn", "mod97"] | None = Field(
        default=None,
        description="The check digits that it has to have: Luhn's, or those of ISO 7064 as an IBAN's.",
    )


class AllowSettings(Section):
    """`[[privacy.allow]]`: what is no secret, such as your own support address; a text alone is a value."""

    values: Texts = Field(
        default=(), description="Values, whole; case, blanks, and the signs between digits do not count."
    )
    pattern: Text | None = Field(
        default=None, description="A regular expression for whole values, bounded as those of `patterns`."
    )
    file: File | None = Field(default=None, description="A file with one more value a line.")

    @model_validator(mode="after")
    def _says_something(self) -> AllowSettings:
        if not self.values and self.pattern is None and self.file is None:
            raise ValueError("takes values, a pattern, or a file with a value a line")
        return self


def _with_plain(name: str) -> BeforeValidator:
    """A list in which a text alone stands for a table with that text under `name`."""

    def spelled(value: Any) -> Any:
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list):
            return value
        return tuple({name: [item]} if isinstance(item, str) else item for item in value)

    return BeforeValidator(spelled)


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


Labels = Annotated[
    Mapping[str, OneType],
    AfterValidator(MappingProxyType),
    PlainSerializer(dict),
    Takes("table of label = type"),
]
Terms = Annotated[tuple[TermSettings, ...], _with_plain("terms"), Takes("list of texts and tables, below")]
Patterns = Annotated[tuple[PatternSettings, ...], BeforeValidator(_as_tuple), Takes("list of tables, below")]
Allowed = Annotated[
    tuple[AllowSettings, ...], _with_plain("values"), Takes("list of texts and tables, below")
]


class PrivacySettings(Section):
    """`[privacy]`: which types of what is found in a request raise its label."""

    personal: Types | None = Field(
        default=None,
        description="The types that make a request personal.",
        json_schema_extra={"default": "every type that can be found, but those of `secret` and `harmless`"},
    )
    secret: Types = Field(default=("SECRET",), description="The types that make a request secret.")
    harmless: Types = Field(
        default=("ORGANIZATION", "LOCATION", "DATE_TIME", "URL"),
        description="Types that raise nothing, where `personal` is not written. With `PERSON` and `ADDRESS` "
        "in it, requests are not searched for names.",
    )
    scan_cpu_seconds: Seconds = Field(
        default=10.0,
        description="The most processor time for one request; one that takes more counts as secret.",
    )
    terms: Terms = Field(
        default=(),
        description="Words of yours that are private, such as a project's name; without a type `SECRET`.",
    )
    patterns: Patterns = Field(default=(), description="Forms of values of your own that are private.")
    allow: Allowed = Field(
        default=(),
        description="What is not private though it looks so. A longer value that holds an allowed one is.",
    )
    onnx: File | None = Field(
        default=None,
        description="A folder with a token classifier (`model.onnx`, `tokenizer.json`, `config.json`) that "
        "looks for what it was trained on, beside our own detectors.",
    )
    onnx_labels: Labels | None = Field(
        default=None,
        description="The types that its labels mean, where they are not the usual ones.",
        json_schema_extra={"default": "`PER`, `ORG`, `LOC` as they are meant, others as they are called"},
    )
    presidio: bool = Field(
        default=False,
        description="Whether Presidio's recognisers look at each text beside our detectors.",
    )
    presidio_model: Text | None = Field(
        default=None,
        description="An installed spaCy model for Presidio, such as `en_core_web_lg`; it costs tens of "
        "milliseconds a KB.",
        json_schema_extra={"default": "none: its patterns alone"},
    )
