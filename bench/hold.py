"""How Freehold holds under load: idle crowds, live streams, large prompts, three times what it can carry.

    python bench/hold.py [MEASURE]... [--json] [--seconds N]

Measures: added, prompts, scans, streams, idle, overload, leak (the last takes minutes and is run only by
its name).
The gateway has core 0; clients and the upstream share core 1. Each ratio is taken side by side in one run.
Needs `nginx` and `wrk`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # so that it also runs as a script

from bench import crowd, gateways
from bench.gateways import Contender, Ground
from bench.load import fire
from bench.machine import Machine, product_python
from bench.processes import BenchError, Running, free_port
from bench.streams import Stream, watch

_GATEWAY_CORE, _LOAD_CORE = 0, 1
_IDLE = 10_000
_STREAMS, _PACE_SECONDS = 256, 0.02
_OVERLOAD, _OVERLOAD_CONNECTIONS, _GOOD_SECONDS = 3.0, 1_000, 2.0
_ROUNDS = 3
_PROMPT_BYTES = 65_536
_LONG_TEXT = 1_000_000
_BESIDE_PER_SECOND, _BESIDE_CONNECTIONS = 100, 20
_LEAK_REQUESTS = 200_000

Figures = dict[str, float | int | str]


class Scene:
    """One gateway before nginx with a canned answer, and one more before an upstream that streams."""

    def __init__(self, folder: Path, ending: ExitStack, seconds: int) -> None:
        self.folder = folder
        self.seconds = seconds
        port = gateways.start_upstream(folder, _LOAD_CORE, ending)
        self.ground = Ground(folder, _GATEWAY_CORE, port, ending)
        self.gateway: Contender = gateways.freehold(self.ground)
        ask = self.gateway.ask
        self.request = crowd.raw_request(ask.url, ask.headers, ask.body)
        self.port = int(ask.url.split(":")[2].split("/")[0])

    def memory_mb(self) -> float:
        return self.gateway.process.memory_bytes() / 1e6

    def plain(self, seconds: int | None = None) -> float:
        """Requests a second at concurrency 32, by wrk."""
        return fire(self.gateway.ask, seconds or self.seconds, self.folder, core=_LOAD_CORE).per_second

    def streaming(self) -> tuple[Contender, int]:
        """A second gateway, and its upstream's port."""
        port = free_port()
        command = [product_python(), str(Path(__file__).with_name("pour.py")), str(port), str(_PACE_SECONDS)]
        upstream = self.ground.ending.enter_context(Running("pour", command, self.folder, core=_LOAD_CORE))
        upstream.wait_until_it_answers(f"http://127.0.0.1:{port}/", 30)
        return gateways.freehold(replace(self.ground, upstream_port=port), name="streaming"), port


def added(scene: Scene) -> Figures:
    """One request at a time: what the gateway adds to the upstream's own time."""
    upstream = scene.ground.upstream_port
    tallies = {upstream: crowd.Tally(), scene.port: crowd.Tally()}
    for _ in range(_ROUNDS):
        for port, tally in tallies.items():
            turn = asyncio.run(crowd.in_turn(port, scene.request, 1, scene.seconds / 2))
            tally.seconds += turn.seconds
    direct, through = tallies[upstream], tallies[scene.port]
    return {
        "requests": len(through.seconds),
        "direct_p50_ms": 1e3 * direct.quantile(0.5),
        "added_p50_ms": 1e3 * (through.quantile(0.5) - direct.quantile(0.5)),
        "added_p99_ms": 1e3 * (through.quantile(0.99) - direct.quantile(0.99)),
    }


