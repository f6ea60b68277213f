"""What a house looks for, and which types raise which label, by its config and its lessons. Does not look."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from freehold.errors import ConfigError
from freehold.privacy import Allowed, Detector, Scanner, Sorting, all_types, make_scanner

if TYPE_CHECKING:
    from freehold.cli.learning import Stamps
    from freehold.config import PrivacySettings, Settings

log = logging.getLogger("freehold")


@dataclass(frozen=True, slots=True)
class Search:
    """How types are sorted, and the detectors for what the organisation itself said is private."""

    sorting: Sorting
    own: tuple[Detector, ...] = ()
    allowed: Allowed | None = None
    plugs: tuple[Detector, ...] = ()

    def scanner(self) -> Scanner:
        """For everything that raises a label."""
        return make_scanner(self.sorting.types, self.own, plugs=self.plugs, allowed=self.allowed)

    def scanner_of(self, types: str) -> Scanner:
        """For `types` (`A,B`) alone. Raises `UsageError` for one that nothing finds."""
        asked = frozenset(part.strip().upper() for part in types.split(",") if part.strip())
        there_are = all_types().union(*(detector.types for detector in self.own + self.plugs))
        unknown = sorted(asked - there_are)
        if unknown:
            known = ", ".join(sorted(there_are))
            raise click.UsageError(f"nothing finds {', '.join(unknown)}; there are {known}")
        return make_scanner(asked, self.own, plugs=self.plugs, alone=True, allowed=self.allowed)


def search_of(settings: Settings) -> Search:
    """As the settings say it, and with what was learned beside their ledger.

    Raises `ConfigError` for the first mistake; what was learned and is damaged is told in the log, and fails.
    """
    from freehold.cli.placing import placed  # noqa: PLC0415 - as below

    search, mistakes, problems = _made(settings)
    if mistakes:
        raise placed(settings.path, mistakes[0])
    for problem in problems:
        log.warning("whatever is scanned counts as secret: %s", problem.message)
    return search


def search_mistakes(settings: Settings) -> list[ConfigError]:
    """Everything that is wrong with what is to be looked for, learned sources included."""
    from freehold.cli.placing import placed  # noqa: PLC0415 - as below

    _, mistakes, problems = _made(settings)
    return [placed(settings.path, error) for error in (*mistakes, *problems)]


def _made(settings: Settings) -> tuple[Search, list[ConfigError], list[ConfigError]]:
    """How to search, the config's mistakes, and the problems of what was learned."""
    from freehold.cli.learning import learned  # noqa: PLC0415 - a scan without config needs no ledger
    from freehold.cli.own_words import own_words  # noqa: PLC0415 - likewise
    from freehold.cli.plugging import plugged  # noqa: PLC0415 - likewise

    words = own_words(settings.privacy)
    detector, damaged = learned(settings.ledger.path)
    own = words.detectors if detector is None else (*words.detectors, detector)
    hint = "learn it again, or `freehold privacy forget` it; until then whatever is scanned counts as secret"
    problems = [
        ConfigError("privacy", f"what was learned cannot be looked for: {why}", hint=hint) for why in damaged
    ]
    plugs, unplugged = plugged(settings.privacy)
    mistakes = words.mistakes + unplugged
    try:
        known = frozenset[str]().union(*(d.types for d in own))
        sorting = sorting_of(settings.privacy, known, frozenset[str]().union(*(d.types for d in plugs)))
    except ConfigError as error:
        mistakes.append(error)
        sorting = Sorting.usual(all_types())
    return Search(sorting, own, words.allowed, plugs), mistakes, problems


def stamps_of(settings: Settings) -> Stamps:
    """What changes when anything that is searched for was changed outside the config itself."""
    from freehold.cli.learning import stamps  # noqa: PLC0415 - as above
    from freehold.cli.own_words import files_of  # noqa: PLC0415 - likewise

    return stamps(settings.ledger.path, files_of(settings.privacy))


def search_at(config: Path | None) -> Search:
    """As the config there says it; without one, the usual."""
    if config is None:
        return Search(Sorting.usual(all_types()))
    from freehold.cli.reading import settings_for_looking  # noqa: PLC0415 - loads what a scan without config does not need

    return search_of(settings_for_looking(config))


def sorting_of(
    settings: PrivacySettings, known: frozenset[str] = frozenset(), guessed: frozenset[str] = frozenset()
) -> Sorting:
    """What is personal and what is secret.

    `known` are types of what the organisation itself said is private, `guessed` those of plugs.

    Raises `ConfigError` for a type that nothing finds: a slip of the pen leaves nothing unprotected.
    """
    found = all_types() | known | guessed
    for key in ("secret", "personal"):
        for type_ in getattr(settings, key) or ():
            if type_ not in found:
                near = get_close_matches(type_, found, n=1)
                hint = f'did you mean "{near[0]}"?' if near else "`freehold docs detection` lists the types"
                raise ConfigError(f"privacy.{key}", f'nothing finds "{type_}"', hint=hint)
    secret = frozenset(settings.secret)
    if settings.personal is not None:
        return Sorting(frozenset(settings.personal), secret)
    return Sorting((all_types() | guessed) - secret - frozenset(settings.harmless), secret)
