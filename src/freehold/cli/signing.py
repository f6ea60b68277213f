"""The key that signs checkpoints: a file of our own making, or one that the config names. Signs nothing."""

from __future__ import annotations

import os
from pathlib import Path

from freehold.audit import SigningKey
from freehold.config import Settings
from freehold.errors import ConfigError, FreeholdError


def key_file(settings: Settings) -> Path:
    """Where the key is."""
    ledger = settings.ledger.path
    return settings.audit.key_file or ledger.with_name(f"{ledger.name}.signing-key")


def signing_key(settings: Settings) -> SigningKey:
    """The key, made where there is none, for its owner's eyes alone. Raises `ConfigError`."""
    file = key_file(settings)
    try:
        if not file.exists():
            _make(file)
        return SigningKey.load(file.read_bytes())
    except OSError as error:
        raise ConfigError(
            "audit.key_file", f"{file}: {error.strerror}", hint="it must be readable by whoever runs Freehold"
        ) from error
    except FreeholdError as error:
        raise ConfigError("audit.key_file", f"{file}: {error.message}", hint=error.hint) from error


def _make(file: Path) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        descriptor = os.open(file, flags, 0o600)
    except FileExistsError:
        return  # somebody else was first
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(SigningKey.create().pem())
        opened.flush()
        os.fsync(opened.fileno())
