"""How a model on a hub is called: `org/name`, `org/name:QUANT` or `org/name:FILE.gguf`. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from freehold.errors import FreeholdError

_PART: Final = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_-])?"
_NAME: Final = re.compile(rf"(?P<repo>{_PART}/{_PART})(?::(?P<wanted>[\w./ -]{{1,200}}))?")


@dataclass(frozen=True, slots=True)
class ModelName:
    """`repo` is `org/name`; `wanted` the quantisation or file that was asked for, None if none was."""

    repo: str
    wanted: str | None = None


def is_model_name(text: str) -> bool:
    found = _NAME.fullmatch(text)
    return found is not None and ".." not in text and "--" not in found["repo"]


def parse_name(text: str) -> ModelName:
    """Raises FreeholdError for what cannot be a repository's name."""
    bare = text.removeprefix("https://huggingface.co/").rstrip("/")
    found = _NAME.fullmatch(bare)
    if found is None or not is_model_name(bare):
        raise FreeholdError(
            f"{text!r} is not the name of a model on a hub",
            hint="write org/name or org/name:QUANT, such as bartowski/Llama-3.2-1B-Instruct-GGUF:Q4_K_M",
        )
    return ModelName(found["repo"], found["wanted"])
