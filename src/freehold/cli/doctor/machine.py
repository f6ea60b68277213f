"""This machine: room on its disks, who may read our files, a free port, llama.cpp. Asks nobody."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from freehold.cli import llama_cpp
from freehold.cli.doctor.report import Check, Group
from freehold.config import Settings
from freehold.engine import resolve_weights
from freehold.errors import ConfigError
from freehold.gateway import bind

_GROUP = Group("machine")
_TOO_LITTLE_BYTES = 100 << 20
_LITTLE_BYTES = 1 << 30


def check_files(settings: Settings) -> Iterator[Check]:
    """Room where the ledger and the weights are, and the permissions of what is private."""
    yield from _disks(settings)
    yield from _private(settings)


def _disks(settings: Settings) -> Iterator[Check]:
    seen: set[int] = set()
    for what, folder in _folders(settings):
        if not folder.is_dir():
            yield _GROUP.bad("disk", f"{folder}, where {what}, is not a folder", f"mkdir -p {folder}")
            continue
        if what == "the ledger is" and not os.access(folder, os.W_OK):
            yield _GROUP.bad("disk", f"{folder}, where {what}, cannot be written")
        device = folder.stat().st_dev
        if device not in seen:
            seen.add(device)
            yield _room(what, folder)


def _folders(settings: Settings) -> Iterator[tuple[str, Path]]:
    yield "the ledger is", settings.ledger.path.absolute().parent
    for name, model in settings.models.items():
        if model.weights is None:
            continue
        try:
            yield f"the weights of {name} are", resolve_weights(model.weights, settings.base).parent
        except ConfigError:
            continue  # told where the model is looked at


def _room(what: str, folder: Path) -> Check:
    usage = shutil.disk_usage(folder)
    said = f"{_gib(usage.free)} free of {_gib(usage.total)} where {what}"
    if usage.free < _TOO_LITTLE_BYTES:
        return _GROUP.bad("disk", said, "free some space: nothing can be recorded on a full disk")
    if usage.free < _LITTLE_BYTES:
        return _GROUP.odd("disk", said, "free some space before it is full")
    return _GROUP.good("disk", said)


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f} GiB"


def _private(settings: Settings) -> Iterator[Check]:
    for name, model in settings.models.items():
        if model.key_file is not None:
            yield from _readable(model.key_file, f"the key of {name}")
    yield from _readable(settings.ledger.path, "the ledger")
    mode = _mode(settings.path)
    if mode is not None and mode & stat.S_IWOTH:
        said = f"everybody on this machine may change {settings.path}, and so where requests go"
        yield _GROUP.bad("permissions", said, f"chmod o-w {settings.path}")


def _readable(file: Path, what: str) -> Iterator[Check]:
    mode = _mode(file)
    if mode is None:
        return
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        said = f"everybody on this machine may read {what} ({file}, mode {stat.S_IMODE(mode):o})"
        yield _GROUP.bad("permissions", said, f"chmod 600 {file}")
    else:
        yield _GROUP.good("permissions", f"{what} is not for everybody to read")


def _mode(file: Path) -> int | None:
    try:
        return file.stat().st_mode
    except OSError:
        return None


def check_port(settings: Settings) -> Check:
    """Whether the gateway could listen; call it where none runs."""
    group = Group("gateway")
    host, port = settings.server.host, settings.server.port
    try:
        bind(host, port).close()
    except OSError as error:
        hint = "name an address of this machine: [server] host"
        if error.errno == errno.EADDRINUSE:
            hint = "another program uses it, maybe another Freehold; choose one with [server] port, or --port"
        return group.bad("port", f"cannot listen on {host}:{port}: {error.strerror or error}", hint)
    return group.good("port", f"{host}:{port} is free" if port else "any free port is taken")


async def check_llama_cpp(seconds: float) -> Check:
    """Whether llama.cpp can be loaded, tried in a process of its own: a wheel for another processor dies."""
    if not llama_cpp.is_installed():
        return _GROUP.bad("llama.cpp", "it is not installed, and a model needs it", llama_cpp.INSTALL)
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "import xllamacpp"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(seconds):
            _, told = await child.communicate()
    except TimeoutError:
        child.kill()
        await child.wait()
        return _GROUP.bad("llama.cpp", f"loading it took more than {seconds:g} seconds")
    if child.returncode == 0:
        return _GROUP.good("llama.cpp", "it is installed and loads")
    last = told.decode("utf-8", "replace").strip().rpartition("\n")[2] or f"exit code {child.returncode}"
    return _GROUP.bad("llama.cpp", f"it is installed and does not load: {last}", llama_cpp.INSTALL)
