"""How often somebody has guessed a key wrong, and how long they wait for it. Knows addresses and a clock.

A key is 256 random bits, so guessing leads nowhere at any speed; this keeps it from costing us anything.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

_FREE = 5
_LONGEST_WAIT_SECONDS = 300.0
_FORGOTTEN_SECONDS = 900.0
_MOST_REMEMBERED = 4096
_IPV6_NETWORK_BITS = 64


@dataclass(slots=True)
class _Guesser:
    wrong: int
    last: float


class Guesses:
    """After five wrong ones each further doubles the wait: 1 s, 2 s, up to 300 s. Forgotten after 15 minutes.

    At most 4,096 addresses are remembered, the longest silent is forgotten first. `clock` is monotonic.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._by_address: dict[str, _Guesser] = {}  # in the order of their last guess

    def wait_seconds(self, address: str) -> float:
        """How long the next attempt from there has to wait; 0 where it may come now."""
        guesser = self._by_address.get(_whose(address))
        if guesser is None or guesser.wrong < _FREE:
            return 0.0
        passed = self._clock() - guesser.last
        if passed >= _FORGOTTEN_SECONDS:
            return 0.0
        wait: float = min(2.0 ** (guesser.wrong - _FREE), _LONGEST_WAIT_SECONDS)
        return max(0.0, wait - passed)

    def wrong(self, address: str) -> None:
        whose, now = _whose(address), self._clock()
        guesser = self._by_address.pop(whose, None)
        if guesser is None or now - guesser.last >= _FORGOTTEN_SECONDS:
            guesser = _Guesser(0, now)
        guesser.wrong, guesser.last = min(guesser.wrong + 1, 64), now
        self._by_address[whose] = guesser
        while len(self._by_address) > _MOST_REMEMBERED:
            del self._by_address[next(iter(self._by_address))]

    def right(self, address: str) -> None:
        self._by_address.pop(_whose(address), None)


def _whose(address: str) -> str:
    """One household has one IPv4 address, and a whole network of IPv6 (RFC 6177)."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if found.version == 4 or getattr(found, "ipv4_mapped", None) is not None:
        return address
    return str(int(found) >> (128 - _IPV6_NETWORK_BITS))
