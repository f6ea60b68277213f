"""What physics does not say: efficiencies and overheads, fitted to published measurements. Does not fit them.

`costs/data/capacity.toml` holds them; `python -m bench.capacity fit` writes it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from re import IGNORECASE, search
from typing import Any


@dataclass(frozen=True, slots=True)
class Constants:
    """`values` by dotted name (`engine.vllm.host_seconds`); where nothing was measured, the textbook's.

    `generations` tells an engine's generation from a framework's name; `measured` says what was; `spread` is
    how far off, in the natural logarithm, predictions were on groups that were held out.
    """

    values: Mapping[str, float]
    generations: tuple[tuple[str, str], ...]
    measured: Mapping[str, Any]
    spread: Mapping[str, float]
    promises: Mapping[str, Mapping[str, Any]]
    source: str

    def value(self, group: str, name: str, kind: str) -> float:
        """The constant of one kind of card, arithmetic or engine, the unknown's where there is none."""
        found = self.values.get(f"{group}.{name}.{kind}")
        return self.values[f"{group}.{name}.unknown"] if found is None else found

    def generation(self, framework: str | None) -> str | None:
        """The engine generation behind a framework's name; None where it is not known."""
        if framework is None:
            return None
        for expression, name in self.generations:
            if search(expression, framework, IGNORECASE):
                return name
        return None


def shipped_constants() -> Constants:
    """The constants that come with the product."""
    folder = files("freehold.costs").joinpath("data")
    fitted = tomllib.loads(folder.joinpath("capacity.toml").read_text("utf-8"))
    book = textbook()
    return Constants(
        values={name: each.value for name, each in book.constants.items()} | fitted["constants"],
        generations=book.generations,
        measured=fitted["measured"],
        spread=fitted["spread"],
        promises=book.promises,
        source=fitted["source"],
    )


@dataclass(frozen=True, slots=True)
class Known:
    """A constant before anything is measured. `spread` in the natural logarithm; None: taken as it is."""

    value: float
    spread: float | None


@dataclass(frozen=True, slots=True)
class Textbook:
    """What `engines.toml` says."""

    constants: Mapping[str, Known]
    generations: tuple[tuple[str, str], ...]
    promises: Mapping[str, Mapping[str, Any]]


def textbook() -> Textbook:
    """What is known before anything is measured."""
    text = files("freehold.costs").joinpath("data/engines.toml").read_text("utf-8")
    file = tomllib.loads(text)
    return Textbook(
        constants=dict(_known(file["constants"], "")),
        generations=tuple((row["matches"], row["generation"]) for row in file["frameworks"]),
        promises=file["promises"],
    )


def _known(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Known]]:
    for key, value in table.items():
        if "value" in value:
            yield f"{prefix}{key}", Known(float(value["value"]), value.get("spread"))
        else:
            yield from _known(value, f"{prefix}{key}.")
