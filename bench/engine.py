"""What is left of an owned engine's speed on the way through the gateway.

    python bench/engine.py [--quick] [--json] [--weights GGUF] [--threads N]

llama.cpp times every request itself and says so in its answer (`timings`: prompt and generation, in
milliseconds). The client times the same requests from the first byte sent to the last byte read, through
Freehold. `kept` is the client's tokens per second over the engine's own:

    kept = sum of (prompt_ms + predicted_ms) / sum of the client's ms

over the same requests, so everything that is not the engine computing counts against us: parsing, keys,
routing, the ledger, two sockets, and the wait for a slot or for the batch under way. Without `--weights` the
model is a LLaMA of about 100 M parameters with random weights: what it says is noise, what it costs is not.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # so that it also runs as a script

from bench.machine import ROOT, Machine, product_python
from bench.processes import BenchError, Running, free_port

_WEIGHTS = Path(__file__).resolve().parent / ".peers" / "random-100m.gguf"
_RESULTS = Path(__file__).resolve().parent / "results"
_SLOTS = 8
_CONTEXT_TOKENS = 512
_OUTPUT_TOKENS = 96
_START_SECONDS = 120.0
_ANSWER_SECONDS = 300
_GOALS = {1: 0.98, 8: 0.90}

_CONFIG = """
[ledger]
path = "engine.db"

[models.random]
tenure = "owned"
provider = "llamacpp"
weights = "{weights}"
slots = {slots}
context_tokens = {context}
hourly_cost_usd = 0.60
{threads}

