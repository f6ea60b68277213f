"""Detectors that others made, beside ours: one file each, imported where a config asks for it.

What one of them raises becomes `PlugFailed`, so that a text that it could not look at counts as secret.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from freehold.errors import FreeholdError
from freehold.privacy.detectors import Detector
from freehold.privacy.reading import Reading
from freehold.privacy.span import Span


class PlugFailed(FreeholdError):
    """A plugged-in detector could not be loaded, or could not look at a text."""


class Plug:
    """A detector of others under its name. It sees the text as it was sent, and no disguise taken off."""

    def __init__(self, name: str, detector: Detector) -> None:
        self.types = detector.types
        self._name = name
        self._detector = detector

    def find(self, reading: Reading) -> Iterable[Span]:
        if reading.disguised or not reading.text:
            return ()
        try:
            return list(self._detector.find(reading))
        except Exception as error:  # noqa: BLE001 - whatever others raise, the text was not looked at
            # Its words may hold what was scanned.
            raise PlugFailed(f"{self._name} failed ({type(error).__name__})") from None


def plug(name: str, **settings: Any) -> Plug:
    """The plug in the file of that name. Raises `PlugFailed` where it or what it needs cannot be loaded."""
    try:
        return Plug(name, import_module(f"{__name__}.{name}").Detector(**settings))
    except ImportError as error:
        raise PlugFailed(f"{error.name or error} is not installed") from error
    except Exception as error:
        raise PlugFailed(f"it cannot be loaded: {type(error).__name__}: {error}") from error
