"""What is different between two configs, by key: never a value, which might be nobody's business."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields

from pydantic import BaseModel

from freehold.config import Settings


def changed_keys(old: Settings, new: Settings) -> list[str]:
    """`models.gpt.url`, `routes.support (new)`, `models.old (gone)`: in the order of the file's tables."""
    found: list[str] = []
    for part in fields(Settings):
        before, after = getattr(old, part.name), getattr(new, part.name)
        if isinstance(before, BaseModel):
            found += _keys(part.name, before, after)
        elif isinstance(before, Mapping):
            found += _tables(part.name, before, after)
    return found


def _tables(kind: str, old: Mapping[str, BaseModel], new: Mapping[str, BaseModel]) -> Iterator[str]:
    for name in dict.fromkeys([*old, *new]):
        path = f"{kind}.{name}"
        if name not in old:
            yield f"{path} (new)"
        elif name not in new:
            yield f"{path} (gone)"
        elif old[name] != new[name]:
            # Where no key is different the secret is, which an environment or a file holds.
            yield from list(_keys(path, old[name], new[name])) or [f"{path} (its key)"]


def _keys(path: str, old: BaseModel, new: BaseModel) -> Iterator[str]:
    for name in type(new).model_fields:
        if getattr(old, name) != getattr(new, name):
            yield f"{path}.{name}"
