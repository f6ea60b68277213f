"""What a house looks for, and which types raise which label, by its config and its lessons. Does not look."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from freehold.errors import ConfigError
from freehold.privacy import Detector, Scanner, Sorting, all_types, make_scanner

if TYPE_CHECKING:
    from freehold.config import PrivacySettings, Settings

log = logging.getLogger("freehold")


@dataclass(frozen=True, slots=True)
class Search:
    """How types are sorted, and the detectors for what the organisation itself said is private."""

    sorting: Sorting
    own: tuple[Detector, ...] = ()

    def scanner(self) -> Scanner:
        """For everything that raises a label."""
        return make_scanner(self.sorting.types, self.own)

    def scanner_of(self, types: str) -> Scanner:
        """For `types` (`A,B`) alone. Raises `UsageError` for one that nothing finds."""
        asked = frozenset(part.strip().upper() for part in types.split(",") if part.strip())
        there_are = all_types().union(*(detector.types for detector in self.own))
        unknown = sorted(asked - there_are)
        if unknown:
            known = ", ".join(sorted(there_are))
            raise click.UsageError(f"nothing finds {', '.join(unknown)}; there are {known}")
        return make_scanner(asked, self.own, alone=True)


def search_of(settings: Settings) -> Search:
    """As the settings say it, and with what was learned beside their ledger. Raises as `sorting_of` does."""
    from freehold.cli.learning import learned  # noqa: PLC0415 - a scan without config needs no ledger

    detector, problems = learned(settings.ledger.path)
    for problem in problems:
        log.warning("every request counts as secret, for what was learned cannot be looked for: %s", problem)
    own = () if detector is None else (detector,)
    return Search(sorting_of(settings.privacy, (type_ for d in own for type_ in d.types)), own)


def search_mistakes(settings: Settings) -> list[ConfigError]:
    """What is wrong with what is to be looked for, learned sources included."""
    from freehold.cli.learning import learned  # noqa: PLC0415 - as above

    detector, problems = learned(settings.ledger.path)
    hint = "learn it again, or `freehold privacy forget` it; until then whatever is scanned counts as secret"
    found = [
        ConfigError("privacy", f"what was learned cannot be looked for: {problem}", hint=hint)
        for problem in problems
    ]
    try:
        sorting_of(settings.privacy, () if detector is None else detector.types)
    except ConfigError as error:
        found.append(error)
    return found


def search_at(config: Path | None) -> Search:
    """As the config there says it; without one, the usual."""
    if config is None:
        return Search(Sorting.usual(all_types()))
    from freehold.cli.reading import settings_for_looking  # noqa: PLC0415 - loads what a scan without config does not need

    return search_of(settings_for_looking(config))


def sorting_of(settings: PrivacySettings, more: Iterable[str] = ()) -> Sorting:
    """What is personal and what is secret, where detectors beside ours find `more` types.

    Raises `ConfigError` for a type that nothing finds: a slip of the pen leaves nothing unprotected.
    """
    found = all_types().union(more)
    for key in ("secret", "personal"):
        for type_ in getattr(settings, key) or ():
            if type_ not in found:
                near = get_close_matches(type_, found, n=1)
                hint = f'did you mean "{near[0]}"?' if near else "`freehold docs detection` lists the types"
                raise ConfigError(f"privacy.{key}", f'nothing finds "{type_}"', hint=hint)
    secret = frozenset(settings.secret)
    if settings.personal is not None:
        return Sorting(frozenset(settings.personal), secret)
    return Sorting(all_types() - secret - frozenset(settings.harmless), secret)
