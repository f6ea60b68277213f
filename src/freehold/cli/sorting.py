"""Which types raise which label, as the config says it, and what has to be looked for. Does not look."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from freehold.errors import ConfigError
from freehold.privacy import Scanner, Sorting, all_types, make_scanner

if TYPE_CHECKING:
    from freehold.config import PrivacySettings


def sorting_of(settings: PrivacySettings) -> Sorting:
    """What is personal and what is secret.

    Raises `ConfigError` for a type that nothing finds: a slip of the pen leaves nothing unprotected.
    """
    for key in ("secret", "personal"):
        for type_ in getattr(settings, key) or ():
            if type_ not in all_types():
                near = get_close_matches(type_, all_types(), n=1)
                hint = f'did you mean "{near[0]}"?' if near else "`freehold docs detection` lists the types"
                raise ConfigError(f"privacy.{key}", f'nothing finds "{type_}"', hint=hint)
    secret = frozenset(settings.secret)
    if settings.personal is not None:
        return Sorting(frozenset(settings.personal), secret)
    return Sorting(all_types() - secret - frozenset(settings.harmless), secret)


def sorting_at(config: Path | None) -> Sorting:
    """As the config there says it; without one, the usual."""
    if config is None:
        return Sorting.usual(all_types())
    from freehold.cli.reading import settings_for_looking  # noqa: PLC0415 - loads what a scan without config does not need

    return sorting_of(settings_for_looking(config).privacy)


def scanner_of(sorting: Sorting, types: str | None) -> Scanner:
    """A scanner for `types` (`A,B`), else for what raises a label. Raises `UsageError` for an unknown one."""
    if types is None:
        return make_scanner(sorting.types)
    asked = frozenset(part.strip().upper() for part in types.split(",") if part.strip())
    unknown = sorted(asked - all_types())
    if unknown:
        known = ", ".join(sorted(all_types()))
        raise click.UsageError(f"nothing finds {', '.join(unknown)}; there are {known}")
    return make_scanner(asked)
