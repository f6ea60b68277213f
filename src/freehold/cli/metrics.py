"""The metrics as the config wants them. Does not know what is measured."""

from __future__ import annotations

from pathlib import Path

from freehold.config import Settings
from freehold.errors import ConfigError
from freehold.gateway import Bodies, Counters, Metrics, MetricsDoor, Valve

_SHORTEST_KEY = 16


def metrics_of(settings: Settings, counters: Counters, valve: Valve, bodies: Bodies) -> Metrics | None:
    """`/metrics`, or none. Raises `ConfigError` where the key cannot be read."""
    if not settings.server.metrics:
        return None
    file = settings.server.metrics_key_file
    return Metrics(counters, valve, bodies, MetricsDoor(None if file is None else _key_in(file)))


def _key_in(file: Path) -> str:
    try:
        key = file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("server.metrics_key_file", f"{file} cannot be read: {error}") from error
    if len(key) < _SHORTEST_KEY or not key.isprintable() or " " in key:
        raise ConfigError(
            "server.metrics_key_file",
            f"{file} holds no key of one line and at least {_SHORTEST_KEY} characters",
            hint=f"make one: openssl rand -hex 32 > {file.name}",
        )
    return key
