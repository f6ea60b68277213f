from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_plain
from tests.conftest import ROOT
from tests.gateway import upstream as up
from tests.gateway.house import Answer, Gateway, gateway
from tests.ledger.samples import a_record, records

from freehold.gateway import Counters
from freehold.gateway.metrics.counted import families
from freehold.gateway.metrics.counters import MOST_TALLIES
from freehold.gateway.metrics.exposition import Buckets, Family, Sample, write
from freehold.ledger import Record

CONFIG = """
[server]
{server}

[models.gpt]
tenure = "rented"
provider = "compatible"
url = "{url}"
input_usd_per_million = 1
output_usd_per_million = 10
retries = 1
clearance = "internal"

[models.llama]
tenure = "owned"
provider = "compatible"
url = "http://127.0.0.1:9/v1"
slots = 3

[routes.support]
rent = "gpt"
budget_usd = 1
max_output_tokens = 100
"""
HERE = {"host": "127.0.0.1"}


@dataclass(frozen=True)
class Draft:
    """What counters look at of a draft."""

    code: str | None = None


def counted(of: Iterable[Record], code: str | None = None) -> Counters:
    counters = Counters()
    for record in of:
        counters.observe(record, Draft(code))  # type: ignore[arg-type]  # a draft of which only the code is read
    return counters


def values(text: str, name: str, /, **labels: str) -> dict[tuple[tuple[str, str], ...], float]:
    """Samples of that name whose labels include these, as Prometheus's own parser reads them."""
    found = {}
    for family in read_plain(text):
        for sample in family.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                key = tuple(sorted(sample.labels.items()))
                assert key not in found, f"Prometheus refuses a series that stands twice: {name} {key}"
                found[key] = sample.value
    return found


def total(text: str, name: str, /, **labels: str) -> float:
    return sum(values(text, name, **labels).values())


async def metrics(house: Gateway, **headers: str) -> Answer:
    """As Prometheus asks on this machine."""
    answer = await house.ask("/metrics", **HERE, **headers)
    assert answer.status == 200, answer.body
    return answer


@pytest.mark.parametrize("openmetrics", [False, True])
def test_both_formats_are_read_by_prometheus_own_parsers(*, openmetrics: bool) -> None:
    odd = 'a "quoted"\\name\nof two lines'
    made = [
        Family("f_things", "counter", "Things\nof two lines.", (Sample({"model": odd, "route": None}, 3),)),
        Family("f_usd", "counter", "Money.", (Sample({}, Decimal("1E-9")),)),
        Family("f_now", "gauge", "Now.", (Sample({"a": "b"}, 0.5),)),
        Family("f_seconds", "histogram", "Times.", (Buckets({"a": "b"}, (0.1, 1.0), (2, 0, 1), 4.5),)),
        Family("f_none", "gauge", "Nothing to say.", ()),
    ]
    text = write(made, openmetrics=openmetrics).decode()
    read = list(read_openmetrics(text) if openmetrics else read_plain(text))  # type: ignore[no-untyped-call]  # its stubs
    assert [(family.name, family.type) for family in read] == [
        ("f_things", "counter"),
        ("f_usd", "counter"),
        ("f_now", "gauge"),
        ("f_seconds", "histogram"),
    ]
    samples = {(s.name, *sorted(s.labels.items())): s.value for family in read for s in family.samples}
    assert samples["f_things_total", ("model", odd)] == 3
    assert samples["f_usd_total",] == 1e-9
    assert samples["f_seconds_bucket", ("a", "b"), ("le", "1.0")] == 2
    assert samples["f_seconds_bucket", ("a", "b"), ("le", "+Inf")] == 3
    assert samples["f_seconds_count", ("a", "b")] == 3
    assert ("0.000000001" in text, "f_none" in text) == (True, False)


