"""A seccomp filter through ctypes: which system calls this thread, and those it starts, may still make.

It closes what Landlock leaves open: datagrams, Unix sockets, running programs, looking into other
processes. A forbidden call fails with EPERM; nothing is killed. Knows nothing of models. Source:
linux/seccomp.h, linux/filter.h and the kernel's system call tables.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_PR_SET_SECCOMP: Final = 22
_MODE_FILTER: Final = 2

_LOAD: Final = 0x20  # BPF_LD | BPF_W | BPF_ABS
_AND: Final = 0x54  # BPF_ALU | BPF_AND | BPF_K
_EQUAL: Final = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_AT_LEAST: Final = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_RETURN: Final = 0x06  # BPF_RET | BPF_K

_ALLOW: Final = 0x7FFF0000
_DENY: Final = 0x00050000 | errno.EPERM

_NUMBER: Final = 0  # offsets into struct seccomp_data
_ARCHITECTURE: Final = 4
_ARGUMENTS: Final = 16

_IPV4: Final = 2  # AF_INET
_IPV6: Final = 10  # AF_INET6
_STREAM: Final = 1  # SOCK_STREAM
_SOCKET_TYPE_BITS: Final = 0xF  # above them stand SOCK_CLOEXEC and SOCK_NONBLOCK
_X32_BIT: Final = 0x4000_0000


@dataclass(frozen=True, slots=True)
class _Machine:
    """One architecture: its audit number, the calls whose arguments count, and those denied outright.

    Denied: connect, sendmsg, sendmmsg, execve, execveat, ptrace, process_vm_readv, process_vm_writev,
    io_uring_setup, bpf, mount, unshare, setns.
    """

    audit: int
    socket: int
    sendto: int
    denied: tuple[int, ...]


_MACHINES: Final = MappingProxyType(
    {
        "x86_64": _Machine(
            audit=0xC000003E,
            socket=41,
            sendto=44,
            denied=(42, 46, 307, 59, 322, 101, 310, 311, 425, 321, 165, 272, 308),
        ),
        "aarch64": _Machine(
            audit=0xC00000B7,
            socket=198,
            sendto=206,
            denied=(203, 211, 269, 221, 281, 117, 270, 271, 425, 280, 40, 97, 268),
        ),
    }
)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def restrict() -> None:
    """Put the filter on this thread. Raises OSError where it cannot be; needs no_new_privs."""
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        raise OSError(f"no seccomp filter is written for {platform.machine()}")
    code = _filter(machine)
    program = _Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the kernel refused the seccomp filter")


def _filter(machine: _Machine) -> bytes:
    """Return the program: TCP sockets that listen are allowed, all other ways out are not."""
    steps = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, machine.audit, 1, 0),
        _step(_RETURN, _DENY),
        _step(_LOAD, _NUMBER),
        *_deny_when(_AT_LEAST, _X32_BIT),
    ]
    for number in machine.denied:
        steps += _deny_when(_EQUAL, number)
    steps += _only_tcp(machine.socket)
    steps += _only_without_address(machine.sendto)
    steps.append(_step(_RETURN, _ALLOW))
    return b"".join(steps)


def _only_tcp(number: int) -> list[bytes]:
    """`socket(family, type)`: the family must be IPv4 or IPv6 and the type a stream."""
    body = [
        _step(_LOAD, _ARGUMENTS),
        _step(_EQUAL, _IPV4, 2, 0),
        _step(_EQUAL, _IPV6, 1, 0),
        _step(_RETURN, _DENY),
        _step(_LOAD, _ARGUMENTS + 8),
        _step(_AND, _SOCKET_TYPE_BITS),
        _step(_EQUAL, _STREAM, 1, 0),
        _step(_RETURN, _DENY),
        _step(_RETURN, _ALLOW),
    ]
    return [_step(_EQUAL, number, 0, len(body)), *body]


def _only_without_address(number: int) -> list[bytes]:
    """`sendto(…, address)`: the address (fifth argument, both halves) must be null, as `send` leaves it."""
    address = _ARGUMENTS + 4 * 8
    body = [
        _step(_LOAD, address),
        _step(_EQUAL, 0, 1, 0),
        _step(_RETURN, _DENY),
        _step(_LOAD, address + 4),
        _step(_EQUAL, 0, 1, 0),
        _step(_RETURN, _DENY),
        _step(_RETURN, _ALLOW),
    ]
    return [_step(_EQUAL, number, 0, len(body)), *body]


def _deny_when(test: int, value: int) -> list[bytes]:
    return [_step(test, value, 0, 1), _step(_RETURN, _DENY)]


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
