"""Terms, forms and allowed values of a config, with those of the files that it names, made into detectors.

Does not know what was learned.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.errors import ConfigError
from freehold.privacy import Allowed, Detector, Form, Patterns, Terms, is_findable

if TYPE_CHECKING:
    import re

    from freehold.config import PrivacySettings

# A form is tried at each place of a text, an allowed one on a value alone.
_STEPS_ANYWHERE, _STEPS_ON_A_VALUE = 1024, 16_384


@dataclass(slots=True)
class OwnWords:
    """What the settings say, and all that is wrong with it."""

    detectors: tuple[Detector, ...] = ()
    allowed: Allowed | None = None
    mistakes: list[ConfigError] = field(default_factory=list)


def own_words(settings: PrivacySettings) -> OwnWords:
    """Reads the files that the settings name."""
    own = OwnWords()
    terms = dict(_terms(settings, own.mistakes))
    forms = [*_forms(settings, own.mistakes)]
    found: list[Detector] = []
    if terms:
        found.append(Terms(terms))
    if forms:
        found.append(Patterns(forms))
    own.detectors = tuple(found)
    own.allowed = _allowed(settings, own.mistakes)
    return own


def files_of(settings: PrivacySettings) -> Iterator[Path]:
    """The files that the settings name."""
    files = [*(part.file for part in settings.terms), *(part.file for part in settings.allow)]
    return (file for file in files if file is not None)


def _terms(settings: PrivacySettings, mistakes: list[ConfigError]) -> Iterator[tuple[str, str]]:
    for number, part in enumerate(settings.terms):
        key = f"privacy.terms[{number}]"
        for place, term in (
            *((f"{key}.terms", term) for term in part.terms),
            *_lines(part.file, key, mistakes),
        ):
            if is_findable(term):
                yield term, part.type
            else:
                hint = "a term is found by its letters and digits, and one of them is everywhere"
                mistakes.append(ConfigError(place, "a term has no word of two letters or digits", hint=hint))


def _forms(settings: PrivacySettings, mistakes: list[ConfigError]) -> Iterator[Form]:
    for number, part in enumerate(settings.patterns):
        key = f"privacy.patterns[{number}].pattern"
        made = _expression(part.pattern, _STEPS_ANYWHERE, key, mistakes)
        if made is not None:
            yield Form(made, part.type, part.context, part.check)


def _allowed(settings: PrivacySettings, mistakes: list[ConfigError]) -> Allowed | None:
    values: list[str] = []
    forms: list[re.Pattern[str]] = []
    for number, part in enumerate(settings.allow):
        key = f"privacy.allow[{number}]"
        values += part.values
        values += (value for _, value in _lines(part.file, key, mistakes))
        if part.pattern is not None:
            made = _expression(part.pattern, _STEPS_ON_A_VALUE, f"{key}.pattern", mistakes)
            forms += [] if made is None else [made]
    values = [value for value in values if value.strip()]
    return Allowed(values, forms) if values or forms else None


def _expression(
    source: str, most_steps: int, key: str, mistakes: list[ConfigError]
) -> re.Pattern[str] | None:
    from freehold.guards import Pattern  # noqa: PLC0415 - few configs have patterns

    try:
        return Pattern(source, most_steps).expression
    except ValueError as error:
        hint = "a pattern holds literals, classes, groups and repetitions with two bounds, as {1,20}"
        mistakes.append(ConfigError(key, str(error), hint=hint))
        return None


def _lines(file: Path | None, key: str, mistakes: list[ConfigError]) -> Iterable[tuple[str, str]]:
    """The lines of a file that are not empty, each with where it stands."""
    if file is None:
        return []
    place = f"{key}.file"
    try:
        text = file.read_text("utf-8-sig")
    except OSError as error:
        why = f"cannot read {file}: {error.strerror}"
    except UnicodeDecodeError:
        why = f"{file} is not UTF-8 text"
    else:
        return [(place, line.strip()) for line in text.splitlines() if line.strip()]
    mistakes.append(ConfigError(place, why, hint="it holds one a line"))
    return []
