from __future__ import annotations

import http.server
import io
import json
import logging
import re
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.cli.test_serving import running, told_when_ready
from tests.conftest import ROOT
from tests.ledger.samples import a_record

from freehold.cli.logs import ABOUT, _Json, _Text
from freehold.cli.request_log import fields_of
from freehold.ledger import LedgerReader

CANARY = "canary-71c3"
CONFIG = """
[server]
port = 0
log_format = "{format}"
log_requests = true
require_keys = false

[models.gpt]
tenure = "rented"
provider = "openai"
url = "{url}"
key_file = "upstream.key"
model = "gpt-4o-mini"
retries = 0
breaker = false

[routes.support]
rent = "gpt"
store = true
"""


class Echo(http.server.BaseHTTPRequestHandler):
    """An upstream that repeats what it is asked and who asks, in answers, errors and garbage by turns."""

    turn = 0

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["content-length"])).decode()
        said = f"{self.headers['authorization']} {asked}"
        Echo.turn += 1
        answer = {
            "model": "gpt-4o-mini",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": said}}],
            "usage": {"prompt_tokens": 7, "completion_tokens": 3},
        }
        status, body = (
            (200, json.dumps(answer)),
            (500, json.dumps({"error": {"message": said, "type": said, "code": said, "param": said}})),
            (400, json.dumps({"error": {"message": said, "type": "t", "code": "c", "param": None}})),
            (200, f"<html>{said}</html>"),
        )[Echo.turn % 4]
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """The test's own output says enough."""


@contextmanager
def echo() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ask(url: str, body: bytes, **headers: str) -> int:
    request = urllib.request.Request(f"{url}/chat/completions", body, headers)  # noqa: S310 - our own gateway
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - likewise
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def served(folder: Path, format_: str) -> tuple[list[str], str]:
    """Stderr, by lines, and stdout of a gateway that met canaries wherever one can be planted."""
    (folder / "upstream.key").write_text(f"sk-{CANARY}-upstream")
    config = folder / "freehold.toml"
    with echo() as url:
        config.write_text(CONFIG.format(format=format_, url=url))
        with running(folder, "serve", "--json") as process:
            gateway = told_when_ready(process)["url"]
            prompt = {"model": "support", "user": CANARY, "messages": [{"role": "user", "content": CANARY}]}
            for _ in range(4):
                ask(gateway, json.dumps(prompt).encode(), authorization=f"Bearer fh-{CANARY}")
            ask(gateway, json.dumps(prompt | {"model": CANARY}).encode())
            ask(gateway, json.dumps(prompt | {"stream": True}).encode())
            ask(gateway, f'{{"model": "support", {CANARY}'.encode())
            ask(gateway, json.dumps(prompt).encode(), **{"x-freehold-label": CANARY, "x-canary": CANARY})
            wrong = CONFIG.format(format=format_, url=url) + f'\n[models.other]\napi_key = "{CANARY}"\n'
            config.write_text(wrong)
            assert process.stderr is not None
            lines: list[str] = []
            while not any("the changed config is not used" in line for line in lines):
                lines.append(process.stderr.readline())
            process.terminate()
            out, err = process.communicate(timeout=60)
    return [line for line in [*lines, *err.splitlines()] if line.strip()], out


def test_a_json_log_is_an_object_a_line_with_a_line_a_request_and_no_content(folder: Path) -> None:
    lines, out = served(folder, "json")
    said = [json.loads(line) for line in lines]
    assert all({"time", "level", "event"} <= line.keys() for line in said)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"]) for line in said)
    requests = [line for line in said if line["event"] == "request"]
    with LedgerReader.open(folder / "freehold.db") as reader:
        records = reader.requests(100)
    assert len(records) == len(requests) == 8
    by_id = {line["request_id"]: line for line in requests}
    for record in records:
        line = by_id[record.request_id]
        assert (line["status"], line["route"], line["model"]) == (record.status, record.route, record.model)
        assert line["cost_usd"] == (None if record.cost_usd is None else f"{record.cost_usd:f}")
    assert {line["code"] for line in requests} >= {"model_not_found", "invalid_label", None}
    assert CANARY not in out + "".join(lines)


def test_a_text_log_says_the_same_to_people_without_content(folder: Path) -> None:
    lines, out = served(folder, "text")
    requests = [line for line in lines if " INFO request " in line]
    assert len(requests) == 8
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ [A-Z]+ ", line) for line in requests)
    assert any("route=support model=gpt" in line and "status=200" in line for line in requests)
    assert CANARY not in out + "".join(lines)


@pytest.mark.parametrize("formatter", [_Json(), _Text()])
def test_a_fault_of_ours_is_told_by_kind_and_place_and_not_in_its_own_words(
    formatter: logging.Formatter,
) -> None:
    told = io.StringIO()
    handler = logging.StreamHandler(told)
    handler.setFormatter(formatter)
    try:
        dict[str, str]()[CANARY]
    except KeyError:
        fault = sys.exc_info()
    record = logging.LogRecord("x", logging.ERROR, "", 0, "req_1 failed by a fault of our own", (), fault)
    handler.handle(record)
    assert "builtins.KeyError" in told.getvalue()
    assert "test_logs.py" in told.getvalue()
    assert CANARY not in told.getvalue()
    assert told.getvalue().count("\n") == 1 or isinstance(formatter, _Text)


def test_a_line_of_a_request_holds_figures_and_names_of_the_config_alone() -> None:
    fields = fields_of(a_record("req_1", reason=CANARY, error=CANARY, upstream_model=CANARY), "code")
    assert CANARY not in json.dumps(fields)
    assert (fields["ms"], fields["cost_usd"], fields["input_tokens"]) == (512.0, "0.0000375", 120)
    record = logging.LogRecord("x", logging.INFO, "", 0, "request", (), None)
    setattr(record, ABOUT, {"route": None, "status": 200})
    assert _Text().format(record).endswith("INFO request status=200")
    assert json.loads(_Json().format(record))["route"] is None


def test_every_field_is_in_the_reference() -> None:
    reference = (ROOT / "docs" / "reference" / "logs.md").read_text()
    fields = {"time", "level", "event", "fault", "frames", *fields_of(a_record("req_1"), None)}
    assert [field for field in fields if f"`{field}`" not in reference] == []
