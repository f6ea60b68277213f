"""Where weights are from, in a small file of JSON beside them. Does not know how they came."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from freehold import __version__

SUFFIX: Final = ".source.json"
_IN_FOLDER: Final = "source.json"


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its name here, its path and address there, its checksum and size."""

    file: str
    path: str
    url: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where one model is from. `revision` is a commit of `repo`; `licence` None: the hub names none.

    `pulled_at` is in ISO 8601, UTC. `freehold` is the version that fetched it.
    """

    repo: str
    revision: str
    page: str
    licence: str | None
    quantisation: str | None
    pulled_at: str
    files: tuple[Source, ...]
    freehold: str = __version__


def write_provenance(provenance: Provenance, first: Path, *, is_folder: bool) -> Path:
    """Write it beside `first`, the model's first file, or into its folder, over an older one; the path."""
    path = _path(first, is_folder=is_folder)
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(json.dumps(asdict(provenance), indent=2, ensure_ascii=False) + "\n", "utf-8")
    fresh.replace(path)
    return path


def pulled_from(weights: Path) -> Provenance | None:
    """Where the weights at `weights` were pulled from, None where nothing says it."""
    for path in (_path(weights, is_folder=False), _path(weights, is_folder=True)):
        try:
            said = json.loads(path.read_text("utf-8"))
            files = tuple(Source(**file) for file in said.pop("files"))
            return Provenance(**said, files=files)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            continue
    return None


def moment(now: datetime) -> str:
    return now.isoformat(timespec="seconds").replace("+00:00", "Z")


def _path(first: Path, *, is_folder: bool) -> Path:
    return first.with_name(_IN_FOLDER) if is_folder else first.with_name(first.name + SUFFIX)


def free_bytes(folder: Path) -> int:
    """The room on the disk that `folder` is on, or will be on."""
    there = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
    disk = os.statvfs(there)
    return disk.f_bavail * disk.f_frsize


def total_bytes(files: Sequence[Path]) -> int:
    """The size of those of the files that are there."""
    return sum(file.stat().st_size for file in files if file.exists())
