"""How quickly a ledger of millions of requests answers.

    python bench/ledger.py [--rows 10000000] [--days 90] [--keep DIR] [--json]

Fills a ledger through the real journal and the real ingest with requests of 40 keys on 12 routes over 6
models, spread over so many days, and then times what people wait for: a fresh process for each command, a
fresh reader for each page, the median of five. The first round after filling finds the file in the system's
cache, as that of a running gateway is.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # so that it also runs as a script

from bench.machine import Machine, product_python

_DAY_SECONDS = 86_400
_ROUNDS = 5
_CONFIG = """
[ledger]
path = "freehold.db"

[models.gpt]
tenure = "rented"
provider = "sandbox"

[routes.route3]
rent = "gpt"
home = "rent"
"""
_AT_ONCE = 20_000
_GOAL_SECONDS = 1.0
_ROUTES = [f"route{number}" for number in range(12)]
_MODELS = [("gpt", "rented"), ("claude", "rented"), ("mini", "rented"), ("llama", "owned"), ("phi", "owned")]


def records(count: int, days: float, now: float) -> Iterator[Any]:
    """Requests in the order of their times, the last of them now."""
    from freehold.ledger import Attempt, Record, Sent  # noqa: PLC0415 - `--help` needs no product
    from freehold.wire import Usage  # noqa: PLC0415 - as above

    chance = random.Random(7)
    for number in range(count):
        at = now - days * _DAY_SECONDS * (1 - (number + 1) / count)
        key = chance.randrange(40)
        model, tenure = _MODELS[(key + chance.randrange(2)) % len(_MODELS)]
        failed = chance.random() < 0.02
        given, made = chance.randrange(20, 4000), chance.randrange(1, 600)
        outcome = "error" if failed else "ok"
        label = "internal" if key % 3 else "personal"
        clearance = "secret" if tenure == "owned" else "personal"
        sent = Sent(f"https://{model}.example:443", label, clearance, "home", "eu", f"{number:064x}")
        yield Record(
            request_id=f"req_{chance.getrandbits(96):024x}",
            at=at,
            endpoint="chat/completions",
            route="rare" if number % 1_000_003 == 5 else _ROUTES[key % len(_ROUTES)],
            key=f"key_{key}",
            model=None if failed else model,
            tenure=None if failed else tenure,
            provider=None if failed else "openai",
            upstream_model=None if failed else f"{model}-2026-01-01",
            status=503 if failed else 200,
            stream=chance.random() < 0.5,
            label=label,
            usage=None if failed else Usage(given, made, cached_tokens=chance.randrange(20)),
            cost_usd=None if failed else Decimal(given * 15 + made * 60) / 10**8,
            simulated=False,
            attempts=(Attempt(model, tenure, "openai", 0.0001, 0.51, outcome, sent=sent),),
            found={"EMAIL_ADDRESS": 1 + number % 2, "PHONE_NUMBER": 1} if label == "personal" else {},
            reason=f"home is rent, and {model} answered",
            seconds=0.512,
            ttft_seconds=0.21,
        )


def fill(path: Path, count: int, days: float) -> float:
    """A ledger of `count` requests; the seconds that its thread spent taking them in."""
    from freehold.ledger import Ledger  # noqa: PLC0415 - `--help` needs no product

    seconds = 0.0
    made = records(count, days, time.time())
    with Ledger.open(path, ingest_seconds=3600) as ledger:
        while some := list(itertools.islice(made, _AT_ONCE)):
            for record in some:
                ledger.append(record)
            began = time.thread_time()
            ledger.flush()
            seconds += time.thread_time() - began
    return seconds


def looks(path: Path, config: Path) -> dict[str, Callable[[], object]]:
    """What is timed, by what it is called."""
    from freehold.ledger import LedgerReader, spending, standing  # noqa: PLC0415 - `--help` needs no product

    with LedgerReader.open(path) as reader:
        some_id = reader.requests(1, route=_ROUTES[3])[0].request_id

    def command(*words: str) -> Callable[[], object]:
        line = [str(product_python()), "-m", "freehold.cli", *words, "--config", str(config)]
        return lambda: subprocess.run(line, check=True, capture_output=True)

    def page(hours: float | None) -> None:
        since = None if hours is None else time.time() - hours * 3600
        with LedgerReader.open(path) as reader:
            reader.stats(since)
            reader.requests(12)

    def privacy(hours: float | None) -> None:
        now = time.time()
        with LedgerReader.open(path) as reader:
            reader.privacy_stats(None if hours is None else now - hours * 3600, now)
        standing(path)

    def table(**filters: Any) -> None:
        with LedgerReader.open(path) as reader:
            reader.requests(51, **filters)

    return {
        "freehold stats": command("stats"),
        "freehold stats --since 24h": command("stats", "--since", "24h"),
        "freehold requests --limit 20": command("requests", "--limit", "20"),
        "freehold requests --route rare": command("requests", "--route", "rare"),
        "freehold explain ID": command("explain", some_id),
        "freehold explain, the id's beginning": command("explain", some_id[:14]),
        "page: overview of 24 hours": lambda: page(24),
        "page: overview of all": lambda: page(None),
        "page: requests of one route": lambda: table(route=_ROUTES[3]),
        "page: requests of a rare route": lambda: table(route="rare"),
        "page: failed requests of one key": lambda: table(key="key_7", answered=False),
        "page: privacy of 7 days": lambda: privacy(7 * 24),
        "page: privacy of all": lambda: privacy(None),
        "budgets in all, by key": lambda: spending(path, "key", None),
        "budgets of this day, by route": lambda: spending(path, "route", time.time() // 86400 * 86400),
    }


def timed(look: Callable[[], object]) -> float:
    """The median of the seconds it takes."""
    seconds = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        look()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def measure(folder: Path, rows: int, days: float) -> dict[str, Any]:
    path, config = folder / "freehold.db", folder / "freehold.toml"
    config.write_text(_CONFIG)
    began = time.perf_counter()
    ingest_seconds = fill(path, rows, days) if not path.exists() else None
    return {
        "machine": Machine.here().facts(),
        "rows": rows,
        "days": days,
        "bytes": path.stat().st_size,
        "fill_seconds": time.perf_counter() - began,
        "ingest_microseconds_a_row": None if ingest_seconds is None else 1e6 * ingest_seconds / rows,
        "seconds": {name: timed(look) for name, look in looks(path, config).items()},
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--days", type=float, default=90.0)
    parser.add_argument("--keep", type=Path, help="the ledger of this folder, filled if it is not there")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(exist_ok=True)
        found = measure(folder, given.rows, given.days)
    if given.json:
        print(json.dumps(found, indent=2))
    else:
        print(_told(found))
    return int(max(found["seconds"].values()) > _GOAL_SECONDS)


def _told(found: dict[str, Any]) -> str:
    lines = [f"{found['rows']:,} requests over {found['days']:g} days, {found['bytes'] / 2**30:.2f} GiB"]
    if found["ingest_microseconds_a_row"] is not None:
        lines.append(f"taken in with {found['ingest_microseconds_a_row']:.1f} µs CPU a request")
    lines += [f"{1000 * seconds:8.0f} ms  {name}" for name, seconds in found["seconds"].items()]
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
