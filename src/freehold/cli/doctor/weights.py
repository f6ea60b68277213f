"""Owned weights: their file can be read, its header is sane, and the machine has the memory."""

from __future__ import annotations

from collections.abc import Iterator

from freehold.cli.doctor.report import Check, Group
from freehold.cli.placing import placed
from freehold.config import ModelSettings, Settings
from freehold.engine import read_header, resolve_weights
from freehold.engine.sizing import DEFAULT_CONTEXT, ModelShape, Verdict, judge, shape_of_header, this_machine
from freehold.errors import ConfigError

_SPLIT = "-of-"


def check_weights(name: str, settings: Settings, *, is_loaded: bool) -> Iterator[Check]:
    """`is_loaded` says that a gateway has the model in memory already."""
    group = Group(f"model {name}")
    key, model = f"models.{name}.weights", settings.models[name]
    try:
        file = resolve_weights(model.weights or "", settings.base, key=key)
        header = read_header(file, key=key)
    except ConfigError as error:
        line = placed(settings.path, error).line
        where = key if line is None else f"{key}, line {line}"
        yield group.bad("weights", f"{error.message} ({where})", error.hint)
        return
    shape = shape_of_header(header, file.name)
    yield group.good("weights", f"{file}: {_described(shape)}")
    if model.context_tokens is not None and model.context_tokens > (
        shape.context_tokens or model.context_tokens
    ):
        said = (
            f"{model.context_tokens:,} tokens are more than the {shape.context_tokens:,} it was trained for"
        )
        yield group.bad("context", said, f"context_tokens = {shape.context_tokens}")
    if is_loaded:
        yield group.good("memory", "the gateway has it loaded")
    elif model.gpu_layers > 0 or _SPLIT in file.name:
        where = "a GPU" if model.gpu_layers > 0 else "several files"
        yield group.skipped("memory", f"it is on {where}; `freehold fit` tells more")
    else:
        yield _memory(group, _verdict(model, shape))


def _described(shape: ModelShape) -> str:
    size = f"{shape.weight_bytes / 2**20:,.0f} MiB"
    count = "" if shape.parameters is None else f", {shape.parameters / 1e6:,.0f} million parameters"
    return f"{shape.architecture} {shape.quantisation}{count}, {size}"


def _verdict(model: ModelSettings, shape: ModelShape) -> Verdict:
    context = model.context_tokens or min(shape.context_tokens or DEFAULT_CONTEXT, DEFAULT_CONTEXT)
    return judge(shape, this_machine(measure=False), context_tokens=context, slots=model.slots)


def _memory(group: Group, verdict: Verdict) -> Check:
    total, there = verdict.need.total_bytes, verdict.machine.memory_bytes
    if total is None or there is None:
        return group.skipped("memory", "its header or this machine does not say enough to tell")
    said = f"it needs about {_gib(total)} of the {_gib(there)} that are free"
    said += f", for {verdict.slots} requests of {verdict.context_tokens:,} tokens at once"
    if verdict.fits:
        return group.good("memory", said)
    return group.bad("memory", said, "fewer slots, fewer context_tokens, or a smaller quantisation")


def _gib(size: int) -> str:
    return f"{size / 2**30:.2f} GiB"
