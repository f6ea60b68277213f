"""What is different between two configs, by key: never a value, which might be nobody's business."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from freehold.config import Settings


def changed_keys(old: Settings, new: Settings) -> list[str]:
    """`models.gpt.url`, `routes.support (new)`, `models.old (gone)`: in the order of the file's tables."""
    found = [*_keys("server", old.server, new.server), *_keys("ledger", old.ledger, new.ledger)]
    found += _keys("prices", old.prices, new.prices)
    return [*found, *_tables("models", old.models, new.models), *_tables("routes", old.routes, new.routes)]


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
