"""A checkpoint: somebody's signature (Ed25519, RFC 8032) under the root that a log had at a size.

Whoever keeps one can tell later whether the log still begins as it did. Does not know files or clocks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from freehold.errors import FreeholdError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_ROOT = re.compile(r"[0-9a-f]{64}")
_KEY = _ROOT
_SIGNATURE = re.compile(r"[0-9a-f]{128}")
_LINE = re.compile(r"[^\n]{1,200}")


class CheckpointError(FreeholdError):
    """This is no checkpoint, or no key to sign one with."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`origin` names the log, `time` is ISO 8601 in UTC; root, key and signature are in hex."""

    origin: str
    tree_size: int
    root: str
    time: str
    public_key: str
    signature: str

    @classmethod
    def parse(cls, said: Mapping[str, Any]) -> Checkpoint:
        """From the JSON object that `shape` makes. Raises `CheckpointError` for anything else."""
        size = said.get("tree_size")
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise CheckpointError("its tree_size is not a whole number")
        parts = []
        for name, pattern in _PATTERNS.items():
            value = said.get(name)
            if not isinstance(value, str) or not pattern.fullmatch(value):
                raise CheckpointError(f"its {name} is not what a checkpoint has there")
            parts.append(value)
        origin, root, time, public_key, signature = parts
        return cls(origin, size, root, time, public_key, signature)

    def shape(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "origin": self.origin,
            "tree_size": self.tree_size,
            "root": self.root,
            "time": self.time,
            "public_key": self.public_key,
            "signature": self.signature,
        }

    def signed(self) -> bytes:
        """The bytes under the signature: five lines, so that anyone can rebuild them."""
        return _signed(self.origin, self.tree_size, self.root, self.time)

    def is_genuine(self) -> bool:
        """Whether `public_key` signed it. Whose key that is, only its keeper knows."""
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - loaded where needed
        from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415 - likewise
            Ed25519PublicKey,
        )

        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.public_key))
            key.verify(bytes.fromhex(self.signature), self.signed())
        except (InvalidSignature, ValueError):
            return False
        return True


_PATTERNS = {"origin": _LINE, "root": _ROOT, "time": _LINE, "public_key": _KEY, "signature": _SIGNATURE}


class SigningKey:
    """An Ed25519 key; made by `create` or `load`. Never part of a repr or an error."""

    __slots__ = ("_key", "public_key")

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public_key = key.public_key().public_bytes_raw().hex()

    @classmethod
    def create(cls) -> SigningKey:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415 - loaded where needed
            Ed25519PrivateKey,
        )

        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, pem: bytes) -> SigningKey:
        """From an unencrypted PEM, as `pem` or `openssl genpkey -algorithm ed25519` writes it.

        Raises `CheckpointError` for anything else.
        """
        from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - loaded where needed
        from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415 - likewise
            Ed25519PrivateKey,
        )
        from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - likewise
            load_pem_private_key,
        )

        try:
            key = load_pem_private_key(pem, None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise CheckpointError(
                "it holds no private key in PEM that can be read", hint=_MAKE_ONE
            ) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise CheckpointError("it holds a private key, but not an Ed25519 one", hint=_MAKE_ONE)
        return cls(key)

    def pem(self) -> bytes:
        """PKCS 8, unencrypted."""
        from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - loaded where needed
            Encoding,
            NoEncryption,
            PrivateFormat,
        )

        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def sign(self, origin: str, tree_size: int, root: bytes, time: str) -> Checkpoint:
        signature = self._key.sign(_signed(origin, tree_size, root.hex(), time))
        return Checkpoint(origin, tree_size, root.hex(), time, self.public_key, signature.hex())


_MAKE_ONE = "`openssl genpkey -algorithm ed25519` makes one"


def _signed(origin: str, tree_size: int, root: str, time: str) -> bytes:
    return f"freehold audit checkpoint 1\n{origin}\n{tree_size}\n{root}\n{time}\n".encode()
