"""Which files of a repository to take: one quantisation in GGUF, else the weights in safetensors. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Final, Literal

from freehold.engine.hub.listing import HubFile, Repo
from freehold.engine.sizing.quantisations import bits_per_weight
from freehold.errors import FreeholdError

_PREFERRED: Final = "Q4_K_M"
_SENSIBLE_BITS: Final = 4.0  # below four bits a weight, answers get noticeably worse

_QUANT: Final = re.compile(
    r"(?<![A-Z0-9])(?:UD-)?(?:I?Q\d(?:_[A-Z0-9]+)*|TQ\d_\d|MXFP4(?:_MOE)?|BF16|FP?16|FP?32)(?![A-Z0-9])"
)
_SHARD: Final = re.compile(r"(?P<stem>.*)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf")
_NOT_THE_MODEL: Final = ("mmproj", "imatrix")  # the eye of a model that sees, and a quantiser's notes
_UNSAFE: Final = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".h5", ".msgpack", ".onnx", ".tflite")
_BESIDE: Final = (".json", ".jinja", ".model", ".txt")  # configuration and tokenizer; no code


@dataclass(frozen=True, slots=True)
class Variant:
    """One model of a repository in GGUF, in one file or several. `quantisation` None: its name tells none."""

    quantisation: str | None
    files: tuple[HubFile, ...]

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)

    @property
    def title(self) -> str:
        """How to ask for it."""
        return self.quantisation or self.files[0].path


@dataclass(frozen=True, slots=True)
class Choice:
    """The files to take. `weights` are those among them that hold the model."""

    format: Literal["gguf", "safetensors"]
    quantisation: str | None
    files: tuple[HubFile, ...]

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)

    @property
    def weights(self) -> tuple[HubFile, ...]:
        return tuple(file for file in self.files if file.name.endswith(f".{self.format}"))


def variants(repo: Repo) -> tuple[Variant, ...]:
    """The models in GGUF, smallest first. Raises FreeholdError where parts of one are missing."""
    groups: defaultdict[str, list[HubFile]] = defaultdict(list)
    for file in repo.files:
        name = file.name.lower()
        if name.endswith(".gguf") and not any(word in name for word in _NOT_THE_MODEL):
            shard = _SHARD.fullmatch(file.path)
            groups[shard["stem"] if shard else file.path].append(file)
    found = (_variant(files) for files in groups.values())
    return tuple(sorted(found, key=lambda variant: (variant.bytes, variant.title)))


def choose(repo: Repo, wanted: str | None) -> Choice:
    """The files for `wanted`, a quantisation or a file's name; without it Q4_K_M, else what is sensible.

    Raises FreeholdError where there is nothing to take, and names what there is.
    """
    offered = variants(repo)
    if offered:
        variant = _default(offered) if wanted is None else _asked_for(repo, offered, wanted)
        return Choice("gguf", variant.quantisation, variant.files)
    return _safetensors(repo, wanted)


def _variant(files: list[HubFile]) -> Variant:
    ordered = tuple(sorted(files, key=lambda file: file.path))
    shard = _SHARD.fullmatch(ordered[0].path)
    if shard is not None and len(ordered) != int(shard["count"]):
        raise FreeholdError(
            f"{shard['stem']} is in {int(shard['count'])} parts, and the hub lists {len(ordered)} of them",
            hint="the upload is not complete; ask its author, or name another file after a colon",
        )
    return Variant(quantisation_in(ordered[0].path), ordered)


def quantisation_in(path: str) -> str | None:
    """The quantisation that a file's name tells, or else its folder's: `Q4_K_M`."""
    for part in reversed(path.removesuffix(".gguf").split("/")):
        found = _QUANT.findall(part.upper())
        if found:
            return _spelt(found[-1])
    return None


def _spelt(quantisation: str) -> str:
    return quantisation.upper().replace("FP16", "F16").replace("FP32", "F32")


def _asked_for(repo: Repo, offered: tuple[Variant, ...], wanted: str) -> Variant:
    quantisation = _spelt(wanted)
    matches = [
        variant
        for variant in offered
        if variant.quantisation == quantisation
        or any(wanted in (file.path, file.name) for file in variant.files)
    ]
    if len(matches) == 1:
        return matches[0]
    if matches:
        files = ", ".join(variant.files[0].path for variant in matches)
        raise FreeholdError(
            f"{repo.name} holds {len(matches)} models in {wanted}: {files}",
            hint=f"name one by its file: {repo.name}:{matches[0].files[0].path}",
        )
    there = ", ".join(f"{variant.title} ({gigabytes(variant.bytes)})" for variant in offered)
    raise FreeholdError(f"{repo.name} has no {wanted}", hint=f"there are {there}")


def _default(offered: tuple[Variant, ...]) -> Variant:
    """Q4_K_M, else the smallest of at least four bits a weight, else the largest there is."""
    bits = bits_per_weight()
    preferred = [variant for variant in offered if variant.quantisation == _PREFERRED]
    sensible = [v for v in offered if bits.get(_plain(v.quantisation), 0) >= _SENSIBLE_BITS]
    return next(iter(preferred or sensible), offered[-1])


def _plain(quantisation: str | None) -> str:
    return "" if quantisation is None else quantisation.removeprefix("UD-")


def _safetensors(repo: Repo, wanted: str | None) -> Choice:
    top = [file for file in repo.files if "/" not in file.path]
    tensors = [file for file in top if file.name.endswith(".safetensors")]
    # Some repositories hold the same weights twice: as `model-…` and as their author's own `consolidated…`.
    weights = [file for file in tensors if file.name.startswith("model")] or tensors
    if not weights:
        raise _nothing(repo)
    if wanted is not None:
        raise FreeholdError(
            f"{repo.name} has no {wanted}: it has no GGUF, only safetensors",
            hint=f"`freehold pull {repo.name}` takes those, for vLLM and the like; "
            "quantised copies are often in a repository whose name ends in -GGUF",
        )
    beside = [file for file in top if file.name.endswith(_BESIDE)]
    files = sorted([*weights, *beside], key=lambda file: file.path)
    return Choice("safetensors", None, tuple(files))


def _nothing(repo: Repo) -> FreeholdError:
    unsafe = sorted(file.path for file in repo.files if file.name.endswith(_UNSAFE))
    hint = "look for a copy in GGUF, often in a repository whose name ends in -GGUF"
    if unsafe:
        named = ", ".join(unsafe[:3])
        why = (
            f"{repo.name} holds weights only in formats that may run code or that nothing here reads: {named}"
        )
        return FreeholdError(why, hint=hint)
    return FreeholdError(f"{repo.name} holds no weights, neither GGUF nor safetensors", hint=hint)


def gigabytes(count: int) -> str:
    """`4.92 GB`, as hubs count: 10^9 bytes."""
    return f"{count / 1e9:.2f} GB" if count >= 1e8 else f"{count / 1e6:.2f} MB"
