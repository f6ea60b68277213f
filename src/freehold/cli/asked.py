"""What `freehold decide` is asked: its options as they were typed. Does not know what follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True)
class Asked:
    """The command's options as they were typed; `None` where they were not."""

    requests_per_month: Decimal | None
    input_tokens: Decimal | None
    output_tokens: Decimal | None
    cached_tokens: Decimal | None
    peak_to_mean: float | None
    trace: Path | None
    usage: Path | None
    usage_models: tuple[str, ...]
    config: Path | None
    route: str | None
    rent: tuple[str, ...]
    own: tuple[str, ...]
    precision: str | None
    gpus: tuple[str, ...]
    gpu_usd_per_hour: Decimal | None
    people_usd_per_month: Decimal | None
    growth_per_year: Decimal | None
    may_not_leave: Decimal | None
    ttft_p95_seconds: float | None
    tpot_p95_seconds: float | None
    batch: bool
    facts: Path | None
    profile: str | None
    use_case: str | None
    assumptions: Path | None
    seed: int
    answers: Path | None = None


NOTHING_ASKED: Final = Asked(
    requests_per_month=None,
    input_tokens=None,
    output_tokens=None,
    cached_tokens=None,
    peak_to_mean=None,
    trace=None,
    usage=None,
    usage_models=(),
    config=None,
    route=None,
    rent=(),
    own=(),
    precision=None,
    gpus=(),
    gpu_usd_per_hour=None,
    people_usd_per_month=None,
    growth_per_year=None,
    may_not_leave=None,
    ttft_p95_seconds=None,
    tpot_p95_seconds=None,
    batch=False,
    facts=None,
    profile=None,
    use_case=None,
    assumptions=None,
    seed=2023,
)
