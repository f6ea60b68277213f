"""How much traffic has to be seen before a month is told from it. Does not know prices, nor what was asked.

A count of n requests that come by chance is known to one part in √n: a thousand to 3 %. Less than a day
misses the daily wave, and so the peak.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LEAST_REQUESTS: Final = 1000
LEAST_DAYS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Seen:
    """Traffic that was scaled to a month. `requests` is `None` where they were not counted."""

    requests: int | None
    days: float

    @property
    def is_enough(self) -> bool:
        return self.days >= LEAST_DAYS and (self.requests is None or self.requests >= LEAST_REQUESTS)

    @property
    def says(self) -> str:
        """`6 requests in 4 seconds`."""
        if self.requests is None:
            return span(self.days)
        return f"{self.requests:,} request{'' if self.requests == 1 else 's'} in {span(self.days)}"


def enough() -> str:
    """What would do, in words."""
    return f"{LEAST_REQUESTS:,} requests over {span(LEAST_DAYS)} or longer"


def span(days: float) -> str:
    """`14 days`, `6.5 hours`, `39 minutes`."""
    for unit, long in (("day", 1.0), ("hour", 1 / 24), ("minute", 1 / 1440)):
        if days >= long:
            return f"{days / long:.3g} {unit}{'' if f'{days / long:.3g}' == '1' else 's'}"
    return f"{days * 86_400:.3g} seconds"
