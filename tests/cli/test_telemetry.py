from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from tests.cli.conftest import environment
from tests.conftest import ROOT
from tests.gateway import upstream as up
from tests.gateway.house import gateway

from freehold.cli.telemetry import switch
from freehold.errors import ConfigError
from freehold.gateway import Tracing
from freehold.ledger import events

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PARENT = f"00-{TRACE}-{SPAN}-01"
CANARY = "canary-9d21"
CONFIG = """
[models.gpt]
tenure = "rented"
provider = "compatible"
url = "{url}"
key_file = "upstream.key"
retries = 1

[routes.support]
rent = "gpt"

[telemetry]
otlp_endpoint = "{collector}"
service_name = "our gateway"
{more}
"""
OFF = CONFIG.partition("[telemetry]")[0]


def spans_in(collector: up.Upstream) -> list[Any]:
    found = []
    for exchange in collector.requests:
        assert "POST /v1/traces HTTP/1.1" in exchange.head
        assert "content-type: application/x-protobuf" in exchange.head
        for resource in ExportTraceServiceRequest.FromString(exchange.body).resource_spans:
            named = {pair.key: pair.value.string_value for pair in resource.resource.attributes}
            assert named["service.name"] == "our gateway"
            found += [span for scope in resource.scope_spans for span in scope.spans]
    return found


def attributes(span: Any) -> dict[str, Any]:
    return {pair.key: pair.value.string_value or pair.value.int_value for pair in span.attributes}


def said(exchange: up.Exchange, name: str) -> str | None:
    lines = (line.partition(": ") for line in exchange.head.split("\r\n"))
    return next((value for key, _, value in lines if key.lower() == name), None)


@pytest.fixture(autouse=True)
def _key(tmp_path: Path) -> None:
    (tmp_path / "upstream.key").write_text(f"sk-{CANARY}")


async def test_each_call_of_a_model_is_a_span_of_the_clients_trace_and_the_upstream_its_child(
    tmp_path: Path,
) -> None:
    steps = up.fails("500 Oops", message=CANARY), up.streams(*up.WHOLE)
    async with up.upstream(up.says({})) as collector, up.upstream(*steps) as rent:
        config = CONFIG.format(url=rent.url, collector=collector.url.removesuffix("/v1"), more="")
        async with gateway(tmp_path, config) as house:
            sent = {"traceparent": PARENT, "tracestate": "vendor=1", "authorization": f"Bearer {CANARY}"}
            answer = await house.chat(content=CANARY, stream=True, user=CANARY, headers=sent)
            record = await house.record(answer)
    spans = sorted(spans_in(collector), key=lambda span: span.start_time_unix_nano)
    (request,) = (span for span in spans if span.name == "chat support")
    calls = [span for span in spans if span is not request]
    assert {span.trace_id.hex() for span in (request, *calls)} == {TRACE}
    assert request.parent_span_id.hex() == SPAN
    assert attributes(request) == {
        "gen_ai.operation.name": "chat",
        "freehold.request_id": record.request_id,
        "freehold.route": "support",
        "http.response.status_code": 200,
    }
    assert [span.name for span in calls] == ["chat gpt", "chat gpt"]
    assert {span.parent_span_id for span in calls} == {request.span_id}
    failed, good = map(attributes, calls)
    assert (failed["error.type"], failed["http.response.status_code"]) == ("error", 500)
    assert record.usage is not None
    assert {name: good[name] for name in good if name.startswith("gen_ai")} == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "compatible",
        "gen_ai.request.model": "gpt",
        "gen_ai.response.model": record.upstream_model,
        "gen_ai.usage.input_tokens": record.usage.input_tokens,
        "gen_ai.usage.output_tokens": record.usage.output_tokens,
    }
    for exchange, span in zip(rent.requests, calls, strict=True):
        assert said(exchange, "traceparent") == f"00-{TRACE}-{span.span_id.hex()}-01"
        assert said(exchange, "tracestate") is None  # free text of the client, and nobody looked through it
    assert not any(CANARY.encode() in exchange.body for exchange in collector.requests)
    assert all(CANARY not in exchange.head for exchange in collector.requests)


