"""From a name to weights on the disk: look, choose, make sure of room, fetch, check, remember."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from freehold.engine.hub.address import Hub, HubError
from freehold.engine.hub.choice import Choice, choose, gigabytes
from freehold.engine.hub.download import download
from freehold.engine.hub.listing import HubFile, Repo
from freehold.engine.hub.name import ModelName
from freehold.engine.hub.part import part_path
from freehold.engine.hub.patience import Patience
from freehold.engine.hub.progress import Chosen, Tell
from freehold.engine.hub.provenance import (
    Provenance,
    Source,
    free_bytes,
    moment,
    total_bytes,
    write_provenance,
)
from freehold.engine.hub.remote import file_url, look

SPARE_BYTES: Final = 256 << 20
"""What a disk must keep beside the weights: a full one stops more than a download."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """A model that is here. `path` is its GGUF, the first of several, or the folder of its safetensors."""

    path: Path
    choice: Choice
    provenance: Provenance
    record: Path


async def pull(
    hub: Hub,
    name: ModelName,
    into: Path,
    tell: Tell,
    *,
    patience: Patience | None = None,
    room: Callable[[Path], int] = free_bytes,
) -> Pulled:
    """Fetch `name` into the folder `into`; what is there already, whole or in part, is not fetched again.

    Raises FreeholdError where it cannot be, UpstreamError when patience ends; what has come by then stays.
    """
    patience = Patience() if patience is None else patience
    repo = await look(hub, name.repo, patience=patience, tell=tell)
    choice = choose(repo, name.wanted)
    places = _places(repo, choice, into)
    missing = choice.bytes - _there(choice, places)
    tell(Chosen(repo, choice, missing))
    _check_room(missing, into, room)
    folder = next(iter(places.values())).parent
    folder.mkdir(parents=True, exist_ok=True)
    sources = []
    for file, target in places.items():
        url = file_url(hub, repo, file.path)
        sha256 = await download(hub, file, url, target, patience=patience, tell=tell)
        sources.append(Source(target.name, file.path, url, sha256, file.bytes))
    first = next(places[file] for file in choice.weights)
    provenance = Provenance(
        repo=repo.name,
        revision=repo.commit,
        page=hub.url(f"/{repo.name}"),
        licence=repo.licence,
        quantisation=choice.quantisation,
        pulled_at=moment(datetime.now(UTC)),
        files=tuple(sources),
    )
    is_folder = choice.format == "safetensors"
    record = write_provenance(provenance, first, is_folder=is_folder)
    return Pulled(first.parent if is_folder else first, choice, provenance, record)


def _places(repo: Repo, choice: Choice, into: Path) -> dict[HubFile, Path]:
    """Where each file goes: GGUF into the folder itself, safetensors into one of the model's own."""
    folder = into if choice.format == "gguf" else into / repo.name.replace("/", "--")
    return {file: folder / file.name for file in choice.files}


def _there(choice: Choice, places: dict[HubFile, Path]) -> int:
    """Bytes that are here: whole files, and what an earlier run has left of others."""
    parts = [
        part_path(places[file], file.checksum)
        for file in choice.files
        if file.checksum is not None and not places[file].exists()
    ]
    return min(choice.bytes, total_bytes([*places.values(), *parts]))


def _check_room(missing: int, into: Path, room: Callable[[Path], int]) -> None:
    free = room(into)
    if missing and missing + SPARE_BYTES > free:
        raise HubError(
            f"{gigabytes(missing)} are to be fetched, and {into} has {gigabytes(free)} left",
            hint="make room, name another disk with --into, or choose a smaller quantisation",
        )
