"""Where a checkpoint goes beside the ledger, so that whoever changes the one does not hold the other.

Knows a file and this machine's syslog; what goes over the network is sent by `notary`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from freehold.audit import Checkpoint
from freehold.cli.user_file import text_of
from freehold.config import AuditSettings
from freehold.errors import ConfigError, FreeholdError


def as_line(checkpoint: Checkpoint) -> str:
    """A checkpoint as one line of JSON."""
    return json.dumps(checkpoint.shape())


def write_down(checkpoint: Checkpoint, audit: AuditSettings) -> None:
    """In the file and the syslog that the config names. Raises `ConfigError` where the file takes nothing."""
    if audit.checkpoint_syslog:
        import syslog  # noqa: PLC0415 - where it is asked for

        syslog.openlog("freehold", 0, syslog.LOG_AUTH)
        syslog.syslog(syslog.LOG_NOTICE, f"checkpoint {as_line(checkpoint)}")
    if audit.checkpoint_file is not None:
        _append(audit.checkpoint_file, as_line(checkpoint) + "\n")


def _append(file: Path, text: str) -> None:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, text.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise ConfigError("audit.checkpoint_file", f"{file}: {error.strerror}") from error


def read_checkpoints(file: Path) -> list[Checkpoint]:
    """Those in a file: one JSON object, or one a line. Raises `ConfigError` for anything else."""
    text = text_of(file)
    try:
        said = [json.loads(text)]
    except ValueError:
        said = _lines(text, file)
    found = []
    for number, value in enumerate(said, start=1):
        if not isinstance(value, dict):
            raise ConfigError("", f"{file}: entry {number} is not a checkpoint", hint=_WRITES)
        try:
            found.append(Checkpoint.parse(value))
        except FreeholdError as error:
            raise ConfigError(
                "", f"{file}: entry {number} is not a checkpoint: {error.message}", hint=_WRITES
            ) from error
    if not found:
        raise ConfigError("", f"{file} holds no checkpoint", hint=_WRITES)
    return found


_WRITES = "`freehold audit checkpoint --json` prints one"


def _lines(text: str, file: Path) -> list[object]:
    lines = text.splitlines()
    if text and not text.endswith("\n"):
        lines.pop()  # a last line that was not finished
    try:
        return [json.loads(line) for line in lines if line.strip()]
    except ValueError as error:
        raise ConfigError("", f"{file} holds no checkpoints", hint=_WRITES) from error