async def test_a_model_that_may_receive_everything_gets_the_clients_tracestate_too(tmp_path: Path) -> None:
    async with up.upstream(up.says({})) as collector, up.upstream(up.says()) as rent:
        config = CONFIG.format(url=rent.url, collector=collector.url.removesuffix("/v1"), more="")
        config = config.replace("retries = 1", 'retries = 1\nclearance = "secret"')
        async with gateway(tmp_path, config) as house:
            await house.chat(headers={"traceparent": PARENT, "tracestate": "vendor=1"})
    assert said(rent.requests[0], "tracestate") == "vendor=1"


async def test_spans_leave_by_the_door_with_a_permit_that_is_in_the_ledger(tmp_path: Path) -> None:
    async with up.upstream(up.says({})) as collector, up.upstream(up.says()) as rent:
        config = CONFIG.format(url=rent.url, collector=collector.url.removesuffix("/v1"), more="")
        async with gateway(tmp_path, config) as house:
            await house.chat()
            ledger = house.running.ledger_path
    (event,) = events(ledger, "egress.sent")
    assert (event.body["policy"], event.body["label"]) == ("telemetry", "internal")
    assert event.body["destination"] == collector.url.removesuffix("/v1")
    assert len(collector.requests) == 1


async def test_a_client_that_is_not_sampled_and_a_ratio_of_nothing_leave_no_span(tmp_path: Path) -> None:
    async with up.upstream(up.says({})) as collector, up.upstream(up.says()) as rent:
        more = "sample_ratio = 0.0"
        config = CONFIG.format(url=rent.url, collector=collector.url.removesuffix("/v1"), more=more)
        async with gateway(tmp_path, config) as house:
            await house.chat()
            await house.chat(headers={"traceparent": PARENT[:-1] + "0"})
            await house.chat(headers={"traceparent": PARENT})
    assert len(spans_in(collector)) == 2
    assert said(rent.requests[1], "traceparent") is not None


async def test_a_collector_that_fails_costs_no_request_anything(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent:
        config = CONFIG.format(url=rent.url, collector="http://127.0.0.1:9", more="")
        async with gateway(tmp_path, config) as house:
            assert (await house.chat()).status == 200


async def test_without_telemetry_nothing_of_the_trace_is_passed_on(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent:
        async with gateway(tmp_path, OFF.format(url=rent.url)) as house:
            await house.chat(headers={"traceparent": PARENT})
    assert said(rent.requests[0], "traceparent") is None


async def test_a_missing_opentelemetry_is_named_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switch, "_NEEDED", ("opentelemetry.missing",))
    config = CONFIG.format(url="http://127.0.0.1:9/v1", collector="http://127.0.0.1:9", more="")
    with pytest.raises(ConfigError, match="not installed") as caught:
        async with gateway(tmp_path, config):
            pass
    assert caught.value.hint == 'pip install "freehold[otel]"; in a clone: .venv/bin/pip install -e ".[otel]"'


@given(st.binary(max_size=80) | st.sampled_from([PARENT.encode(), PARENT.upper().encode(), b"00-"]))
def test_any_traceparent_gives_a_trace_and_only_a_valid_one_is_followed(given_: bytes) -> None:
    trace = Tracing(1.0).begin(given_, None)
    trace.attempt()
    assert (trace.trace == TRACE) is (given_ == PARENT.encode())
    ((_, header),) = trace.headers(with_state=True)
    assert header.decode() == f"00-{trace.trace}-{trace.attempts[0]}-01"


def test_without_telemetry_its_sdk_is_not_loaded() -> None:
    loaded = "any(name.startswith('opentelemetry') for name in sys.modules)"
    code = f"import sys, freehold.cli.running; sys.exit({loaded})"
    assert subprocess.run([sys.executable, "-c", code], env=environment(), check=False).returncode == 0


def test_every_attribute_of_a_span_is_in_the_reference() -> None:
    reference = (ROOT / "docs" / "reference" / "traces.md").read_text()
    source = (ROOT / "src" / "freehold" / "cli" / "telemetry" / "spans.py").read_text()
    names = set(re.findall(r'"([a-z_]+\.[a-z_.]+)"', source))
    assert len(names) > 10
    assert [name for name in names if f"`{name}`" not in reference] == []
