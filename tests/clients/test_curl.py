"""curl, as READMEs and shells use it."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from tests.clients.conftest import Served

if shutil.which("curl") is None:
    pytest.skip("curl is not installed", allow_module_level=True)

BODY = json.dumps({"model": "support", "messages": [{"role": "user", "content": "hi"}]})


def curl(served: Served, *arguments: str, path: str = "/chat/completions", stdin: str | None = None) -> str:
    run = subprocess.run(
        ["curl", "-sS", "--max-time", "20", served.url + path, "-H", _authorization(served), *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout


def _authorization(served: Served) -> str:
    return f"Authorization: Bearer {served.key}"


@pytest.mark.parametrize(
    "arguments",
    [
        ("-H", "Content-Type: application/json", "-d", BODY),
        ("-d", BODY),  # says that it is a form
        ("--json", BODY),
        ("--compressed", "-d", BODY),
        ("--http1.0", "-d", BODY),
        ("--http2", "-d", BODY),
        ("-H", "Transfer-Encoding: chunked", "-d", BODY),
        ("-H", "Expect: 100-continue", "-d", BODY),
        ("-H", "Content-Type;", "-d", BODY),
    ],
)
def test_a_body_is_taken_however_curl_sends_it(served: Served, arguments: tuple[str, ...]) -> None:
    answer = json.loads(curl(served, *arguments))
    served.document.check("CreateChatCompletionResponse", answer)


def test_a_large_body_from_a_pipe_is_taken(served: Served) -> None:
    """It asks first (`Expect: 100-continue`) where a body is larger than a megabyte."""
    body = json.dumps({"model": "support", "input": "x" * 3_000_000})
    answer = json.loads(curl(served, "-d", "@-", path="/embeddings", stdin=body))
    served.document.check("CreateEmbeddingResponse", answer)


def test_a_stream_ends_in_done(served: Served) -> None:
    streamed = curl(served, "-N", "-d", BODY[:-1] + ', "stream": true}')
    assert streamed.endswith("data: [DONE]\n\n")


def test_an_error_has_its_status_and_says_why(served: Served) -> None:
    told = curl(served, "-w", "%{http_code}", "-d", "{}")
    assert told.endswith("400")
    assert "Missing required parameter: 'model'." in told


def test_a_head_has_no_body(served: Served) -> None:
    assert curl(served, "-I", path="/models").startswith("HTTP/1.1 200 OK")


def test_two_requests_share_a_connection(served: Served) -> None:
    told = curl(served, "-d", BODY, "-o", "/dev/null", f"{served.url}/models", "-w", "%{num_connects} ")
    assert told.endswith("0 ")
