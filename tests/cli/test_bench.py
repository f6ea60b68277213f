"""`freehold bench` against a gateway that runs and an API elsewhere, and what it leaves in the ledger."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Freehold, command, environment

from freehold.cli.bench_screen import bar
from freehold.ledger import events

SMALL = ("--concurrency", "1,2", "--requests", "3", "--input-tokens", "20", "--output-tokens", "8")
SECRET = "sk-never-shown"


@contextmanager
def api(keys: list[str | None]) -> Iterator[str]:
    """An API elsewhere that streams two words without usage; it writes down the keys that it was shown."""
    chunk = json.dumps({"choices": [{"index": 0, "delta": {"content": "word "}}]})
    body = f"data: {chunk}\n\ndata: {chunk}\n\ndata: [DONE]\n\n".encode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the standard library
            """Say nothing."""

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            keys.append(self.headers.get("authorization"))
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        finally:
            server.shutdown()
            thread.join()


def test_a_route_is_measured_and_the_result_is_kept(config: Path, freehold: Freehold) -> None:
    ended = freehold("bench", "support", *SMALL, "--json")
    assert ended.code == 0, ended.err
    said = ended.json
    assert said["model"] == "support"
    assert said["simulated"] is True
    assert said["tokens_from"] == "usage"
    assert [level["concurrency"] for level in said["levels"]] == [1, 2]
    for level in said["levels"]:
        assert (level["answers"], level["errors"], level["served_by"]) == (3, 0, ["gpt"])
        assert 0 < level["ttft"]["p50"] <= level["ttft"]["p95"]
        assert level["output_tokens_per_second"] > 0
    assert "At most 7 requests" in ended.err
    assert "concurrency 2: 3 answers" in ended.err
    (kept,) = events(config.parent / "freehold.db", "bench.result")
    assert kept.body == said


def test_a_terminal_sees_a_picture_and_that_it_is_simulated(config: Path) -> None:
    master, slave = pty.openpty()
    with subprocess.Popen(
        command("bench", "gpt", *SMALL),
        cwd=config.parent,
        env=environment() | {"TERM": "xterm", "COLUMNS": "120"},
        stdout=slave,
        stderr=subprocess.DEVNULL,
    ) as running:
        os.close(slave)
        seen = b""
        try:
            while piece := os.read(master, 65_536):
                seen += piece
        except OSError:
            pass  # the other end has closed
        running.wait(60)
    os.close(master)
    assert running.returncode == 0
    text = seen.decode()
    assert "████" in text
    assert "TTFT, 95th percentile" in text
    assert "a sandbox answered" in text


def test_an_api_elsewhere_is_measured_without_a_config(
    folder: Path, freehold: Freehold, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", SECRET)
    keys: list[str | None] = []
    with api(keys) as url:
        ended = freehold("bench", "big", "--url", url, "--key-env", "MY_KEY", *SMALL)
    assert ended.code == 0, ended.err
    assert set(keys) == {f"Bearer {SECRET}"}
    assert len(keys) == 7
    assert SECRET not in ended.out + ended.err
    assert "events of its streams are counted as tokens" in ended.out
    assert "█" not in ended.out
    assert list(folder.iterdir()) == []


def test_with_a_config_the_result_of_an_api_elsewhere_is_kept_too(config: Path, freehold: Freehold) -> None:
    with api([]) as url:
        assert freehold("bench", "big", "--url", url, *SMALL).code == 0
    (kept,) = events(config.parent / "freehold.db", "bench.result")
    assert kept.body["url"] == url
    assert kept.body["tokens_from"] == "events"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing"], "known are support, gpt, llama"),
        (["gpt", "--key-env", "NOT_SET"], "NOT_SET is not set"),
        (["gpt", "--concurrency", "1,two"], "write 1,2,4,8"),
        (["gpt", "--concurrency", "0"], "numbers from 1 to"),
        (["gpt", "--requests", "0"], "--requests"),
    ],
)
@pytest.mark.usefixtures("config")
def test_a_wrong_call_is_told_before_anything_is_asked(
    arguments: list[str], said: str, freehold: Freehold
) -> None:
    ended = freehold("bench", *arguments)
    assert ended.code == 2
    assert said in ended.err


def test_an_api_that_is_not_there_is_a_sentence(folder: Path, freehold: Freehold) -> None:
    ended = freehold("bench", "big", "--url", "http://127.0.0.1:9/v1", *SMALL)
    assert ended.code == 1
    assert "cannot be reached" in ended.err
    assert "hint: " in ended.err
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(("value", "cells"), [(32, 32), (16, 16), (0.25, 1), (0, 1)])
def test_a_bar_is_as_long_as_its_value(value: float, cells: int) -> None:
    assert len(bar(value, 32)) == cells
