"""The engine's child: `python -m freehold.engine.child`, started and watched by `freehold.engine.process`.

Reads one job on stdin, gives up its rights, loads the weights, and reports on stdout until stdin closes.
Knows neither configuration nor environment: the parent hands it both, and hardly any of the second.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

from freehold.engine import llama
from freehold.engine.confinement import Confinement, confine
from freehold.engine.messages import Failed, Health, Ready, Report, decode_job, encode_report
from freehold.engine.weights import shards

HEALTH_SECONDS = 2.0
_STATM = Path("/proc/self/statm")


class Mouth:
    """The pipe to the parent. Taken away from everybody else: what others print to stdout goes to stderr."""

    def __init__(self) -> None:
        self._descriptor = os.dup(sys.stdout.fileno())
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def say(self, report: Report) -> None:
        try:
            os.write(self._descriptor, encode_report(report))
        except BrokenPipeError:
            os._exit(0)


def main() -> int:
    """Run until stdin closes. Returns 1 if the model could not be started."""
    job = decode_job(sys.stdin.buffer.readline())
    mouth = Mouth()
    try:
        wheel = llama.load_wheel()
    except ImportError as error:
        mouth.say(Failed(f"llama.cpp is not installed ({error})", 'pip install "freehold[own]"'))
        return 1
    memory = _open_statm()
    confinement = confine(shards(Path(job.weights)), parent_pid=job.parent_pid, gpu=job.gpu_layers > 0)
    threading.Thread(target=_exit_with_stdin, daemon=True).start()
    try:
        server = llama.serve(wheel, job)
    except RuntimeError as error:
        mouth.say(Failed(str(error)))
        return 1
    mouth.say(_ready(server, confinement))
    _report_health(server, mouth, memory)
    return 0


def _ready(server: llama.Server, confinement: Confinement) -> Ready:
    port = urlsplit(server.listening_address).port
    return Ready(port or 0, confinement.complete, "; ".join(confinement.missing) or None)


def _report_health(server: llama.Server, mouth: Mouth, memory: int | None) -> None:
    while True:
        busy, waiting = llama.load(server)
        mouth.say(Health(busy, waiting, _resident_bytes(memory)))
        time.sleep(HEALTH_SECONDS)


def _open_statm() -> int | None:
    """Open the kernel's account of our memory while files can still be opened."""
    try:
        return os.open(_STATM, os.O_RDONLY)
    except OSError:
        return None


def _resident_bytes(memory: int | None) -> int:
    if memory is None:
        return 0
    return int(os.pread(memory, 200, 0).split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _exit_with_stdin() -> None:
    """Leave at once when the parent closes the pipe, or dies: there is nothing to save."""
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
