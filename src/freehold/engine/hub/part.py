"""A file while it is fetched: it grows under the name of its content, is checked, and only then gets its own.

Does not know where the bytes come from.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import hashlib
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from freehold.engine.hub.address import HubError
from freehold.engine.hub.listing import Checksum

_READ_BYTES = 1 << 20


class PartFile:
    """`NAME.DIGEST.part` beside its target, locked; a context manager. `size` bytes are there.

    The name holds the digest of what it is to become, so that a part is never continued with other content.
    Whatever ends the process leaves it as it is; the next run goes on from there.
    """

    def __init__(self, target: Path, total_bytes: int, checksum: Checksum) -> None:
        self.path = part_path(target, checksum)
        self.size = 0
        self._target = target
        self._total_bytes = total_bytes
        self._checksum = checksum
        self._descriptor = -1
        self._sha256 = hashlib.sha256()
        self._git = _git_hash(total_bytes)

    def __enter__(self) -> Self:
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._descriptor)
            raise HubError(
                f"another process is fetching {self._target.name} here", hint="wait for it"
            ) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)

    async def take_up(self) -> None:
        """Begin where an earlier run has ended: hash what it has left."""
        while piece := os.read(self._descriptor, _READ_BYTES):
            self._hash(piece)
            self.size += len(piece)
            await asyncio.sleep(0)  # so that Ctrl-C is heard
        if self.size > self._total_bytes:
            self.restart()

    def write(self, piece: bytes) -> None:
        """Append. Raises HubError where the disk is full."""
        left = memoryview(piece)
        while left:
            try:
                written = os.write(self._descriptor, left)
            except OSError as error:
                raise _unwritable(self.path, error) from error
            self._hash(left[:written])
            left = left[written:]
        self.size += len(piece)

    def restart(self) -> None:
        """From the first byte again."""
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        self.size = 0
        self._sha256 = hashlib.sha256()
        self._git = _git_hash(self._total_bytes)

    @property
    def is_right(self) -> bool:
        """Whether what is there has the checksum that it should have."""
        made = self._sha256 if self._checksum.kind == "sha256" else self._git
        return self.size == self._total_bytes and made.hexdigest() == self._checksum.digest

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    def finish(self) -> None:
        """Give it its name, once it is on the disk: at no moment does half a file stand under that name."""
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            raise _unwritable(self.path, error) from error
        self.path.replace(self._target)
        folder = os.open(self._target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)

    def _hash(self, piece: bytes | memoryview) -> None:
        self._sha256.update(piece)
        if self._checksum.kind == "git":
            self._git.update(piece)


def part_path(target: Path, checksum: Checksum) -> Path:
    return target.with_name(f"{target.name}.{checksum.digest[:12]}.part")


def discard_stale_parts(target: Path, checksum: Checksum) -> None:
    """Remove parts of what this file was at another commit: nothing will ever complete them."""
    current = part_path(target, checksum)
    for part in target.parent.glob(f"{_literal(target.name)}.*.part"):
        if part != current:
            part.unlink(missing_ok=True)


def size_of(path: Path) -> int | None:
    """The size of the file at `path` in bytes, None where there is none."""
    return path.stat().st_size if path.exists() else None


async def digests(path: Path, size: int, kind: str) -> dict[str, str]:
    """The SHA-256 of a file of `size` bytes, and its checksum of that `kind`, in hex."""
    sha256, git = hashlib.sha256(), _git_hash(size)
    with path.open("rb") as file:
        while piece := file.read(_READ_BYTES):
            sha256.update(piece)
            if kind == "git":
                git.update(piece)
            await asyncio.sleep(0)  # so that Ctrl-C is heard
    return {"sha256": sha256.hexdigest(), "git": git.hexdigest()}


def _git_hash(size: int) -> hashlib._Hash:
    """How git names a file's content (gitformat: `blob SIZE`, NUL, content); it guards no secret."""
    return hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)


def _literal(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _unwritable(path: Path, error: OSError) -> HubError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return HubError("the disk is full", hint=f"{path} is kept; make room, and the same command goes on")
    return HubError(f"{path} cannot be written: {error.strerror}")