[routes.noise]
own = "random"
home = "own"
"""


@dataclass(frozen=True, slots=True)
class Timed:
    """One request: what the engine says it took and what the client saw, both in milliseconds."""

    output_tokens: int
    engine_ms: float
    client_ms: float


@dataclass(slots=True)
class Case:
    """One way of asking, with its rounds of requests."""

    concurrency: int
    stream: bool
    rounds: list[list[Timed]] = field(default_factory=list)

    @property
    def kept(self) -> float:
        return statistics.median(_kept(one) for one in self.rounds)

    @property
    def client_tokens_per_second(self) -> float:
        """Of one request, as its client sees it."""
        timed = [one for turn in self.rounds for one in turn]
        return 1000 * sum(one.output_tokens for one in timed) / sum(one.client_ms for one in timed)

    @property
    def engine_tokens_per_second(self) -> float:
        timed = [one for turn in self.rounds for one in turn]
        return 1000 * sum(one.output_tokens for one in timed) / sum(one.engine_ms for one in timed)


def _kept(timed: Sequence[Timed]) -> float:
    return sum(one.engine_ms for one in timed) / sum(one.client_ms for one in timed)


class Asker:
    """One client with its own kept-alive connection."""

    def __init__(self, port: int, *, stream: bool) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWER_SECONDS)
        self._connection.connect()
        self._stream = stream

    def ask(self, number: int) -> Timed:
        body = json.dumps(self._body(number))
        begun = time.perf_counter()
        self._connection.request("POST", "/v1/chat/completions", body, {"content-type": "application/json"})
        answer = self._connection.getresponse()
        read = answer.read()
        client_ms = 1000 * (time.perf_counter() - begun)
        if answer.status != 200:
            raise BenchError(f"status {answer.status}: {read.decode()[:300]}")
        timings = self._timings(read)
        engine_ms = timings["prompt_ms"] + timings["predicted_ms"]
        return Timed(int(timings["predicted_n"]), engine_ms, client_ms)

    def _body(self, number: int) -> dict[str, object]:
        """A prompt that nobody asked before, and an answer of a set length whatever the noise says."""
        words = " ".join(f"item {number * 31 + i}" for i in range(20))
        options = {"stream": True, "stream_options": {"include_usage": True}} if self._stream else {}
        return {
            "model": "noise",
            "messages": [{"role": "user", "content": f"{number}: {words}"}],
            "max_tokens": _OUTPUT_TOKENS,
            "temperature": 0,
            "ignore_eos": True,
            "cache_prompt": False,
            **options,
        }

    def _timings(self, read: bytes) -> dict[str, float]:
        """Of a plain answer, or of the last event of a stream that has them."""
        if not self._stream:
            return dict(json.loads(read)["timings"])
        events = [line[6:] for line in read.splitlines() if line.startswith(b"data: {")]
        found = [event["timings"] for event in map(json.loads, events) if "timings" in event]
        if not found:
            raise BenchError("the stream ended without the engine's timings")
        return dict(found[-1])


def measure(case: Case, port: int, requests: int, first_number: int) -> list[Timed]:
    """`requests` requests by as many clients as the case has, each asking again once it is answered."""
    askers = [Asker(port, stream=case.stream) for _ in range(case.concurrency)]
    each = max(1, requests // case.concurrency)

    def work(position: int) -> list[Timed]:
        first = first_number + position * each
        return [askers[position].ask(number) for number in range(first, first + each)]

    with ThreadPoolExecutor(case.concurrency) as clients:
        return [one for answers in clients.map(work, range(case.concurrency)) for one in answers]


def run(arguments: argparse.Namespace) -> list[Case]:
    """Serve the model, ask in interleaved rounds, end it."""
    weights = arguments.weights or _random_weights()
    threads = "" if arguments.threads is None else f"threads = {arguments.threads}"
    with tempfile.TemporaryDirectory(prefix="freehold-bench-") as name:
        folder, port = Path(name), free_port()
        config = folder / "engine.toml"
        config.write_text(
            _CONFIG.format(weights=weights.resolve(), slots=_SLOTS, context=_CONTEXT_TOKENS, threads=threads)
        )
        serve = [
            product_python(),
            "-m",
            "freehold.cli",
            "serve",
            "--config",
            str(config),
            "--port",
            str(port),
        ]
        with Running("freehold", serve, folder, env={"PYTHONPATH": str(ROOT / "src")}) as gateway:
            gateway.wait_until_it_answers(f"http://127.0.0.1:{port}/readyz", _START_SECONDS)
            return _rounds(port, arguments.rounds, quick=arguments.quick)


def _rounds(port: int, rounds: int, *, quick: bool) -> list[Case]:
    cases = [Case(concurrency, stream) for concurrency in _GOALS for stream in (False, True)]
    number = 0
    for turn in range(-1, rounds):  # the first is to warm up
        for case in cases:
            requests = case.concurrency * (2 if quick else 4)
            timed = measure(case, port, requests, number)
            number += requests
            if turn >= 0:
                case.rounds.append(timed)
                _say(f"round {turn + 1} of {rounds}: {_words(case)}: kept {_kept(timed):.1%}")
    return cases


def _random_weights() -> Path:
    """Built once; the builder is the one that the tests use and needs the development extras."""
    if not _WEIGHTS.exists():
        _say(f"building {_WEIGHTS}, once")
        _WEIGHTS.parent.mkdir(exist_ok=True)
        script = (
            "import sys, pathlib; from tests.engine.tiny_gguf import HUNDRED_MILLION, write_gguf;"
            "write_gguf(pathlib.Path(sys.argv[1]), HUNDRED_MILLION)"
        )
        draft = _WEIGHTS.with_suffix(".part")
        try:
            subprocess.run([product_python(), "-c", script, str(draft)], cwd=ROOT, check=True, timeout=600)
        except subprocess.SubprocessError as error:
            raise BenchError(
                f"the random model could not be built (`make install` first): {error}"
            ) from error
        draft.rename(_WEIGHTS)
    return _WEIGHTS


def print_table(machine: Machine, cases: Sequence[Case]) -> None:
    print(machine.line())
    print(f"{_OUTPUT_TOKENS} tokens an answer, {_SLOTS} slots, medians of {len(cases[0].rounds)} rounds\n")
    print("| asked | requests | engine tokens/s | client tokens/s | kept | goal |")
    print("|---|--:|--:|--:|--:|--:|")
    for case in cases:
        requests = sum(len(turn) for turn in case.rounds)
        print(
            f"| {_words(case)} | {requests} | {case.engine_tokens_per_second:.1f} "
            f"| {case.client_tokens_per_second:.1f} | {case.kept:.1%} | {_GOALS[case.concurrency]:.0%} |"
        )


def _words(case: Case) -> str:
    return f"{case.concurrency} at a time, {'streamed' if case.stream else 'plain'}"


def report(machine: Machine, cases: Sequence[Case]) -> dict[str, object]:
    return {
        "machine": machine.facts(),
        "cases": [asdict(case) | {"kept": case.kept, "goal": _GOALS[case.concurrency]} for case in cases],
    }


def main() -> int:
    """The command line. 0 done, 2 where something is missing or goes wrong."""
    parser = argparse.ArgumentParser(prog="bench/engine.py", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one short round: a glance, not a measurement")
    parser.add_argument("--json", action="store_true", help="everything as JSON instead of the table")
    parser.add_argument("--weights", type=Path, metavar="GGUF", help="another model than the random one")
    parser.add_argument("--threads", type=int, help="the engine's threads (its own choice)")
    parser.add_argument("--rounds", type=int, help="interleaved rounds (5; 1 with --quick)")
    arguments = parser.parse_args()
    arguments.rounds = arguments.rounds or (1 if arguments.quick else 5)
    try:
        machine = Machine.here()
        cases = run(arguments)
    except BenchError as error:
        _say(f"error: {error}")
        return 2
    result = json.dumps(report(machine, cases), indent=2)
    _RESULTS.mkdir(exist_ok=True)
    (_RESULTS / f"engine-{machine.at.replace(':', '')[:17]}.json").write_text(result + "\n")
    if arguments.json:
        print(result)
    else:
        print_table(machine, cases)
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
