"""`freehold.toml`, read into frozen settings, or every mistake in it at once with key, line and hint.

Does not know the environment beyond the secrets that the file names, nor what any other room does.
Loads pydantic, so commands import it when they need it.
"""

from freehold.config.findings import ConfigErrors, Findings
from freehold.config.kinds import LABELS, is_loopback
from freehold.config.lines import KeyPath, scan
from freehold.config.private import PrivacySettings
from freehold.config.reading import POLICIES, PROVIDERS, load, parse
from freehold.config.reference import settings_reference
from freehold.config.sample import render_sample
from freehold.config.schema import settings_schema
from freehold.config.settings import (
    AuditSettings,
    LedgerSettings,
    ModelSettings,
    PriceSettings,
    RouteSettings,
    ServerSettings,
    Settings,
)
from freehold.config.telemetry import TelemetrySettings
from freehold.config.words import unknown_word

__all__ = [
    "LABELS",
    "POLICIES",
    "PROVIDERS",
    "AuditSettings",
    "ConfigErrors",
    "Findings",
    "KeyPath",
    "LedgerSettings",
    "ModelSettings",
    "PriceSettings",
    "PrivacySettings",
    "RouteSettings",
    "ServerSettings",
    "Settings",
    "TelemetrySettings",
    "is_loopback",
    "load",
    "parse",
    "render_sample",
    "scan",
    "settings_reference",
    "settings_schema",
    "unknown_word",
]