@settings(max_examples=30, deadline=None)
@given(st.lists(records, max_size=12, unique_by=lambda record: record.request_id))
def test_counters_are_the_sums_of_the_records(drawn: list[Record]) -> None:
    text = write(families(counted(drawn)), openmetrics=False).decode()
    assert total(text, "freehold_requests_total") == len(drawn)
    unknown = sum(record.cost_usd is None for record in drawn)
    assert total(text, "freehold_unknown_cost_requests_total") == unknown
    for kind in ("input", "cached", "output", "reasoning"):
        told = (getattr(r.usage, f"{kind}_tokens") for r in drawn if r.usage is not None)
        assert total(text, "freehold_tokens_total", type=kind) == sum(n for n in told if n is not None)
    assert total(text, "gen_ai_server_request_duration_seconds_count") == len(drawn)
    assert total(text, "freehold_attempts_total") == sum(len(record.attempts) for record in drawn)
    lines = (ln.rpartition(" ")[2] for ln in text.splitlines() if ln.startswith("freehold_cost_usd_total"))
    with localcontext(prec=1_000):
        cost = sum((r.cost_usd for r in drawn if r.cost_usd is not None), Decimal(0))
        assert sum(map(Decimal, lines), Decimal(0)) == cost


def test_requests_that_only_our_own_labels_tell_apart_are_one_series_of_opentelemetry() -> None:
    drawn = [a_record("req_1", endpoint="chat/completions"), a_record("req_2", endpoint="responses")]
    text = write(families(counted(drawn)), openmetrics=False).decode()
    assert values(text, "gen_ai_server_request_duration_seconds_count").popitem()[1] == 2
    assert sorted(values(text, "freehold_requests_total").values()) == [1, 1]


def test_labels_are_bounded_and_what_is_beyond_them_is_still_counted() -> None:
    many = [a_record(f"req_{n}", route=f"r{n}") for n in range(MOST_TALLIES + 50)]
    counters = counted(many, code="code")
    assert len(counters.tallies) == MOST_TALLIES + 1
    assert sum(tally.requests for tally in counters.tallies.values()) == len(many)
    for n in range(MOST_TALLIES + 50):
        counters.observe(a_record("req"), Draft(f"upstream says {n}"))  # type: ignore[arg-type]  # only the code
    assert len(counters.refusals) <= MOST_TALLIES + 1


async def test_what_a_gateway_did_is_in_its_metrics_under_the_fields_names(tmp_path: Path) -> None:
    steps = (up.fails("500 Oops"), up.says(), up.streams(*up.WHOLE), up.fails("400 Bad"))
    async with up.upstream(*steps) as rent:
        async with gateway(tmp_path, CONFIG.format(url=rent.url, server="")) as house:
            for stream in (False, True, False):
                await house.chat(stream=stream)
            await house.chat(headers={"x_freehold_label": "secret"})
            await house.chat("nobody")
            text = (await metrics(house)).body.decode()
            recorded = await house.records()
    assert total(text, "freehold_requests_total") == len(recorded) == 5
    assert total(text, "freehold_requests_total", route="support", status="200") == 2
    assert total(text, "freehold_cost_usd_total") == float(sum(r.cost_usd or 0 for r in recorded))
    told = [r.usage for r in recorded if r.usage is not None]
    for kind in ("input", "output"):
        tokens = sum(getattr(usage, f"{kind}_tokens") for usage in told)
        assert total(text, "gen_ai_client_token_usage_sum", gen_ai_token_type=kind) == tokens
        assert total(text, "freehold_tokens_total", type=kind) == tokens
    (labels,) = values(
        text, "gen_ai_server_time_to_first_token_seconds_count", gen_ai_operation_name="chat",
        gen_ai_request_model="gpt", gen_ai_provider_name="compatible",
    )  # fmt: skip
    assert "error_type" not in dict(labels)
    assert total(text, "freehold_attempts_total", model="gpt", outcome="ok") == 2
    assert total(text, "freehold_attempts_total", model="gpt", outcome="error") == 2
    assert total(text, "freehold_errors_total", code="model_not_found") == 1
    assert total(text, "freehold_permits_refused_total") == 1
    assert values(text, "freehold_model_up") == {(("model", "gpt"),): 1, (("model", "llama"),): 1}
    assert values(text, "freehold_slots") == {(("model", "llama"),): 3}
    budget = {"kind": "route", "name": "support", "period": "total"}
    assert total(text, "freehold_budget_usd", **budget) == 1
    assert total(text, "freehold_budget_spent_usd", **budget) == float(sum(r.cost_usd or 0 for r in recorded))
    assert total(text, "freehold_budget_held_usd", **budget) == 0
    assert total(text, "process_resident_memory_bytes") > 10_000_000
    assert total(text, "process_open_fds") > 3
    assert total(text, "freehold_ledger_trouble") == 0


