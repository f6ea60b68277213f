"""From the words of a configuration to a file of weights. Does not open the file."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from freehold.errors import ConfigError

BUILTIN = "builtin:"
_SHIPPED = ("triage",)
_SHARD = re.compile(r"(?P<stem>.*)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf")


def resolve_weights(text: str, base: Path, *, key: str = "weights") -> Path:
    """Return the absolute path that `text` names, seen from the folder `base`.

    `~` is expanded; `builtin:triage` is the model that ships with the product. `key` is the configuration key
    that a ConfigError names. The file need not exist, except a builtin one.
    """
    if text.startswith(BUILTIN):
        return _builtin(text.removeprefix(BUILTIN), key)
    return (base / Path(text).expanduser()).absolute()


def shards(weights: Path) -> tuple[Path, ...]:
    """Return all files of a model that is split into `NAME-00001-of-0000N.gguf`, or just `weights`."""
    found = _SHARD.fullmatch(weights.name)
    if found is None:
        return (weights,)
    stem, count = found["stem"], int(found["count"])
    return tuple(
        weights.with_name(f"{stem}-{number:05}-of-{count:05}.gguf") for number in range(1, count + 1)
    )


def _builtin(name: str, key: str) -> Path:
    if name not in _SHIPPED:
        raise ConfigError(
            key, f'no built-in model is called "{name}"', hint=f"built in: {', '.join(_SHIPPED)}"
        )
    in_wheel = Path(str(files("freehold"))) / "weights" / f"{name}.gguf"
    in_checkout = Path(__file__).parents[3] / "models" / name / f"{name}.gguf"
    for candidate in (in_wheel, in_checkout):
        if candidate.is_file():
            return candidate
    raise ConfigError(
        key,
        f'the built-in model "{name}" is missing: neither {in_wheel} nor {in_checkout} exists',
        hint="reinstall freehold, or make the model with the script beside its card",
    )
