"""Every key of the config as Markdown tables, from the definitions that the reader itself uses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le
from pydantic.fields import FieldInfo

from freehold.config.kinds import Capability, Takes
from freehold.config.private import AllowSettings, PatternSettings, PrivacySettings, TermSettings
from freehold.config.section import Section
from freehold.config.settings import (
    AuditSettings,
    LedgerSettings,
    ModelSettings,
    PriceSettings,
    RouteSettings,
    ServerSettings,
)
from freehold.config.telemetry import TelemetrySettings

_SECTIONS: dict[str, type[Section]] = {
    "[server]": ServerSettings,
    "[ledger]": LedgerSettings,
    "[prices]": PriceSettings,
    "[audit]": AuditSettings,
    "[privacy]": PrivacySettings,
    "[[privacy.terms]]": TermSettings,
    "[[privacy.patterns]]": PatternSettings,
    "[[privacy.allow]]": AllowSettings,
    "[telemetry]": TelemetrySettings,
    "[models.X]": ModelSettings,
    "[routes.R]": RouteSettings,
}
_PLAIN = {str: "text", int: "whole number", bool: "`true` or `false`", float: "number", Path: "path"}


def settings_reference() -> str:
    """A Markdown section for each table of the file: what the table is, and its keys."""
    return "\n".join(_section(header, section) for header, section in _SECTIONS.items())


def _section(header: str, section: type[Section]) -> str:
    about = (section.__doc__ or "").split(": ", 1)[-1].strip()
    rows = "\n".join(_rows(section))
    head = "| Key | Takes | Default | Meaning |\n|---|---|---|---|"
    return f"## `{header}`\n\n{about[:1].upper()}{about[1:]}\n\n{head}\n{rows}\n{_capabilities(section)}"


def _rows(section: type[Section]) -> Iterator[str]:
    hints = get_type_hints(section, include_extras=True)
    for name, field in section.model_fields.items():
        takes = _takes(hints[name]) + _bounds(field.metadata)
        cells = (f"`{name}`", takes, _default(field), field.description or "")
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _takes(hint: Any) -> str:
    """A type in words. A field's own bounds are not in its type; those of `Seconds` and its like are."""
    if get_origin(hint) in (Union, UnionType):
        (inner,) = (part for part in get_args(hint) if part is not NoneType)
        return _takes(inner) + _bounds(_inner_metadata(inner))
    if get_origin(hint) is Annotated:
        said = [extra.words for extra in hint.__metadata__ if isinstance(extra, Takes)]
        return said[0] if said else _takes(get_args(hint)[0])
    if get_origin(hint) is Literal:
        return " or ".join(f'`"{word}"`' for word in get_args(hint))
    return _PLAIN[hint]


def _inner_metadata(hint: Any) -> list[Any]:
    extras = getattr(hint, "__metadata__", ())
    return [bound for extra in extras if isinstance(extra, FieldInfo) for bound in extra.metadata]


def _bounds(metadata: list[Any]) -> str:
    words = []
    for bound in metadata:
        if isinstance(bound, Ge):
            words.append(f"at least {bound.ge}")
        elif isinstance(bound, Gt):
            words.append(f"more than {bound.gt}")
        elif isinstance(bound, Le):
            words.append(f"at most {bound.le}")
    return "".join(f", {word}" for word in words)


def _default(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    if isinstance(extra, dict):
        return str(extra["default"])
    if field.is_required():
        return "required"
    if field.default is None or field.default == ():
        return "none"
    return f"`{_toml(field.default)}`"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _capabilities(section: type[Section]) -> str:
    if "can" not in section.model_fields:
        return ""
    words = ", ".join(f"`{word}`" for word in get_args(Capability))
    return f"\nCapabilities, for `can`: {words}.\n"
