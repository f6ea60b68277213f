"""What a hub says of a repository, read out of its JSON: files with sizes and checksums, licence. Pure.

Everything here was written by strangers: names are checked before they become paths, words before they are
shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_SHA1: Final = re.compile(r"[0-9a-f]{40}")
_MOST_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Checksum:
    """`sha256` of the bytes, or `git`: SHA-1 of `blob SIZE`, NUL and the bytes, as git names them."""

    kind: Literal["sha256", "git"]
    digest: str


@dataclass(frozen=True, slots=True)
class HubFile:
    """One file of a repository. `checksum` None: the hub gives none that we know."""

    path: str
    bytes: int
    checksum: Checksum | None

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Repo:
    """A repository at one commit. `parameters` is what its safetensors headers add up to."""

    name: str
    commit: str
    licence: str | None
    files: tuple[HubFile, ...]
    parameters: int | None = None


def read_repo(name: str, info: Mapping[str, Any], tree: Iterable[Any]) -> Repo:
    """From `/api/models/NAME` and its tree. Raises ValueError where they are not of that shape."""
    commit = info.get("sha")
    if not isinstance(commit, str) or not _SHA1.fullmatch(commit):
        raise ValueError("it names no commit")
    return Repo(
        name=name,
        commit=commit,
        licence=_licence(info),
        files=tuple(file for entry in tree if (file := _file(entry)) is not None),
        parameters=_parameters(info),
    )


def _file(entry: Any) -> HubFile | None:
    if not isinstance(entry, Mapping) or entry.get("type") != "file":
        return None
    path, size = entry.get("path"), entry.get("size")
    if not isinstance(path, str) or not isinstance(size, int) or size < 0 or not is_safe(path):
        return None
    return HubFile(path, size, _checksum(entry))


def is_safe(path: str) -> bool:
    """Whether a path can be followed and shown as it is: no way up, nothing hidden, nothing unprintable."""
    parts = path.split("/")
    return (
        path.isprintable()
        and "\\" not in path
        and all(part and not part.startswith(".") and len(part.encode()) <= 200 for part in parts)
    )


def _checksum(entry: Mapping[str, Any]) -> Checksum | None:
    large = entry.get("lfs")
    if isinstance(large, Mapping):
        digest = str(large.get("oid", large.get("sha256", ""))).removeprefix("sha256:")
        return Checksum("sha256", digest) if _SHA256.fullmatch(digest) else None
    digest = str(entry.get("oid", ""))
    return Checksum("git", digest) if _SHA1.fullmatch(digest) else None


def _licence(info: Mapping[str, Any]) -> str | None:
    """The licence in the card's own words, with the name behind "other" where there is one."""
    card = info.get("cardData")
    said = card if isinstance(card, Mapping) else {}
    tags = info.get("tags")
    tagged = (
        (str(tag).removeprefix("license:") for tag in tags if str(tag).startswith("license:"))
        if isinstance(tags, list)
        else iter(())
    )
    licence = said.get("license") or next(tagged, None)
    words = (
        licence
        if isinstance(licence, list)
        else [licence, said.get("license_name"), said.get("license_link")]
    )
    shown = " ".join(dict.fromkeys(_shown(word) for word in words if isinstance(word, str)))
    return shown or None


def _shown(text: str) -> str:
    """Words of strangers on one line, without anything that a terminal would obey."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:_MOST_SHOWN].strip()


def _parameters(info: Mapping[str, Any]) -> int | None:
    tensors = info.get("safetensors")
    total = tensors.get("total") if isinstance(tensors, Mapping) else None
    return total if isinstance(total, int) and total > 0 else None
