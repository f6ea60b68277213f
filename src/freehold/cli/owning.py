"""The lines of config that own a model which was just pulled. Does not write them anywhere."""

from __future__ import annotations

import re
from pathlib import Path

from freehold.engine.hub import Pulled


def model_name(repo: str) -> str:
    """A name for the config out of a repository's: `bartowski/Llama-3.2-1B-GGUF` is `llama-3.2-1b`."""
    bare = re.sub(r"[-_.]?gguf$", "", repo.rpartition("/")[2].lower())
    return re.sub(r"[^a-z0-9._-]+", "-", bare).strip("-._") or "owned"


def config_lines(pulled: Pulled, base: Path) -> list[str]:
    """`[models.X]` for the model, with paths as seen from the config's folder `base`."""
    name = model_name(pulled.provenance.repo)
    path = pulled.path.absolute()
    where = str(path.relative_to(base) if path.is_relative_to(base) else path)
    if pulled.choice.format == "gguf":
        return [
            f"[models.{_key(name)}]",
            'tenure = "owned"',
            'provider = "llamacpp"',
            f"weights = {_text(where)}",
            "slots = 4  # requests at once",
        ]
    return [
        f"# safetensors are served by vLLM: vllm serve {where} --served-model-name {name}",
        f"[models.{_key(name)}]",
        'tenure = "owned"',
        'provider = "vllm"',
        f"model = {_text(name)}",
    ]


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _text(name)


def _text(text: str) -> str:
    """A TOML string. Names of files hold nothing unprintable, see the hub's listing; folders may."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04X}" for c in escaped) + '"'
