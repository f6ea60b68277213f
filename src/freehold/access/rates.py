"""Rate limits of keys and routes, and the headers that tell a client where it stands. Knows no models."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from freehold.access.key import Key
from freehold.access.rate import Mark, Rate, Window
from freehold.errors import Refused

Unit = Literal["requests", "tokens"]

_LONG_SECONDS = 60.0


class Lane:
    """One key's or route's windows. `whose` names it to a client: "key key_1"."""

    __slots__ = ("rate", "requests", "tokens", "whose")

    def __init__(self, whose: str, rate: Rate) -> None:
        self.whose = whose
        self.rate = rate
        self.requests = Window()
        self.tokens = Window()

    def of(self, unit: Unit) -> tuple[Window, int | None]:
        """The window of a unit and its limit."""
        if unit == "requests":
            return self.requests, self.rate.requests_per_minute
        return self.tokens, self.rate.tokens_per_minute


class Admission:
    """One request's way through its limits."""

    __slots__ = ("_lanes", "_marks", "_tokens")

    def __init__(self, lanes: Sequence[Lane]) -> None:
        self._lanes = lanes
        self._marks: list[tuple[Window, Mark]] = []
        self._tokens = 0

    def enter(self, tokens: int, now: float) -> None:
        """Count the request, and `tokens` as a first guess. Raises `Refused` (429) and counts nothing."""
        for lane in self._lanes:
            _check(lane, "requests", 1, now)
            _check(lane, "tokens", tokens, now)
        self._tokens = tokens
        for lane in self._lanes:
            if lane.rate.requests_per_minute is not None:
                lane.requests.add(1, now)
            if lane.rate.tokens_per_minute is not None:
                self._marks.append((lane.tokens, lane.tokens.add(tokens, now)))

    def used(self, tokens: int) -> None:
        """What it really was, in place of the guess."""
        for window, mark in self._marks:
            window.correct(mark, tokens - self._tokens)
        self._tokens = tokens

    def headers(self, now: float) -> list[tuple[bytes, bytes]]:
        """OpenAI's six headers; of several limits the one with the least left."""
        headers: list[tuple[bytes, bytes]] = []
        for unit, (limit_name, left_name, reset_name) in _HEADERS.items():
            tightest, least = None, 0
            for lane in self._lanes:
                window, limit = lane.of(unit)
                if limit is not None:
                    left = max(0, limit - window.used(now))
                    if tightest is None or left < least:
                        tightest, least = (window, limit), left
            if tightest is not None:
                window, limit = tightest
                headers.append((limit_name, b"%d" % limit))
                headers.append((left_name, b"%d" % least))
                headers.append((reset_name, _duration(window.empty_in(now)).encode()))
        return headers


_HEADERS: dict[Unit, tuple[bytes, bytes, bytes]] = {
    "requests": (
        b"x-ratelimit-limit-requests",
        b"x-ratelimit-remaining-requests",
        b"x-ratelimit-reset-requests",
    ),
    "tokens": (b"x-ratelimit-limit-tokens", b"x-ratelimit-remaining-tokens", b"x-ratelimit-reset-tokens"),
}


class Rates:
    """The windows of all keys and routes that have limits. They begin empty with the process."""

    def __init__(self) -> None:
        self._lanes: dict[tuple[str, str], Lane] = {}

    def admission(self, key: Key | None, route: str, route_rate: Rate | None) -> Admission | None:
        """What a request has to pass; `None` where nothing limits it."""
        lanes = []
        if key is not None and key.rate is not None:
            lanes.append(self._lane("key", key.id, key.rate))
        if route_rate is not None:
            lanes.append(self._lane("route", route, route_rate))
        return Admission(lanes) if lanes else None

    def _lane(self, kind: str, name: str, rate: Rate) -> Lane:
        lane = self._lanes.get((kind, name))
        if lane is None:
            lane = self._lanes[kind, name] = Lane(f"{kind} {name}", rate)
        lane.rate = rate  # a changed config changes limits, not what was used
        return lane


def _check(lane: Lane, unit: Unit, amount: int, now: float) -> None:
    window, limit = lane.of(unit)
    if limit is None:
        return
    wait = window.wait_seconds(amount, limit, now)
    if wait == 0:
        return
    said = (
        f"Rate limit reached for {lane.whose} on {unit} per minute: limit {limit}, used {window.used(now)},"
        f" requested {amount}."
    )
    if wait is None:
        raise _limited(f"{said} A request of this size never fits: ask for less, or split it.", unit, None)
    raise _limited(f"{said} Please try again in {_duration(wait)}.", unit, math.ceil(wait))


def _limited(message: str, unit: Unit, retry_after: float | None) -> Refused:
    """OpenAI's 429: its `type` names the unit."""
    return Refused(429, message, type_=unit, code="rate_limit_exceeded", retry_after=retry_after)


def _duration(seconds: float) -> str:
    """As OpenAI writes it: `120ms`, `12.5s`, `1m0s`."""
    if 0 < seconds < 1:
        return f"{math.ceil(seconds * 1000)}ms"
    if seconds < _LONG_SECONDS:
        return f"{seconds:.3g}s"
    minutes, rest = divmod(math.ceil(seconds), 60)
    return f"{minutes}m{rest}s"
