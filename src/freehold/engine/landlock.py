"""Landlock through ctypes: which files and TCP calls this thread, and those it starts, may still use.

Knows the kernel's interface and nothing of models. Source: linux/landlock.h and
https://docs.kernel.org/userspace-api/landlock.html; system call numbers are the same on every architecture.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_CREATE_RULESET: Final = 444
_ADD_RULE: Final = 445
_RESTRICT_SELF: Final = 446
_VERSION_FLAG: Final = 1
_RULE_PATH: Final = 1
_RULE_PORT: Final = 2

_WRITE_FILE: Final = 1 << 1
_READ_FILE: Final = 1 << 2
_READ_DIR: Final = 1 << 3
_IOCTL_DEV: Final = 1 << 15
_FILE_RIGHTS: Final = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""ABI version → every right over files that the kernel knows from then on; all are taken away."""

_BIND_TCP: Final = 1
_CONNECT_TCP: Final = 2
_NET_ABI: Final = 4
_SCOPE_ABI: Final = 6
_SCOPE_SOCKETS_AND_SIGNALS: Final = 0b11


def abi() -> int:
    """Return the kernel's Landlock version, 0 where it has none."""
    return max(_call(_CREATE_RULESET, None, 0, _VERSION_FLAG), 0)


def restrict(readable: Iterable[Path], devices: Iterable[Path]) -> int:
    """Leave this thread only reading of `readable` and use of `devices`; return the ABI version.

    Folders count with all that is in them; paths that do not exist are passed over. From ABI 4 on TCP may
    neither connect nor bind to a chosen port: only a port that the kernel picks. From ABI 6 on no signal
    and no abstract socket reaches beyond the process. Raises OSError if the kernel refuses; needs
    no_new_privs.
    """
    version = abi()
    if version < 1:
        raise OSError("the kernel has no Landlock")
    with _ruleset(version) as ruleset:
        for path in readable:
            _allow(ruleset, path, _READ_FILE | _READ_DIR)
        for path in devices:
            device = _IOCTL_DEV if version >= 5 else 0
            _allow(ruleset, path, _READ_FILE | _READ_DIR | _WRITE_FILE | device)
        if version >= _NET_ABI:
            _checked(_ADD_RULE, ruleset, _RULE_PORT, struct.pack("=QQ", _BIND_TCP, 0), 0)
        _checked(_RESTRICT_SELF, ruleset, 0)
    return version


@contextmanager
def _ruleset(version: int) -> Iterator[int]:
    files = _FILE_RIGHTS[max(known for known in _FILE_RIGHTS if known <= version)]
    net = _BIND_TCP | _CONNECT_TCP if version >= _NET_ABI else 0
    scope = _SCOPE_SOCKETS_AND_SIGNALS if version >= _SCOPE_ABI else 0
    fields = [files, *([net] if version >= _NET_ABI else []), *([scope] if version >= _SCOPE_ABI else [])]
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    descriptor = _checked(_CREATE_RULESET, attributes, len(attributes), 0)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= ~_READ_DIR
        _checked(_ADD_RULE, ruleset, _RULE_PATH, struct.pack("=Qi", rights, descriptor), 0)
    finally:
        os.close(descriptor)


def _checked(number: int, *arguments: int | bytes | None) -> int:
    result = _call(number, *arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def _call(number: int, *arguments: int | bytes | None) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    widened = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    return int(libc.syscall(ctypes.c_long(number), *widened))
