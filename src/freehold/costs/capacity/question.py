"""What is asked: a deployment and its load, as one line of the contract. Checks it; does not answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

from freehold.errors import ConfigError

Concurrency = int | Literal["max", "slo"]
MODES: Final = (
    "closed_loop",
    "saturated",
    "static_batch",
    "ttft_only",
    "mlperf_offline",
    "mlperf_server",
    "mlperf_interactive",
)
_MOST_TOKENS: Final = 20_000_000
_MOST_GPUS: Final = 100_000
_MOST_AT_ONCE: Final = 10_000_000
_NEEDED: Final = ("model", "precision", "gpu", "gpu_count", "input_len", "output_len")


@dataclass(frozen=True, slots=True)
class Question:
    """One line. `tp`, `pp`, `mode`, `framework` may be None: the answer chooses and says so.

    Lengths in tokens; `concurrency` counts requests in flight over all GPUs, `"max"` is as many as fit,
    `"slo"` as many as keep `slo_tpot_ms` (None: the promise that belongs to the mode).
    """

    model: str
    precision: str
    gpu: str
    gpu_count: int
    input_len: int
    output_len: int
    concurrency: Concurrency = "max"
    tp: int | None = None
    pp: int | None = None
    mode: str | None = None
    framework: str | None = None
    slo_tpot_ms: float | None = None


def read_question(row: Mapping[str, Any]) -> Question:
    """A question out of a JSON object; keys that are not asked for are let be. Raises ConfigError."""
    missing = [name for name in _NEEDED if row.get(name) is None]
    if missing:
        raise ConfigError(
            ", ".join(missing),
            "is missing",
            hint=f"needed are {', '.join(_NEEDED)}",
        )
    question = Question(
        model=_text(row, "model"),
        precision=_text(row, "precision"),
        gpu=_text(row, "gpu"),
        gpu_count=_count(row, "gpu_count", _MOST_GPUS),
        input_len=_count(row, "input_len", _MOST_TOKENS),
        output_len=_count(row, "output_len", _MOST_TOKENS),
        concurrency=_concurrency(row),
        tp=_maybe_count(row, "tp"),
        pp=_maybe_count(row, "pp"),
        mode=_mode(row),
        framework=None if _absent(row, "framework") else _text(row, "framework"),
        slo_tpot_ms=_milliseconds(row, "slo_tpot_ms"),
    )
    check_shape(question)
    return question


def check_shape(question: Question) -> None:
    """Raise ConfigError where the parallelism does not go into the GPUs."""
    tp, pp = question.tp or 1, question.pp or 1
    if question.gpu_count % (tp * pp):
        raise ConfigError(
            "gpu_count",
            f"tp {tp} × pp {pp} does not go into {question.gpu_count} GPUs",
            hint="gpu_count is tp × pp for one replica, a multiple of it for several",
        )
    if question.concurrency != "slo" and question.slo_tpot_ms is not None:
        raise ConfigError("slo_tpot_ms", "needs the concurrency slo", hint='write "slo" as the concurrency')


def names() -> tuple[str, ...]:
    return tuple(field.name for field in fields(Question))


def _absent(row: Mapping[str, Any], name: str) -> bool:
    return row.get(name) in (None, "")


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row[name]
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(name, f"{value!r} is no name", hint="write it as text")
    return value.strip()


def _count(row: Mapping[str, Any], name: str, most: int) -> int:
    value = row[name]
    number = int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 10 else value
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    if isinstance(number, bool) or not isinstance(number, int) or not 0 < number <= most:
        raise ConfigError(
            name,
            f"{value!r} is no whole number from 1 to {most:,}",
            hint="write it without a sign or a point",
        )
    return number


def _maybe_count(row: Mapping[str, Any], name: str) -> int | None:
    return None if _absent(row, name) else _count(row, name, _MOST_GPUS)


def _concurrency(row: Mapping[str, Any]) -> Concurrency:
    value = row.get("concurrency")
    if value is None or value == "max":
        return "max"
    if value == "slo":
        return "slo"
    try:
        return _count(row, "concurrency", _MOST_AT_ONCE)
    except ConfigError as error:
        raise ConfigError(error.key, error.message, hint='or "max", as many as fit, or "slo"') from None


def _mode(row: Mapping[str, Any]) -> str | None:
    if _absent(row, "mode"):
        return None
    mode = _text(row, "mode")
    if mode not in MODES:
        raise ConfigError("mode", f"{mode!r} is not known", hint=f"one of {', '.join(MODES)}, or null")
    return mode


def _milliseconds(row: Mapping[str, Any], name: str) -> float | None:
    value = row.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e7:
        raise ConfigError(name, f"{value!r} is no time", hint="milliseconds above 0")
    return float(value)
