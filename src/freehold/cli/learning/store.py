"""The folder of fingerprints beside the ledger, and the secret that they are made with.

Knows file names and access rights, not what is in a file.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Final

from freehold.errors import FreeholdError
from freehold.privacy import KEY_BYTES

_SUFFIX: Final = ".fingerprints"
_NAME_BYTES: Final = 8


class StoreError(FreeholdError):
    """The folder or the secret cannot be read or written."""


class Store:
    """What stands beside the ledger at `ledger`: `<ledger>.learned/` and `<ledger>.learning-key`."""

    def __init__(self, ledger: Path) -> None:
        self.folder = ledger.with_name(f"{ledger.name}.learned")
        self.key_file = ledger.with_name(f"{ledger.name}.learning-key")

    def key(self) -> bytes:
        """The secret. Raises `StoreError` where it is missing or no key."""
        try:
            key = bytes.fromhex(self.key_file.read_text("ascii").strip())
        except OSError as error:
            raise StoreError(
                f"{self.key_file}: {error.strerror}",
                hint="restore it from a backup, or learn every source again",
            ) from error
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            raise StoreError(f"{self.key_file} holds no key", hint="restore it from a backup")
        return key

    def make_key(self) -> bytes:
        """The secret, made where there is none and nothing that needs it, for its owner's eyes alone."""
        if not self.key_file.exists() and not any(self.files()):
            try:
                descriptor = os.open(
                    self.key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600
                )
            except FileExistsError:
                return self.key()  # somebody else was first
            except OSError as error:
                raise StoreError(f"{self.key_file}: {error.strerror}") from error
            with os.fdopen(descriptor, "w") as opened:
                opened.write(secrets.token_hex(KEY_BYTES) + "\n")
                opened.flush()
                os.fsync(opened.fileno())
        return self.key()

    def files(self) -> Iterator[Path]:
        """Every file of fingerprints."""
        if self.folder.is_dir():
            yield from sorted(self.folder.glob(f"*{_SUFFIX}"))

    def file_of(self, name: str) -> Path:
        """Where the fingerprints of a source of that name are."""
        digest = blake2b(name.encode("utf-8", "surrogateescape"), digest_size=_NAME_BYTES).hexdigest()
        return self.folder / f"{digest}{_SUFFIX}"

    def prepare(self, name: str, packed: bytes) -> Path:
        """Write a source beside its place, where nobody looks for it."""
        beside = self.file_of(name).with_suffix(f".{os.getpid()}.new")
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(packed)
                opened.flush()
                os.fsync(opened.fileno())
        except OSError as error:
            raise StoreError(
                f"{beside}: {error.strerror}", hint="the ledger's folder must be writable"
            ) from error
        return beside

    def place(self, beside: Path, name: str) -> Path:
        """Put what was prepared in its place, at once."""
        file = self.file_of(name)
        try:
            beside.replace(file)
        except OSError as error:
            raise StoreError(f"{file}: {error.strerror}") from error
        return file

    def remove(self, file: Path) -> None:
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"{file}: {error.strerror}") from error
