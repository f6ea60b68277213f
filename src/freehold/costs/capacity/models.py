"""The shape of an open model: what of it decides memory and speed, and its licence. Does not know GPUs."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from importlib.resources import files
from re import compile as pattern
from typing import Any, Final

from freehold.errors import ConfigError

_ENDING: Final = pattern(
    r"(instruct|chat|hf|it|base|pt|preview|turbo|v\d+(\.\d+)?|fp8|fp4|99|99\.9|nvfp4|awq|gptq|bf16|fp16|\d{4})$"
)
_META: Final = pattern(r"^(meta-)?llama-?(?=\d)")


@dataclass(frozen=True, slots=True)
class Model:
    """One open model. `experts` and what belongs to them are None where it is no mixture of experts.

    `cache_values` is the size of a compressed cache (MLA) for each token and layer, None for an ordinary one;
    `window` the tokens that `window_layers` of the layers look back, None where all look back to the start.
    """

    name: str
    aliases: tuple[str, ...]
    parameters: int
    active_parameters: int
    layers: int
    heads: int
    kv_heads: int
    head_size: int
    hidden: int
    vocabulary: int
    context: int
    licence: str
    source: str
    as_of: date
    experts: int | None = None
    experts_used: int | None = None
    expert_parameters: int = 0
    cache_values: int | None = None
    window: int | None = None
    window_layers: int = 0
    tied: bool = False

    @property
    def idle_parameters(self) -> int:
        """The table that turns a token into a vector: one row of it is read for a token, so it costs no time.

        Where it is tied to the table that turns a vector into a token, it works all the same: 0.
        """
        return 0 if self.tied else self.vocabulary * self.hidden

    def cache_values_per_token(self, gpus: int) -> float:
        """Values of cache that each of `gpus` holds for a token: heads are shared out, at least one each."""
        if self.cache_values is not None:
            return float(self.layers * self.cache_values)
        return self.layers * 2 * max(self.kv_heads / gpus, 1.0) * self.head_size

    def tokens_seen(self, context_tokens: float) -> float:
        """Tokens of the cache that a layer reads on average at a context, its windows counted."""
        if self.window is None:
            return context_tokens
        share = self.window_layers / self.layers
        return (1 - share) * context_tokens + share * min(context_tokens, self.window)


def shipped_models() -> dict[str, Model]:
    """Every model of the table that comes with the product, by name."""
    text = files("freehold.costs").joinpath("data/models.toml").read_text("utf-8")
    return {name: model_of_row(name, row) for name, row in tomllib.loads(text).items()}


def model_of_row(name: str, row: Mapping[str, Any]) -> Model:
    """A row of the table. Raises TypeError where a fact is missing or unknown."""
    return Model(name=name, aliases=tuple(row.get("aliases", ())), **_without_aliases(row))


def find_model(name: str, table: Mapping[str, Model]) -> Model:
    """The model of that name or alias, an organisation before and `-instruct` behind left out.

    Raises ConfigError with the nearest names.
    """
    if name in table:
        return table[name]
    known = {_plain(word): model for model in table.values() for word in (model.name, *model.aliases)}
    found = known.get(_plain(name))
    if found is None:
        near = get_close_matches(_plain(name), known, n=3, cutoff=0.5)
        meant = f"did you mean {' or '.join(known[word].name for word in near)}? " if near else ""
        raise ConfigError(
            "model",
            f"no model called {name!r} is in the table",
            hint=f"{meant}`freehold prices models` lists them; --facts FILE adds one",
        )
    return found


def same_weights(name: str, other: str) -> bool:
    """Whether both names mean one model, the organisation and `-instruct` left out. Aliases do not count.

    A model that was tuned further has the same shape and another name.
    """
    return _plain(name) == _plain(other)


def _plain(name: str) -> str:
    word = name.lower().rpartition("/")[2].replace("_", "-").replace(" ", "-")
    word = _META.sub("llama-", word)
    shorter = _ENDING.sub("", word).rstrip("-")
    while shorter != word:
        word, shorter = shorter, _ENDING.sub("", shorter).rstrip("-")
    return "".join(letter for letter in word if letter.isalnum())


def _without_aliases(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != "aliases"}
