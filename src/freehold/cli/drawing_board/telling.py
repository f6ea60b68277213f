"""From a form's fields to an answer in words and drawings. Runs in the other process; knows no browser."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from freehold.cli.amounts import FIGURE
from freehold.cli.asked import NOTHING_ASKED, Asked
from freehold.cli.deciding import ask
from freehold.cli.drawing_board.measuring import RouteTraffic, busiest_route, traffic_of
from freehold.cli.drawing_board.offering import USUAL_RENT, rented_names
from freehold.cli.drawing_board.showing import shown
from freehold.cli.facts_at_hand import facts_at_hand
from freehold.cli.fleet_ways import Sizes
from freehold.cli.market import Market
from freehold.cli.reading import settings_for_looking
from freehold.config import ConfigErrors
from freehold.console import Told
from freehold.costs import price_of
from freehold.errors import ConfigError, FreeholdError

_MEASURED_SECONDS = 30.0  # so long the ledger is not looked at again
_USUAL = {"own": "llama-3.1-8b", "gpu": "h100", "precision": "fp8"}
_USUAL_CASE, _USUAL_REQUESTS = "support", "1000000"
_AMOUNTS = {
    "requests": "requests_per_month",
    "input": "input_tokens",
    "output": "output_tokens",
    "cached": "cached_tokens",
    "gpu_usd": "gpu_usd_per_hour",
    "people": "people_usd_per_month",
    "kept": "may_not_leave",
}
_FACTORS = {"peak": "peak_to_mean", "ttft": "ttft_p95_seconds", "tpot": "tpot_p95_seconds"}
_NAMES = {"precision": "precision", "profile": "profile", "use_case": "use_case"}
_LISTS = {"rent": "rent", "own": "own", "gpu": "gpus"}
_LENGTHS = ("input", "output", "cached")
_OPTIONS = {"gpu": "--gpu", "ttft": "--slo-ttft-p95", "tpot": "--slo-tpot-p95", "peak": "--peak-to-mean"}


class Board:
    """Keeps what takes long to find: simulated fleets, and for a moment what the ledger says."""

    def __init__(self, config: Path, ledger: Path) -> None:
        self._config = config
        self._ledger = ledger
        self._market = Market(facts_at_hand(None))
        self._sizes = Sizes()
        self._measured: dict[str, tuple[float, RouteTraffic | None]] = {}

    def tell(self, said: Mapping[str, str]) -> Told:
        """Never raises for a question that has no answer: what is wrong with it is the answer."""
        fields = {name: value.strip() for name, value in said.items() if value.strip()}
        try:
            fields, traffic = self._filled(fields)
            asked = replace(_asked(fields), config=self._config)
            seen = None if traffic is None or "requests" in said else traffic.seen
            decided = ask(asked, datetime.now(UTC), self._market, self._sizes, seen=seen)
        except ConfigErrors as errors:
            return Told(fields=fields, problem=str(errors), hint=None)
        except FreeholdError as error:
            return Told(fields=fields, problem=str(error), hint=error.hint)
        measured = None if traffic is None else traffic.told
        return shown(decided, fields, _command(fields), measured)

    def _filled(self, fields: dict[str, str]) -> tuple[dict[str, str], RouteTraffic | None]:
        """What was not said: by the route's traffic, else by a use case; and a pair of models to compare."""
        route = fields.get("route")
        if route is None and not fields.keys() & {*_LENGTHS, "use_case", "requests"}:
            route = busiest_route(self._ledger)
        traffic = None if route in {None, "-"} else self._of(str(route))
        usual = {"rent": self._usual_rent(), **_USUAL}
        if traffic is not None:
            usual |= _measured_fields(traffic) | {"route": str(route)}
        elif not fields.keys() & {"input", "output", "use_case"}:
            usual["use_case"] = _USUAL_CASE
        return {"requests": _USUAL_REQUESTS, **usual, **fields}, traffic

    def _usual_rent(self) -> str:
        """The first of the config's rented models that has a price."""
        names = rented_names(settings_for_looking(self._config))
        now = datetime.now(UTC)
        priced = (name for name in names if price_of(*name.partition("/")[::2], at=now) is not None)
        return next(priced, USUAL_RENT[0])

    def _of(self, route: str) -> RouteTraffic | None:
        at, traffic = self._measured.get(route, (float("-inf"), None))
        if time.monotonic() - at > _MEASURED_SECONDS:
            traffic = traffic_of(self._ledger, route)
            self._measured[route] = (time.monotonic(), traffic)
        return traffic


def _measured_fields(traffic: RouteTraffic) -> dict[str, str]:
    found = {
        "input": f"{traffic.input_tokens:f}",
        "output": f"{traffic.output_tokens:f}",
        "cached": f"{traffic.cached_tokens:f}",
        "peak": f"{traffic.peak_to_mean:g}",
    }
    if traffic.may_not_leave:
        found["kept"] = f"{traffic.may_not_leave:.4f}"
    if traffic.requests_per_month is not None:
        found["requests"] = f"{traffic.requests_per_month:f}"
    return found


def _asked(fields: Mapping[str, str]) -> Asked:
    """Raises `ConfigError` with the field that is no figure."""
    given: dict[str, Any] = {option: fields[name] for name, option in _NAMES.items() if name in fields}
    given |= {_AMOUNTS[name]: _amount(name, fields[name]) for name in _AMOUNTS if name in fields}
    given |= {_FACTORS[name]: float(_amount(name, fields[name])) for name in _FACTORS if name in fields}
    given |= {_LISTS[name]: tuple(_listed(fields[name])) for name in _LISTS if name in fields}
    return replace(NOTHING_ASKED, **given)


def _amount(name: str, said: str) -> Decimal:
    try:
        return FIGURE.convert(said, None, None)
    except click.BadParameter as error:
        raise ConfigError(name, error.message, hint="a figure, such as 10000000, 10M or 2.5k") from error


def _listed(said: str) -> Iterator[str]:
    return (one.strip() for one in said.split(",") if one.strip())


def _command(fields: Mapping[str, str]) -> str:
    """The same in a terminal."""
    words, said = ["freehold", "decide"], {**_AMOUNTS, **_FACTORS, **_NAMES, **_LISTS}
    for name in (*_AMOUNTS, *_FACTORS, *_NAMES, *_LISTS):
        option = _OPTIONS.get(name) or f"--{said[name].replace('_', '-')}"
        for one in _listed(fields.get(name, "")):
            words += [option, one]
    return shlex.join(words)
