"""One file a detector: a class `Detector` with `types` and `find(reading)`. The file's name is its name.

An instance holds what a detector has to load (tables, a model); it is made once and shared.
Names that begin with `_` are parts of detectors, not detectors.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Protocol

from freehold.privacy.reading import Reading
from freehold.privacy.span import Span


class Detector(Protocol):
    """Finds values of `types` in a text. Takes time linear in the text, whatever the text is."""

    types: frozenset[str]

    def find(self, reading: Reading) -> Iterable[Span]:
        """The spans found, in any order; they may overlap."""


def names() -> tuple[str, ...]:
    """The detectors that there are."""
    return tuple(sorted(m.name for m in iter_modules(__path__) if not m.name.startswith("_")))


def types_of(name: str) -> frozenset[str]:
    """What a detector finds, without what it would have to load. Raises `KeyError` as `load` does."""
    types: frozenset[str] = _class(name).types
    return types


def load(name: str) -> Detector:
    """The detector of that name. Raises `KeyError` where there is no such file."""
    detector: Detector = _class(name)()
    return detector


def _class(name: str) -> Any:
    if name not in names():
        raise KeyError(name)
    return import_module(f"{__name__}.{name}").Detector