def prompts(scene: Scene) -> Figures:
    """Prompts of 64 KB against plain ones."""
    ask = scene.gateway.ask
    body = json.loads(ask.body)
    body["messages"][0]["content"] = "word " * (_PROMPT_BYTES // 5)
    large = replace(ask, body=json.dumps(body))
    small_rates, large_rates = [], []
    for _ in range(_ROUNDS):
        small_rates.append(scene.plain())
        large_rates.append(fire(large, scene.seconds, scene.folder, core=_LOAD_CORE).per_second)
    small, big = statistics.median(small_rates), statistics.median(large_rates)
    return {"plain_per_second": small, "prompts_of_64_kb_per_second": big, "ratio": big / small}


def scans(scene: Scene) -> Figures:
    """Small requests alone, and beside texts of a megabyte that are read for names and everything else.

    No long text is like another, so that none is known from before. Both kinds are scanned.
    """
    gateway = gateways.freehold(scene.ground, name="scans", scan="always")
    ask = gateway.ask
    port = int(ask.url.split(":")[2].split("/")[0])
    small = crowd.raw_request(ask.url, ask.headers, ask.body)
    before = gateway.process.memory_bytes() / 1e6

    async def beside() -> tuple[crowd.Tally, crowd.Tally]:
        done = crowd.Tally()
        numbers = count()
        until = time.monotonic() + 4 * scene.seconds

        def again(client: crowd.Client) -> None:
            if time.monotonic() < until:
                client.ask(crowd.raw_request(ask.url, ask.headers, _long_body(ask.body, next(numbers))))

        (reader,) = await crowd.connect(port, 1, done, again)
        again(reader)
        others = await crowd.at_rate(port, small, _BESIDE_PER_SECOND, _BESIDE_CONNECTIONS, 4 * scene.seconds)
        while not done.good + done.refused + done.lost:  # noqa: ASYNC110 - one text takes seconds
            await asyncio.sleep(0.1)
        reader.close()
        return others, done

    alone = asyncio.run(
        crowd.at_rate(port, small, _BESIDE_PER_SECOND, _BESIDE_CONNECTIONS, 2 * scene.seconds)
    )
    others, long = asyncio.run(beside())
    return {
        "alone_p50_ms": 1e3 * alone.quantile(0.5),
        "alone_p99_ms": 1e3 * alone.quantile(0.99),
        "beside_p50_ms": 1e3 * others.quantile(0.5),
        "beside_p99_ms": 1e3 * others.quantile(0.99),
        "small_refused_or_unsent": others.refused + others.unsent + others.lost,
        "long_texts": long.good + long.refused,
        "long_text_seconds": statistics.median(long.seconds) if long.seconds else 0.0,
        "idle_memory_mb": before,
        "memory_mb_after": gateway.process.memory_bytes() / 1e6,
    }


def _long_body(body: str, number: int) -> str:
    """A megabyte of ordinary sentences, in which some capital word wants a look every now and then."""
    sentence = f"Report {number} says that the shipment of {{}} boxes left the harbour of Rotterdam on time. "
    text = "".join(sentence.format(n) for n in range(_LONG_TEXT // len(sentence)))
    request = json.loads(body)
    request["messages"][0]["content"] = text
    return json.dumps(request)


def streams(scene: Scene) -> Figures:
    """256 live streams, each an event every 20 ms: what arrives, and when the first does."""
    gateway, upstream = scene.streaming()
    events = round(scene.seconds / _PACE_SECONDS)
    body = json.dumps(json.loads(gateway.ask.body) | {"stream": True, "max_tokens": events})
    through = Stream(gateway.ask.url, gateway.ask.headers, body)
    direct = Stream(f"http://127.0.0.1:{upstream}/v1/chat/completions", {}, body)
    alone = asyncio.run(watch(direct, _STREAMS))
    seen = asyncio.run(watch(through, _STREAMS))
    return {
        "streams": _STREAMS,
        "events_wanted": _STREAMS * events,
        "events_lost_direct": _STREAMS * events - alone.events,
        "events_lost": _STREAMS * events - seen.events,
        "unfinished": _STREAMS - seen.finished,
        "direct_ttft_p50_ms": 1e3 * statistics.median(alone.ttft_seconds),
        "added_ttft_p50_ms": 1e3
        * (statistics.median(seen.ttft_seconds) - statistics.median(alone.ttft_seconds)),
        "event_delay_p50_ms": 1e3 * statistics.median(seen.delays_seconds),
    }


def idle(scene: Scene) -> Figures:
    """10,000 connections on which nothing happens, after one request on each."""
    scene.plain(2)
    before = scene.memory_mb()

    async def hold() -> tuple[float, float]:
        tally = crowd.Tally()
        clients = await crowd.connect(scene.port, _IDLE, tally, lambda _: None)
        await asyncio.sleep(1)
        silent = scene.memory_mb()
        for begin in range(0, len(clients), 100):
            for client in clients[begin : begin + 100]:
                client.ask(scene.request)
            while tally.good < begin + 100:  # noqa: ASYNC110 - a few milliseconds, and no event a client
                await asyncio.sleep(0.002)
        used = scene.memory_mb()
        for client in clients:
            client.close()
        if tally.refused or tally.lost:
            raise BenchError(f"{tally.refused} refused, {tally.lost} lost")
        return silent - before, used - before

    silent, used = asyncio.run(hold())
    return {"connections": _IDLE, "more_mb_before_a_request": silent, "more_mb_after_one_each": used}


def overload(scene: Scene) -> Figures:
    """Three times the rate that it can carry, whatever it answers. Good is a 200 within two seconds."""
    peaks, goods, refusals, unsent = [], [], [], []
    for _ in range(_ROUNDS):
        peak = asyncio.run(crowd.in_turn(scene.port, scene.request, 64, scene.seconds))
        peaks.append(peak.good / scene.seconds)
        rate = _OVERLOAD * peaks[-1]
        seconds = 2 * scene.seconds + _GOOD_SECONDS
        tally = asyncio.run(crowd.at_rate(scene.port, scene.request, rate, _OVERLOAD_CONNECTIONS, seconds))
        end = time.monotonic()
        good = tally.good_between(end - 2 * scene.seconds, end, _GOOD_SECONDS)
        goods.append(good / (2 * scene.seconds))
        refusals.append(tally.refused)
        unsent.append(tally.unsent)
        time.sleep(2)
    return {
        "peak_per_second": statistics.median(peaks),
        "good_per_second_at_three_times": statistics.median(goods),
        "goodput": statistics.median(good / peak for good, peak in zip(goods, peaks, strict=True)),
        "refused": sum(refusals),
        "not_sent_for_want_of_a_free_connection": sum(unsent),
    }


def leak(scene: Scene) -> Figures:
    """Memory and open files after 20,000 requests and after 200,000."""
    done, first = 0.0, (0.0, 0)
    while done < _LEAK_REQUESTS:
        done += scene.plain(scene.seconds) * scene.seconds
        if not first[1] and done >= _LEAK_REQUESTS / 10:
            first = (scene.memory_mb(), scene.gateway.process.open_files())
    last = (scene.memory_mb(), scene.gateway.process.open_files())
    return {
        "requests": round(done),
        "memory_mb_after_a_tenth": first[0],
        "memory_mb_after_all": last[0],
        "growth": last[0] / first[0] - 1,
        "open_files_after_a_tenth": first[1],
        "open_files_after_all": last[1],
    }


MEASURES: Mapping[str, Callable[[Scene], Figures]] = {
    "added": added,
    "prompts": prompts,
    "scans": scans,
    "streams": streams,
    "idle": idle,
    "overload": overload,
    "leak": leak,
}


def main() -> int:
    parser = argparse.ArgumentParser(description="How Freehold holds under load.")
    parser.add_argument("measure", nargs="*", metavar="MEASURE", help="default: all but leak")
    parser.add_argument("--seconds", type=int, default=5, help="of each turn")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.measure if name not in MEASURES]
    if unknown:
        parser.error(f"no measure is called {unknown[0]}; there are {', '.join(MEASURES)}")
    machine = Machine.here()
    os.sched_setaffinity(0, {_LOAD_CORE})
    found: dict[str, Figures] = {}
    try:
        with ExitStack() as ending:
            folder = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="freehold-bench-")))
            scene = Scene(folder, ending, arguments.seconds)
            found["start"] = {"seconds": scene.gateway.start_seconds, "memory_mb": scene.memory_mb()}
            for name in arguments.measure or [name for name in MEASURES if name != "leak"]:
                found[name] = MEASURES[name](scene)
                _say(name, found[name], quiet=arguments.json)
            found["end"] = {"memory_mb": scene.memory_mb(), "open_files": scene.gateway.process.open_files()}
    except BenchError as error:
        print(error, file=sys.stderr)
        return 2
    if arguments.json:
        print(json.dumps({"machine": machine.facts(), **found}, indent=2))
        return 0
    for name in ("start", "end"):
        _say(name, found[name], quiet=False)
    print(machine.line())
    return 0


def _say(name: str, figures: Figures, *, quiet: bool) -> None:
    shown = ", ".join(
        f"{key} {value:,.3g}" if isinstance(value, float) else f"{key} {value}"
        for key, value in figures.items()
    )
    print(f"{name}: {shown}", file=sys.stderr if quiet else sys.stdout, flush=True)


if __name__ == "__main__":
    sys.exit(main())
