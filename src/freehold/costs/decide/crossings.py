"""Where the curves of renting and owning cross: the staircase of a fleet against the line of a price.

All in one world at a time; the intervals over worlds are taken here too. Does not know what is priced.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST_STEPS = 100_000
_MOST_CROSSINGS = 9  # a table of more is read by nobody
_COMMON = 0.5  # a crossing is told if at least this share of the worlds has it


@dataclass(frozen=True, slots=True)
class Stairs:
    """Owning: `fixed_usd` a month and `step_usd` for each replica, which serves `step_requests` a month."""

    fixed_usd: float
    step_usd: float
    step_requests: float


@dataclass(frozen=True, slots=True)
class Crossing:
    """Between these requests a month (p10, p90) owning becomes the cheaper (`to_own`) or stops being it."""

    low: float
    high: float
    to_own: bool
    share: float  # of the worlds that have it


def crossings_of(stairs: Stairs, usd_per_request: float, base_usd: float = 0.0) -> list[float]:
    """Requests a month at which the cheaper side changes, rising; the first change is to owning.

    On step n owning costs fixed + n × step for volumes in ((n − 1) q, n q], renting base + volume × price.
    Owning catches up inside a step, and falls behind again where a further replica is due. Whichever is
    cheaper where the last stair is regarded (a saving that grows with every step) stays so.
    """
    found: list[float] = []
    if usd_per_request <= 0 or stairs.step_requests <= 0:
        return found
    q, per_step = stairs.step_requests, usd_per_request * stairs.step_requests
    fixed = stairs.fixed_usd - base_usd
    if per_step <= stairs.step_usd:
        first, last = _early_steps(fixed, stairs.step_usd, per_step)
    else:
        # From this step on even a replica that has just been added pays: no further crossing.
        last = ceil((fixed + stairs.step_usd) / (per_step - stairs.step_usd)) + 1
        # Before this one even a full replica does not.
        first = max(1, floor(fixed / (per_step - stairs.step_usd)))
    owned = fixed + stairs.step_usd <= 0  # from the first request on
    if owned:
        found.append(0.0)
    for n in range(first, min(last, first + _MOST_STEPS) + 1):
        cost = fixed + n * stairs.step_usd
        begins, ends = (n - 1) * q, n * q
        if owned and usd_per_request * begins < cost:
            found.append(begins)
            owned = False
        where = cost / usd_per_request
        if not owned and begins < where < ends:
            found.append(where)
            owned = True
    return found


def _early_steps(fixed: float, step_usd: float, per_step: float) -> tuple[int, int]:
    """A replica costs more than the tokens that it serves: only a base of renting can make up for it."""
    if fixed >= 0:
        return 1, 1
    if per_step == step_usd:
        return 1, _MOST_CROSSINGS  # it pays at the end of every step, without end
    return 1, ceil(-fixed / (step_usd - per_step)) + 1


def intervals(worlds: list[list[float]]) -> list[Crossing]:
    """The k-th crossing over all worlds, for each k that is common: p10 and p90 of its volume."""
    import numpy as np  # noqa: PLC0415 - an extra, loaded where used

    told: list[Crossing] = []
    for k in range(_MOST_CROSSINGS):
        values: NDArray[np.float64] = np.array([found[k] for found in worlds if len(found) > k])
        if not worlds or len(values) < _COMMON * len(worlds):
            break
        low, high = (float(value) for value in np.quantile(values, (0.1, 0.9)))
        told.append(Crossing(low, high, to_own=k % 2 == 0, share=len(values) / len(worlds)))
    return told
