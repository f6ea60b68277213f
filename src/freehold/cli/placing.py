"""The line of a mistake that was found after the config was read: in a file that it names, say."""

from __future__ import annotations

import re
from pathlib import Path

from freehold.config import KeyPath, scan
from freehold.errors import ConfigError

_PART = re.compile(r"\[([0-9]+)\]|([^.\[\]]+)")


def placed(config: Path, error: ConfigError) -> ConfigError:
    """The same error, with the line of its key in the config."""
    if error.line is not None or not error.key:
        return error
    try:
        line = scan(config.read_text("utf-8-sig")).find(_path(error.key))
    except (OSError, ValueError):
        return error  # changed since it was read
    return ConfigError(error.key, error.message, line=line, hint=error.hint)


def _path(key: str) -> KeyPath:
    """`models.X.weights` as its three parts; X may hold dots, and stand in quotes."""
    if "[" in key:  # an item of a list, as `privacy.terms[0].file`
        parts = _PART.findall(key)
        return tuple(int(number) if number else name for number, name in parts)
    table, _, rest = key.partition(".")
    if table in ("models", "routes") and "." in rest:
        name, _, last = rest.rpartition(".")
        return table, name.strip('"'), last
    return table, *rest.split(".")
