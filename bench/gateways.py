"""The contenders: how each is started, where it is asked and with which headers. Does not measure.

Every one asks the same upstream, nginx with a canned chat completion, so that only the way there differs.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.load import Ask
from bench.machine import ROOT, product_python
from bench.peers import LITELLM, PORTKEY
from bench.processes import BenchError, Running, free_port

_PATH = "/v1/chat/completions"
_START_SECONDS = 30.0
_SLOW_START_SECONDS = 240.0  # LiteLLM imports for a while, longer still on a busy machine
_SECRET = "sk-bench-only"  # noqa: S105 - of processes on loopback that live for a minute

# One chat completion as OpenAI answers it (OpenAI's API reference, "The chat completion object").
ANSWER = {
    "id": "chatcmpl-bench",
    "object": "chat.completion",
    "created": 1_700_000_000,
    "model": "gpt-4o-mini-2024-07-18",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Hello there, how can I help?"},
            "finish_reason": "stop",
            "logprobs": None,
        }
    ],
    "usage": {"prompt_tokens": 22, "completion_tokens": 9, "total_tokens": 31},
}

_NGINX = """
worker_processes 1; daemon off; pid {folder}/{name}.pid; error_log {folder}/{name}.error.log;
events {{ worker_connections 8192; }}
http {{
  access_log off; keepalive_requests 10000000; default_type application/json;
  client_body_temp_path {folder}/{name}-body; proxy_temp_path {folder}/{name}-proxy;
  fastcgi_temp_path {folder}/{name}-fastcgi; uwsgi_temp_path {folder}/{name}-uwsgi;
  scgi_temp_path {folder}/{name}-scgi;
  {rest}
}}
"""
_CANNED = "server {{ listen 127.0.0.1:{port}; location / {{ return 200 '{answer}'; }} }}"
_PROXY = """
  upstream canned {{ server 127.0.0.1:{upstream}; keepalive 64; keepalive_requests 10000000; }}
  server {{ listen 127.0.0.1:{port};
    location / {{ proxy_pass http://canned; proxy_http_version 1.1; proxy_set_header Connection ""; }} }}
"""
_FREEHOLD = """
[server]
require_keys = true

[ledger]
path = "{name}.db"

[models.gpt]
tenure = "rented"
provider = "openai"
url = "http://127.0.0.1:{upstream}/v1"
model = "gpt-4o-mini"
key_env = "BENCH_UPSTREAM_KEY"
clearance = "internal"
input_usd_per_million = 0.15
output_usd_per_million = 0.60

[routes.support]
rent = "gpt"
label = "internal"
scan = "{scan}"
"""
# Everything that is found by its form, and nothing that a model has to read.
_NO_NAMES = """
[privacy]
harmless = ["ORGANIZATION", "LOCATION", "DATE_TIME", "URL", "PERSON", "ADDRESS"]
"""
_LITELLM = """
model_list:
  - model_name: support
    litellm_params:
      model: openai/gpt-4o-mini
      api_base: http://127.0.0.1:{upstream}/v1
      api_key: {secret}
      input_cost_per_token: 0.00000015
      output_cost_per_token: 0.0000006
general_settings:
  master_key: {secret}
litellm_settings:
  telemetry: false
"""


@dataclass(frozen=True, slots=True)
class Ground:
    """What all contenders share: a folder for their files, the core they run on, the upstream's port.

    Whatever is started goes into `ending`, at once, so that it ends whatever happens.
    """

    folder: Path
    core: int
    upstream_port: int
    ending: ExitStack

    def start(self, name: str, command: Sequence[str], env: Mapping[str, str] | None = None) -> Running:
        return self.ending.enter_context(Running(name, command, self.folder, core=self.core, env=env))


@dataclass(frozen=True, slots=True)
class Contender:
    """A gateway that answers. `what` it does on the way; `start_seconds` to its first answer."""

    name: str
    what: str
    process: Running
    ask: Ask
    start_seconds: float


def start_upstream(folder: Path, core: int, ending: ExitStack) -> int:
    """The stand-in for a model: nginx with one answer for everything. Its port."""
    port = free_port()
    text = _CANNED.format(port=port, answer=json.dumps(ANSWER))
    process = ending.enter_context(Running("upstream", _nginx("upstream", folder, text), folder, core=core))
    process.wait_until_it_answers(f"http://127.0.0.1:{port}/", _START_SECONDS)
    return port


def nginx(ground: Ground) -> Contender:
    port = free_port()
    proxy = _PROXY.format(port=port, upstream=ground.upstream_port)
    process = ground.start("nginx", _nginx("nginx", ground.folder, proxy))
    took = process.wait_until_it_answers(f"http://127.0.0.1:{port}/", _START_SECONDS)
    return Contender("nginx", "bare proxy: no keys, no records", process, _ask(port), took)


def freehold(
    ground: Ground,
    name: str = "freehold",
    source: Path = ROOT / "src",
    scan: str = "never",
    *,
    names: bool = True,
) -> Contender:
    """Freehold from the tree at `source`, so that two states of the code can be compared in one run.

    `scan` is "always" where requests are to be looked through for what is private; `names` as well, or what
    has a form alone.
    """
    config = ground.folder / f"{name}.toml"
    text = _FREEHOLD.format(name=name, upstream=ground.upstream_port, scan=scan)
    config.write_text(text if names else text + _NO_NAMES)
    env = {"PYTHONPATH": str(source), "BENCH_UPSTREAM_KEY": _SECRET}
    command = [product_python(), "-m", "freehold.cli"]
    made = subprocess.run(
        [*command, "keys", "create", "--config", str(config), "--route", "support", "--json"],
        env={**os.environ, **env}, capture_output=True, text=True, timeout=_START_SECONDS, check=False,
    )  # fmt: skip
    if made.returncode:
        raise BenchError(f"freehold keys create failed:\n{made.stdout}{made.stderr}")
    port = free_port()
    process = ground.start(name, [*command, "serve", "--config", str(config), "--port", str(port)], env)
    took = process.wait_until_it_answers(f"http://127.0.0.1:{port}/readyz", _START_SECONDS)
    looks = f", every request scanned{' for names too' if names else ''}" if scan == "always" else ""
    what = f"keys, labels, limits, policy, prices, metrics, ledger, audit log{looks}"
    return Contender(
        name, what, process, _ask(port, authorization=f"Bearer {json.loads(made.stdout)['key']}"), took
    )


def litellm(ground: Ground) -> Contender:
    config = ground.folder / "litellm.yaml"
    config.write_text(_LITELLM.format(upstream=ground.upstream_port, secret=_SECRET))
    port = free_port()
    command = [str(LITELLM), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    # Prices from its wheel, and logs as quiet as they can be: both in its favour.
    env = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "NO_DOCS": "True"}
    process = ground.start("litellm", [*command, "--num_workers", "1"], env)
    took = process.wait_until_it_answers(f"http://127.0.0.1:{port}/health/liveliness", _SLOW_START_SECONDS)
    what = "master key, prices; no database, so no records"
    return Contender("litellm", what, process, _ask(port, authorization=f"Bearer {_SECRET}"), took)


def portkey(ground: Ground) -> Contender:
    port = free_port()
    command = ["node", str(PORTKEY), f"--port={port}", "--headless"]
    process = ground.start("portkey", command, {"NODE_ENV": "production"})
    took = process.wait_until_it_answers(f"http://127.0.0.1:{port}/", _SLOW_START_SECONDS)
    ask = _ask(
        port,
        **{
            "authorization": f"Bearer {_SECRET}",
            "x-portkey-provider": "openai",
            "x-portkey-custom-host": f"http://127.0.0.1:{ground.upstream_port}/v1",
        },
    )
    return Contender("portkey", "passes the key on; no records", process, ask, took)


def _ask(port: int, **headers: str) -> Ask:
    body = {
        "model": "support",
        "messages": [{"role": "user", "content": "Hello, who are you and what can you do for me today?"}],
        "temperature": 0.2,
    }
    return Ask(f"http://127.0.0.1:{port}{_PATH}", headers, json.dumps(body))


def _nginx(name: str, folder: Path, rest: str) -> list[str]:
    config = folder / f"{name}.conf"
    config.write_text(_NGINX.format(folder=folder, name=name, rest=rest))
    return ["nginx", "-e", f"{folder}/{name}.error.log", "-c", str(config)]
