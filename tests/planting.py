"""Secrets in every place where one can stand, and upstreams that repeat what they were sent."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from tests.certificates import make_pair
from tests.engine.tiny_gguf import Shape, write_gguf
from tests.gateway.upstream import Exchange, chunk, cuts, hangs, says

_HTML = "<html>{key}</html>"
_STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"

PLAIN_MODES = (
    *("400", "401", "403", "404", "409", "422", "429", "500", "503", "400 text", "502 html"),
    *("200 html", "200 half", "raw", "redirect", "hang", "cut"),
)
STREAM_MODES = ("stream error", "stream late error", "stream cut", "stream garbage", "stream half", "500")


@dataclass(frozen=True, slots=True)
class Planted:
    """What was planted, by where. Long and random, so that a find is no coincidence."""

    by_place: dict[str, str] = field(default_factory=dict)

    def plant(self, place: str, begins: str = "") -> str:
        self.by_place[place] = f"{begins}{secrets.token_hex(24)}"
        return self.by_place[place]

    def found_in(self, text: str) -> list[str]:
        """The places whose secret stands in the text, be it the middle of it alone."""
        return [place for place, secret in self.by_place.items() if secret[8:24] in text]


def write_config(folder: Path, planted: Planted, urls: dict[str, str]) -> dict[str, str]:
    """A config over all of it; the environment that it needs."""
    (folder / "key.txt").write_text(planted.plant("key_file", "sk-"))
    (folder / "metrics.key").write_text(planted.plant("metrics_key_file"))
    make_pair(folder)
    inside = (folder / "key.pem").read_text().splitlines()[2]  # the first says what kind it is
    planted.by_place["tls_key"] = inside
    write_gguf(folder / "tiny.gguf", Shape())
    (folder / "freehold.toml").write_text(_CONFIG.format(**urls))
    return {
        "GPT_KEY": planted.plant("key_env", "sk-"),
        "ENTRA_SECRET": planted.plant("entra client secret"),
        "HF_TOKEN": planted.plant("HF_TOKEN", "hf_"),
        "BENCH_KEY": planted.plant("bench key", "sk-"),
        "FREEHOLD_KEY": planted.plant("FREEHOLD_KEY", "fh-"),
    }


_CONFIG = """\
[server]
port = 0
require_keys = true
tls_cert = "cert.pem"
tls_key = "key.pem"
metrics_key_file = "metrics.key"

[models.by_env]
tenure = "rented"
provider = "compatible"
url = "{echo}"
key_env = "GPT_KEY"
retries = 1
breaker = false
attempt_seconds = 1

[models.by_file]
tenure = "rented"
provider = "compatible"
url = "{echo}"
key_file = "key.txt"
retries = 0
breaker = false
attempt_seconds = 1

[models.by_entra]
tenure = "rented"
provider = "azure"
url = "{azure}"
model = "deployed"
key_env = "ENTRA_SECRET"
entra_tenant_id = "tenant"
entra_client_id = "client"
entra_authority = "{entra}"
retries = 0
breaker = false
attempt_seconds = 1

[models.ours]
tenure = "owned"
provider = "llamacpp"
weights = "tiny.gguf"
threads = 1
slots = 1
retries = 0

[routes.support]
rent = ["by_file", "by_env"]
own = "ours"
home = "rent"
store = true
"""


class Echo:
    """An upstream that repeats the key it was asked with, in the way that the question names."""

    def __init__(self) -> None:
        self.heard: set[str] = set()

    async def step(self, exchange: Exchange) -> None:
        key = next((v for n, v in _headers(exchange) if n in ("authorization", "api-key")), "nobody")
        self.heard.add(key)
        mode = _mode(exchange)
        if mode == "hang":
            await hangs(exchange)
        elif mode == "cut":
            await cuts(exchange)
        elif mode.startswith("stream"):
            await exchange.send(_STREAM + _events(mode, key))
            exchange.writer.close()
        elif mode == "raw":
            await exchange.send(f"{key} is no HTTP\r\n\r\n".encode())
            exchange.writer.close()
        else:
            await _answer(mode, key)(exchange)


def _answer(mode: str, key: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a step, see `upstream`
    error = {"error": {"message": f"no: {key}", "type": key, "param": key, "code": key}}
    if mode == "200 html":
        return says(_HTML.format(key=key).encode(), "200 OK", kind=f'text/html; key="{key}"')
    if mode == "200 half":
        return says(f'{{"choices": "{key}'.encode(), "200 OK")
    if mode == "400 text":
        return says(key.encode(), "400 Bad Request", kind="text/plain")
    if mode == "502 html":
        return says(_HTML.format(key=key).encode(), "502 Bad Gateway", kind="text/html")
    if mode == "redirect":
        return says(b"", "302 Found", f"location: /elsewhere?key={key.replace(' ', '+')}\r\n")
    status = mode if mode.isdigit() else "500"
    return says(error, f"{status} {key}", f"x-echo: {key}\r\nretry-after: 0\r\n")


def _events(mode: str, key: str) -> bytes:
    error = b"data: " + json.dumps({"error": {"message": key, "code": key}}).encode() + b"\n\n"
    return {
        "stream error": error,
        "stream late error": chunk("hel") + error,
        "stream cut": chunk("hel"),
        "stream garbage": chunk("hel") + key.encode() + b"\n\n",
        "stream half": chunk("hel") + b'data: {"x": "' + key.encode() + b"\n\n",
    }[mode]


def _headers(exchange: Exchange) -> list[tuple[str, str]]:
    pairs = (line.partition(":") for line in exchange.head.split("\r\n")[1:])
    return [(name.lower(), value.strip()) for name, _, value in pairs]


def _mode(exchange: Exchange) -> str:
    if exchange.head.startswith("GET"):
        return "404"
    body = exchange.json
    messages = body.get("messages")
    said = messages[-1]["content"] if messages else body.get("input")
    return said if isinstance(said, str) and said in (*PLAIN_MODES, *STREAM_MODES) else "400"
