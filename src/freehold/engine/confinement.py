"""Gives up every right the engine's child does not need, before it meets weights or requests.

To be called by the child in its only thread, after all imports: kernel restrictions bind the calling thread
and those it starts, and afterwards no Python module can be read any more. Knows Linux, not models.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from freehold.engine import landlock, seccomp

_CAPABILITY_VERSION: Final = 0x20080522
_KEPT_CAPABILITIES: Final = 1 << 2  # CAP_DAC_READ_SEARCH: root may read weights that belong to somebody else

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_PR_SET_NO_NEW_PRIVS: Final = 38

_NET_ABI: Final = 4

_READABLE: Final = (
    Path("/proc/cpuinfo"),
    Path("/proc/meminfo"),
    Path("/sys/devices/system"),
    Path("/dev/urandom"),
)
_DEVICES: Final = (Path("/dev/null"),)
_GPU_READABLE: Final = tuple(map(Path, ("/usr", "/lib", "/lib64", "/opt", "/etc", "/proc", "/sys")))
_GPU_DEVICES: Final = (Path("/dev"),)


@dataclass(frozen=True, slots=True)
class Confinement:
    """What the kernel now enforces. `missing` holds one sentence for each thing that it does not."""

    files: bool
    connections: bool
    missing: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        return self.files and self.connections


def confine(weights: Sequence[Path], *, parent_pid: int, gpu: bool = False) -> Confinement:
    """Confine this process to reading `weights`, computing, and answering on a loopback port.

    No file can be written and no other one read, nothing can be connected to or executed, the process dies
    with `parent_pid`, dumps no core and gains no rights. With `gpu` the drivers' files and devices stay
    usable. What the kernel cannot enforce is reported, not raised.
    """
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform != "linux":
        return Confinement(files=False, connections=False, missing=(f"{sys.platform} has no Landlock",))
    _die_with(parent_pid)
    _drop_capabilities()
    _prctl(_PR_SET_DUMPABLE, 0)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    if len(list(Path("/proc/self/task").iterdir())) > 1:
        return Confinement(files=False, connections=False, missing=("threads were already running",))
    return _restrict(weights, gpu=gpu)


def _restrict(weights: Sequence[Path], *, gpu: bool) -> Confinement:
    missing = []
    version = 0
    readable = (*weights, *_READABLE, *(_GPU_READABLE if gpu else ()))
    try:
        version = landlock.restrict(readable, _GPU_DEVICES if gpu else _DEVICES)
    except OSError as error:
        missing.append(f"Landlock: {error}")
    filtered = True
    try:
        seccomp.restrict()
    except OSError as error:
        filtered = False
        missing.append(f"seccomp: {error}")
    return Confinement(version > 0, filtered or version >= _NET_ABI, tuple(missing))


def _die_with(parent_pid: int) -> None:
    """Ask for SIGKILL at the parent's death, and look whether it has died already."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        os._exit(0)


def _drop_capabilities() -> None:
    """Give up root's powers, if we have any. Source: capset(2); two sets of 32 bits each."""
    header = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
    held = ctypes.create_string_buffer(24)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.capget(header, held)
    kept = struct.unpack("=6I", held.raw)[1] & _KEPT_CAPABILITIES
    if libc.capset(header, struct.pack("=6I", kept, kept, 0, 0, 0, 0)) != 0:
        raise OSError(ctypes.get_errno(), "capabilities could not be given up")


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