async def test_a_scraper_that_reads_openmetrics_is_given_it(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent:
        async with gateway(tmp_path, CONFIG.format(url=rent.url, server="")) as house:
            await house.chat()
            accept = "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"
            answer = await metrics(house, accept=accept)
            plain = await metrics(house)
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert plain.headers["content-type"].startswith("text/plain; version=0.0.4")
    told = read_openmetrics(answer.body.decode())  # type: ignore[no-untyped-call]  # its stubs
    assert {family.name for family in told} >= {
        "freehold_requests",
        "gen_ai_client_token_usage",
        "process_cpu_seconds",
    }


async def test_no_prompt_key_or_name_of_a_client_is_in_the_metrics(tmp_path: Path) -> None:
    canary = "canary-5c1d"
    async with up.upstream(up.says(up.ANSWER | {"model": f"{canary}-model"})) as rent:
        async with gateway(tmp_path, CONFIG.format(url=rent.url, server="")) as house:
            await house.chat(content=f"{canary} prompt", user=f"{canary}-user")
            await house.chat(f"{canary}-route")
            await house.chat(headers={"authorization": f"Bearer {canary}-key"})
            text = (await metrics(house)).body.decode()
    assert total(text, "freehold_requests_total") == 3
    assert "canary" not in text


@pytest.mark.parametrize(
    "headers",
    [
        {**HERE, "x_forwarded_for": "10.0.0.1"},
        {**HERE, "forwarded": "for=10.0.0.1"},
        {"host": "rebound.example"},
        {"host": "[::1"},
    ],
)
async def test_what_a_proxy_forwards_or_a_rebound_name_asks_is_not_from_this_machine(
    tmp_path: Path, headers: dict[str, Any]
) -> None:
    async with gateway(tmp_path, CONFIG.format(url="http://127.0.0.1:9", server="")) as house:
        refused = await house.ask("/metrics", **headers)
    assert (refused.status, refused.error["code"]) == (403, "metrics_local_only")


async def test_a_key_file_opens_the_metrics_to_who_shows_it_and_to_nobody_else(tmp_path: Path) -> None:
    (tmp_path / "metrics.key").write_text("0123456789abcdef0123\n")
    config = CONFIG.format(url="http://127.0.0.1:9", server='metrics_key_file = "metrics.key"')
    elsewhere = {"x_forwarded_for": "10.0.0.1"}
    async with gateway(tmp_path, config) as house:
        shown = await house.ask("/metrics", authorization="Bearer 0123456789abcdef0123", **elsewhere)
        wrong = await house.ask("/metrics", authorization="Bearer 0123456789abcdef0124", **elsewhere)
        none = await house.ask("/metrics", **elsewhere)
        asked = await house.ask("/v1/models", authorization="Bearer 0123456789abcdef0123")
    assert (shown.status, wrong.status, none.status) == (200, 401, 401)
    assert asked.status == 200  # no keys are required here; it is no key for models either


async def test_every_metric_is_in_the_reference(tmp_path: Path) -> None:
    reference = (ROOT / "docs" / "reference" / "metrics.md").read_text()
    async with up.upstream(up.streams(*up.WHOLE)) as rent:
        async with gateway(tmp_path, CONFIG.format(url=rent.url, server="")) as house:
            await house.chat(stream=True)
            await house.chat("nobody")
            text = (await metrics(house)).body.decode()
    names = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    assert len(names) > 25
    assert [name for name in names if f"| `{name}` |" not in reference] == []


async def test_metrics_can_be_switched_off(tmp_path: Path) -> None:
    config = CONFIG.format(url="http://127.0.0.1:9", server="metrics = false")
    async with gateway(tmp_path, config) as house:
        assert (await house.ask("/metrics")).status == 404
