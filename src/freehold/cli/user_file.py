"""The text of a file that a user names, or what is wrong with the file. Does not know what stands in it."""

from __future__ import annotations

from pathlib import Path

from freehold.errors import ConfigError


def text_of(path: Path, key: str = "", *, encoding: str = "utf-8") -> str:
    """All of it. Raises `ConfigError` at `key`: the option, or the config's key, that named the file."""
    try:
        return path.read_text(encoding)
    except FileNotFoundError:
        hint = None if path.is_absolute() else f"it was looked for in {Path.cwd()}"
        raise ConfigError(key, f"{path} does not exist", hint=hint) from None
    except OSError as error:
        raise ConfigError(key, f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(key, f"{path} cannot be read: it is not UTF-8 text") from error
