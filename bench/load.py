"""Load by wrk: one thread, keep-alive connections, the same POST over and over. Knows no gateways."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.processes import BenchError

CONCURRENCY = 32

_SCRIPT = """
wrk.method = "POST"
wrk.body = {body}
wrk.headers["content-type"] = "application/json"
{headers}
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\\nRESULT {{"requests": %d, "seconds": %.6f, "refused": %d, "broken": %d, ' ..
    '"p50_ms": %.3f, "p99_ms": %.3f}}\\n',
    summary.requests, summary.duration / 1e6, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
"""


@dataclass(frozen=True, slots=True)
class Ask:
    """The request: where to, with which headers and body."""

    url: str
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Answers:
    """What wrk saw. Latencies hold the queue of a saturated server; they are not a lone request's."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def fire(ask: Ask, seconds: int, folder: Path, *, core: int) -> Answers:
    """Ask as fast as it goes for `seconds`. Raises `BenchError` if any answer was not 2xx or broke off."""
    script = folder / "ask.lua"
    headers = "\n".join(f"wrk.headers[{_lua(k)}] = {_lua(v)}" for k, v in ask.headers.items())
    script.write_text(_SCRIPT.format(body=_lua(ask.body), headers=headers))
    command = [
        *("taskset", "--cpu-list", str(core), "wrk", "--threads", "1", "--connections", str(CONCURRENCY)),
        *("--duration", f"{seconds}s", "--timeout", "20s", "--script", str(script), ask.url),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
    result = next((line for line in done.stdout.splitlines() if line.startswith("RESULT ")), None)
    if result is None:
        raise BenchError(f"wrk failed: {done.stdout}{done.stderr}")
    seen = json.loads(result.removeprefix("RESULT "))
    if seen.pop("refused") + seen.pop("broken"):
        raise BenchError(f"not every request to {ask.url} was answered well: {result}")
    return Answers(**seen)


def _lua(text: str) -> str:
    """A Lua string; its escapes for quotes, backslashes and line ends are JSON's."""
    return json.dumps(text)
