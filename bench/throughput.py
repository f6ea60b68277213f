"""How many plain requests one core carries: Freehold with all it does, nginx as a bare proxy, other gateways.

    python bench/throughput.py [--quick] [--json] [--only NAME]... [--compare SRC] [--rounds N] [--seconds N]

Each gateway has core 0 for itself while it is measured; load generator and upstream share core 1. Rounds are
interleaved (A B C, A B C, ...), so that whatever else the machine does meets all of them. Needs `nginx` and
`wrk` on the path (Debian: nginx-light, wrk) and two cores; installs the other gateways itself.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # so that it also runs as a script

from bench import gateways, peers
from bench.gateways import Contender, Ground
from bench.load import CONCURRENCY, fire
from bench.machine import Machine
from bench.processes import BenchError

_GATEWAY_CORE, _LOAD_CORE = 0, 1
_WARM_UP_SECONDS = 3
_WARM_UP_TRIES = 10
_RESULTS = Path(__file__).resolve().parent / "results"
_NAMES = ("nginx", "freehold", "structured", "full", "litellm", "portkey")


@dataclass(frozen=True, slots=True)
class Round:
    """One turn of one gateway. `core_share` is how much of its core it got; below 1 it had to wait."""

    per_second: float
    cpu_us_per_request: float
    core_share: float
    p50_ms: float
    p99_ms: float


@dataclass(slots=True)
class Score:
    """All turns of one gateway."""

    name: str
    what: str
    start_seconds: float
    rounds: list[Round] = field(default_factory=list)
    memory_mb: float = 0.0

    def median(self, of: Callable[[Round], float]) -> float:
        return statistics.median(of(one) for one in self.rounds)

    @property
    def per_second(self) -> float:
        return self.median(lambda one: one.per_second)

    @property
    def cpu_us(self) -> float:
        return self.median(lambda one: one.cpu_us_per_request)


def measure(contender: Contender, seconds: int, folder: Path) -> Round:
    """One turn: requests answered in `seconds`, and the CPU time that the gateway spent on them."""
    contender.process.resume()
    try:
        cpu, begun = contender.process.cpu_seconds(), time.monotonic()
        answers = fire(contender.ask, seconds, folder, core=_LOAD_CORE)
        used, took = contender.process.cpu_seconds() - cpu, time.monotonic() - begun
    finally:
        contender.process.pause()
    if answers.requests == 0:
        raise BenchError(f"{contender.name} answered nothing for {seconds} s")
    return Round(
        answers.per_second, 1e6 * used / answers.requests, used / took, answers.p50_ms, answers.p99_ms
    )


def run(arguments: argparse.Namespace) -> list[Score]:
    """Start everything, measure in interleaved rounds, end everything."""
    with ExitStack() as ending:
        folder = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="freehold-bench-")))
        port = gateways.start_upstream(folder, _LOAD_CORE, ending)
        ground = Ground(folder, _GATEWAY_CORE, port, ending)
        contenders = []
        for start in _starters(arguments):
            contenders.append(start(ground))
            _warm_up(contenders[-1], folder)
        scores = [Score(c.name, c.what, c.start_seconds) for c in contenders]
        for number in range(arguments.rounds):
            for contender, score in zip(contenders, scores, strict=True):
                score.rounds.append(measure(contender, arguments.seconds, folder))
                score.memory_mb = contender.process.memory_bytes() / 1e6
                _say(f"round {number + 1} of {arguments.rounds}: {_turn(score)}")
    return scores


def _warm_up(contender: Contender, folder: Path) -> None:
    """Until requests are answered at all: some gateways load half of themselves with the first."""
    for _ in range(_WARM_UP_TRIES):
        if fire(contender.ask, _WARM_UP_SECONDS, folder, core=_LOAD_CORE).requests:
            contender.process.pause()
            return
    raise BenchError(f"{contender.name} answered nothing within {_WARM_UP_TRIES * _WARM_UP_SECONDS} s")


def _starters(arguments: argparse.Namespace) -> list[Callable[[Ground], Contender]]:
    """Who takes part, in the order of the table."""
    only = arguments.only or _NAMES
    starters: list[Callable[[Ground], Contender]] = []
    if "nginx" in only:
        starters.append(gateways.nginx)
    if "freehold" in only:
        starters.append(gateways.freehold)
    if "structured" in only:
        starters.append(partial(gateways.freehold, name="structured", scan="always", names=False))
    if "full" in only:
        starters.append(partial(gateways.freehold, name="full", scan="always"))
    if arguments.compare is not None:
        starters.append(partial(gateways.freehold, name="compared", source=arguments.compare.resolve()))
    if "litellm" in only:
        peers.install_litellm()
        starters.append(gateways.litellm)
    if "portkey" in only and peers.install_portkey():
        starters.append(gateways.portkey)
    return starters


def report(machine: Machine, scores: Sequence[Score]) -> dict[str, object]:
    """The whole result: facts about the machine, every round, and the ratios of the medians."""
    return {
        "machine": machine.facts(),
        "concurrency": CONCURRENCY,
        "gateways": [asdict(score) for score in scores],
        "ratios": ratios(scores),
    }


def ratios(scores: Sequence[Score]) -> dict[str, dict[str, float]]:
    """Freehold over each other gateway: of throughput, and of CPU time as throughput of a full core."""
    ours = next((score for score in scores if score.name == "freehold"), None)
    if ours is None:
        return {}
    return {
        other.name: {"throughput": ours.per_second / other.per_second, "cpu": other.cpu_us / ours.cpu_us}
        for other in scores
        if other is not ours
    }


def print_table(machine: Machine, scores: Sequence[Score]) -> None:
    print(machine.line())
    print(f"plain requests, concurrency {CONCURRENCY}, one core, medians of {len(scores[0].rounds)} rounds\n")
    print(
        "| gateway | requests/s | CPU µs/request | core used | p50 ms | p99 ms | memory MB | start s | does |"
    )
    print("|---|--:|--:|--:|--:|--:|--:|--:|---|")
    for score in scores:
        share, p50, p99 = (
            score.median(lambda one: one.core_share),
            score.median(lambda one: one.p50_ms),
            score.median(lambda one: one.p99_ms),
        )
        print(
            f"| {score.name} | {score.per_second:,.0f} | {score.cpu_us:,.1f} | {share:.0%} | {p50:.1f} "
            f"| {p99:.1f} | {score.memory_mb:.0f} | {score.start_seconds:.1f} | {score.what} |"
        )
    print()
    for name, ratio in ratios(scores).items():
        print(
            f"freehold is {ratio['throughput']:.3g} × {name} (by CPU time per request: {ratio['cpu']:.3g} ×)"
        )


def main() -> int:
    """The command line. 0 done, 2 where something is missing or goes wrong."""
    arguments = _parsed()
    try:
        _check_tools()
        machine = Machine.here()
        scores = run(arguments)
    except BenchError as error:
        _say(f"error: {error}")
        return 2
    result = json.dumps(report(machine, scores), indent=2)
    _RESULTS.mkdir(exist_ok=True)
    (_RESULTS / f"throughput-{machine.at.replace(':', '')[:17]}.json").write_text(result + "\n")
    if arguments.json:
        print(result)
    else:
        print_table(machine, scores)
    return 0


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/throughput.py", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="two short rounds: a glance, not a measurement")
    parser.add_argument("--json", action="store_true", help="everything as JSON instead of the table")
    parser.add_argument(
        "--only", action="append", choices=_NAMES, help="leave the others out; may be repeated"
    )
    parser.add_argument(
        "--compare", type=Path, metavar="SRC", help="also run Freehold from another `src` folder"
    )
    parser.add_argument("--rounds", type=int, help="interleaved rounds (5; 2 with --quick)")
    parser.add_argument("--seconds", type=int, help="length of a turn (6; 2 with --quick)")
    arguments = parser.parse_args()
    arguments.rounds = arguments.rounds or (2 if arguments.quick else 5)
    arguments.seconds = arguments.seconds or (2 if arguments.quick else 6)
    return arguments


def _check_tools() -> None:
    missing = [tool for tool in ("nginx", "wrk", "taskset") if shutil.which(tool) is None]
    if missing:
        raise BenchError(f"{', '.join(missing)} not found (Debian: apt install nginx-light wrk util-linux)")
    if len(os.sched_getaffinity(0)) < 2:
        raise BenchError("two cores are needed: one for the gateway, one for load and upstream")


def _turn(score: Score) -> str:
    last = score.rounds[-1]
    return f"{score.name} {last.per_second:,.0f}/s, {last.cpu_us_per_request:,.1f} µs CPU each"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
