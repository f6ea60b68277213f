"""Detectors of others, as a config asks for them, loaded; or why they cannot be. Knows none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from freehold.cli.extras import install_hint
from freehold.errors import ConfigError
from freehold.privacy import Detector, PlugFailed, plug

if TYPE_CHECKING:
    from freehold.config import PrivacySettings


def plugged(settings: PrivacySettings) -> tuple[tuple[Detector, ...], list[ConfigError]]:
    """Takes seconds for some. Beside them what is wrong: with a mistake a gateway does not start."""
    found: list[Detector] = []
    mistakes: list[ConfigError] = []
    try:
        if settings.onnx is not None:
            found.append(plug("onnx", folder=settings.onnx, labels=dict(settings.onnx_labels or {})))
    except PlugFailed as error:
        mistakes.append(ConfigError("privacy.onnx", error.message, hint=install_hint("onnx")))
    try:
        if settings.presidio:
            found.append(plug("presidio", model=settings.presidio_model))
    except PlugFailed as error:
        mistakes.append(ConfigError("privacy.presidio", error.message, hint=install_hint("presidio")))
    return tuple(found), mistakes
