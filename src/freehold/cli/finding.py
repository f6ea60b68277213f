"""Where the config is, and the ledger that it names. Loads nothing that a look back does not need."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from freehold.errors import ConfigError

HERE = Path("freehold.toml")
_LEDGER = "freehold.db"


def find_config(given: Path | None) -> Path:
    """The file that `--config` names, else the one here. Raises `ConfigError` where there is none."""
    path = HERE if given is None else given
    if path.is_file():
        return path
    if path.exists():
        raise ConfigError("", f"{path} is not a file")
    where = "in this folder" if given is None else f"at {path}"
    name = "" if given is None else f" --config {path}"
    raise ConfigError(
        "",
        f"there is no config {where}" + (f" ({HERE})" if given is None else ""),
        hint=f"`freehold init{name}` writes one; `freehold up{name}` writes one and starts",
    )


def ledger_here(given: Path | None) -> Path:
    """The ledger of the config, for commands that only look back: the rest of the file is not their business.

    Half of their time would go into checking it. Raises `ConfigError` where there is no config, and
    `ConfigErrors` where its text or the path cannot be read.
    """
    config = find_config(given)
    try:
        table = tomllib.loads(config.read_text("utf-8-sig")).get("ledger", {})
        written = table.get("path", _LEDGER)
    except (OSError, ValueError, RecursionError, AttributeError):
        return _as_checked(config)
    if not isinstance(written, str) or not written.strip() or "\0" in written:
        return _as_checked(config)
    home = os.environ.get("HOME")
    if written.startswith("~/") and home is not None:
        written = home + written[1:]
    return config.absolute().parent / written


def _as_checked(config: Path) -> Path:
    from freehold.cli.reading import settings_for_looking  # noqa: PLC0415 - it tells what is wrong, in full

    return settings_for_looking(config).ledger.path
