"""Which types raise which label, as the config says it, and what has to be looked for. Does not look."""

from __future__ import annotations

from pathlib import Path

import click

from freehold.privacy import Scanner, Sorting, all_types, make_scanner


def sorting_of(config: Path | None) -> Sorting:
    """What is personal and what is secret."""
    del config
    return Sorting.usual(all_types())


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
