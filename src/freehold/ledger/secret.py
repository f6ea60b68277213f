"""The ledger's secret: 32 random bytes in a file beside it, from which its working keys are derived.

With the ledger alone, without this file, stored content cannot be read and pseudonyms cannot be guessed at.
Does not know what the keys are used for.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
from pathlib import Path

from freehold.ledger.faults import LedgerError
from freehold.ledger.journal import sync_folder

_SECRET_BYTES = 32
_HEX = re.compile(rb"[0-9a-f]{64}\n?")


class Secret:
    """Derives keys by name. Never part of a repr."""

    __slots__ = ("_root",)

    def __init__(self, root: bytes) -> None:
        self._root = root

    @classmethod
    def beside(cls, ledger: Path, *, create: bool = False) -> Secret:
        """That of the ledger at this path; with `create` it is made if there is none.

        Raises `LedgerError` where there is none, or none that can be read.
        """
        file = secret_file(ledger)
        if create and not file.exists():
            _make(file)
        try:
            text = file.read_bytes()
        except OSError as error:
            raise LedgerError(
                f"{file}: {error.strerror}",
                hint="stored content cannot be read without it; put it back from where it was kept",
            ) from error
        if not _HEX.fullmatch(text):
            raise LedgerError(
                f"{file} does not hold a ledger's secret",
                hint="put it back from where it was kept: stored content cannot be read without it",
            )
        return cls(bytes.fromhex(text.decode()))

    def key(self, name: str) -> bytes:
        """32 bytes for one purpose."""
        return hmac.digest(self._root, name.encode(), "sha256")


def secret_file(ledger: Path) -> Path:
    return ledger.with_name(f"{ledger.name}.secret")


def _make(file: Path) -> None:
    """Written beside its name and then linked to it: never half a secret, never one over another."""
    draft = file.with_name(f"{file.name}.new-{secrets.token_hex(4)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        descriptor = os.open(draft, flags, 0o600)
        try:
            os.write(descriptor, secrets.token_hex(_SECRET_BYTES).encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        try:
            os.link(draft, file)
        except FileExistsError:
            return  # somebody else was first
        finally:
            draft.unlink()
        sync_folder(file.parent)
    except OSError as error:
        raise LedgerError(
            f"{file}: {error.strerror}", hint="check that the ledger's folder is writable"
        ) from error
