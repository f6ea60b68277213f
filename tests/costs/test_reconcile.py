from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.samples import a_record

from freehold.costs import Bill, BillLine, Finding, Reconciling, asked_of, read_bill
from freehold.ledger import Attempt, Record
from freehold.wire import Usage

DAY, NEXT = date(2026, 9, 21), date(2026, 9, 22)
NOON = datetime(2026, 9, 21, 12, tzinfo=UTC).timestamp()
MODEL = "gpt-4o-mini-2024-07-18"
OPENAI = frozenset({"openai"})


def record(request_id: str, **changes: Any) -> Record:
    return a_record(request_id, **{"at": NOON, **changes})


def attempt(outcome: str, status: int | None = None, **changes: Any) -> Attempt:
    fields = {
        "model": "gpt",
        "tenure": "rented",
        "provider": "openai",
        "started_seconds": 0.1,
        "seconds": 0.4,
    }
    return Attempt(**{**fields, **changes}, outcome=outcome, status=status)


def bill(*rows: str) -> Bill:
    head = "date,model,requests,input_tokens,cached_tokens,output_tokens,cost_usd\n"
    return read_bill(head + "".join(f"{row}\n" for row in rows), "bill.csv")


def compared(of: Bill | list[Bill], *records: Record, percent: str = "0") -> list[Finding]:
    bills = of if isinstance(of, list) else [of]
    days = frozenset(day for bill in bills for day in bill.days)
    comparing = Reconciling(bills, days, Decimal(percent))
    for one in records:
        for asked in asked_of(one, {"gpt": "gpt-4o-mini"}.get, OPENAI):
            comparing.add(asked)
    return comparing.findings()


def only(findings: Iterable[Finding]) -> Finding:
    (finding,) = findings
    return finding


def test_what_the_ledger_counted_agrees_with_a_bill_of_the_same() -> None:
    found = only(
        compared(bill(f"2026-09-21,{MODEL},2,240,200,90,0.000075"), record("req_1"), record("req_2"))
    )
    assert (found.verdict, found.only_in, found.rows_in_all, found.rows) == ("agrees", None, 2, ())


@pytest.mark.parametrize(
    ("row", "figure"),
    [
        ("3,240,200,90,0.000075", "requests"),
        ("1,240,200,90,0.000075", "requests"),
        ("2,241,200,90,0.000075", "input_tokens"),
        ("2,240,199,90,0.000075", "cached_tokens"),
        ("2,240,200,0,0.000075", "output_tokens"),
        ("2,240,200,90,0.0751", "cost_usd"),
    ],
)
def test_any_figure_that_differs_is_drift_and_its_rows_are_named(row: str, figure: str) -> None:
    found = only(compared(bill(f"2026-09-21,{MODEL},{row}"), record("req_1"), record("req_2")))
    assert found.verdict == "drift"
    assert [f.name for f in found.figures if f.verdict == "drift"] == [figure]
    assert [behind.request_id for behind in found.rows] == ["req_1", "req_2"]
    assert found.bill_lines == ("bill.csv:2",)


def test_the_bills_name_for_a_model_is_found_and_others_stand_alone() -> None:
    findings = compared(
        bill("2026-09-21,gpt-4o-mini,1,120,100,45,", "2026-09-21,o3,4,,,,"),
        record("req_1"),
        record("req_2", upstream_model="gpt-4.1"),
    )
    assert [(f.model, f.verdict, f.only_in) for f in findings] == [
        ("gpt-4.1", "drift", "ledger"),
        ("gpt-4o-mini", "agrees", None),
        ("o3", "drift", "bill"),
    ]


def test_a_day_is_a_day_of_utc_by_when_the_attempt_began() -> None:
    midnight = datetime(2026, 9, 22, tzinfo=UTC).timestamp()
    late = record("req_1", at=midnight - 0.05, attempts=(attempt("ok", 200),))  # asked 0.05 s after midnight
    findings = compared(bill(f"2026-09-22,{MODEL},1,120,100,45,0.0000375"), late)
    assert [(f.day, f.verdict) for f in findings] == [(NEXT, "agrees")]
    whole = compared(bill(f"2026-09-21,{MODEL},1,120,100,45,", f"2026-09-22,{MODEL},0,0,0,0,"), late)
    assert [f.verdict for f in whole] == ["drift", "drift"]
    assert "midnight" in whole[1].rows[0].why


@pytest.mark.parametrize("outcome", ["timeout", "cut", "client_gone"])
def test_a_retry_that_may_be_billed_explains_one_request_more_and_no_other(outcome: str) -> None:
    retried = record("req_1", attempts=(attempt(outcome), attempt("ok", 200)), cost_usd=None)
    rows = [retried, record("req_2")]
    more = only(compared(bill(f"2026-09-21,{MODEL},3,360,200,135,"), *rows))
    assert (more.verdict, more.maybe_requests) == ("explained", 1)
    assert more.rows[0].request_id == "req_1"
    assert "may be on the bill" in more.rows[0].why
    assert only(compared(bill(f"2026-09-21,{MODEL},2,240,200,90,"), *rows)).verdict == "agrees"
    assert only(compared(bill(f"2026-09-21,{MODEL},4,480,200,180,"), *rows)).verdict == "drift"
    # the bill says that it was not billed: then it explains no token either
    assert only(compared(bill(f"2026-09-21,{MODEL},2,241,200,90,"), *rows)).verdict == "drift"
    # nor more tokens than the largest request had
    assert only(compared(bill(f"2026-09-21,{MODEL},3,361,200,135,"), *rows)).verdict == "drift"


def test_a_provider_that_said_no_bills_nothing() -> None:
    failed = record("req_1", attempts=(attempt("error", 500), attempt("error", 429), attempt("ok", 200)))
    assert only(compared(bill(f"2026-09-21,{MODEL},1,120,100,45,0.0000375"), failed)).verdict == "agrees"


def test_a_request_whose_client_left_is_counted_if_its_usage_came_and_in_doubt_if_not() -> None:
    gone = {"status": 499, "attempts": (attempt("client_gone", 200),), "error": "the client left"}
    told = record("req_1", **gone)
    untold = record("req_2", usage=None, cost_usd=None, **gone)
    assert only(compared(bill(f"2026-09-21,{MODEL},1,120,100,45,0.0000375"), told)).verdict == "agrees"
    (asked,) = asked_of(untold, lambda _: None, OPENAI)
    assert (asked.certainty, asked.why) == (
        "maybe",
        "the client left (499): may be on the bill, its tokens were never told",
    )
    assert compared(bill(f"2026-09-22,{MODEL},0,0,0,0,"), untold) == compared(
        bill(f"2026-09-22,{MODEL},0,0,0,0,")
    )


def test_an_attempt_that_never_answered_goes_by_the_name_in_the_config() -> None:
    lost = record(
        "req_1", model=None, upstream_model=None, usage=None, cost_usd=None, attempts=(attempt("timeout"),)
    )
    (asked,) = asked_of(lost, {"gpt": "gpt-4o-mini"}.get, OPENAI)
    assert (asked.name, asked.certainty) == ("gpt-4o-mini", "maybe")


def test_unknown_costs_stand_apart_and_keep_a_bill_from_agreeing() -> None:
    found = only(
        compared(
            bill(f"2026-09-21,{MODEL},2,240,200,90,0.5"), record("req_1"), record("req_2", cost_usd=None)
        )
    )
    assert (found.verdict, found.unknown_cost_requests) == ("unknown", 1)
    assert [(row.request_id, row.why) for row in found.rows] == [("req_2", "its cost is not known here")]
    less = bill(f"2026-09-21,{MODEL},2,240,200,90,0.00001")
    assert only(compared(less, record("req_1"), record("req_2", cost_usd=None))).verdict == "drift"


def test_simulated_owned_and_other_providers_requests_are_on_no_bill_of_openais() -> None:
    findings = compared(
        bill(f"2026-09-21,{MODEL},1,120,100,45,"),
        record("req_1"),
        record("req_2", simulated=True),
        record("req_3", tenure="owned", attempts=(attempt("ok", 200, tenure="owned", provider="llamacpp"),)),
        record("req_4", provider="azure", attempts=(attempt("ok", 200, provider="azure"),)),
    )
    assert only(findings).verdict == "agrees"


def test_what_fell_back_to_an_owned_model_leaves_the_rented_attempt_in_doubt() -> None:
    owned = attempt("ok", 200, model="llama", tenure="owned", provider="llamacpp")
    fallen = record("req_1", model="llama", tenure="owned", attempts=(attempt("cut", 200), owned))
    (asked,) = asked_of(fallen, {"gpt": MODEL}.get, OPENAI)
    assert (asked.name, asked.certainty, asked.usage, asked.cost_usd) == (MODEL, "maybe", None, None)


def test_the_bills_own_rounding_is_no_drift_and_a_tolerance_widens_it() -> None:
    rounded = bill(f"2026-09-21,{MODEL},1,120,100,45,0.00004")
    assert only(compared(rounded, record("req_1"))).verdict == "agrees"
    off = bill(f"2026-09-21,{MODEL},1,121,100,45,")
    assert only(compared(off, record("req_1"))).verdict == "drift"
    assert only(compared(off, record("req_1"), percent="1")).verdict == "agrees"


def test_a_bill_for_all_models_together_is_held_against_all_of_them() -> None:
    line = BillLine(day=DAY, model=None, number=2, cost_usd=Decimal("0.000075"))
    whole = Bill("costs.csv", "openai costs", OPENAI, (line,), frozenset({DAY}))
    found = only(compared(whole, record("req_1"), record("req_2", upstream_model="o3")))
    assert (found.model, found.verdict) == ("all models", "agrees")
    assert only(compared(whole, record("req_1"))).verdict == "drift"


def test_two_exports_of_one_provider_are_one_bill() -> None:
    usage = bill(f"2026-09-21,{MODEL},1,120,100,45,")
    costs = read_bill("date,model,cost_usd\n2026-09-21,gpt-4o-mini,0.0000375\n", "costs.csv")
    found = only(compared([usage, costs], record("req_1")))
    assert (found.verdict, found.bill_lines) == ("agrees", ("bill.csv:2", "costs.csv:2"))
    assert all(figure.bill is not None for figure in found.figures)


_requests = st.lists(
    st.tuples(
        st.sampled_from([MODEL, "o3-2025-04-16"]),
        st.integers(0, 3),
        st.builds(
            lambda cached, fresh, output: Usage(cached + fresh, output, cached),
            st.integers(0, 9999),
            st.integers(0, 9999),
            st.integers(0, 9999),
        ),
        st.decimals(0, 100, places=7),
    ),
    max_size=20,
)


@settings(max_examples=50, deadline=None)
@given(_requests, st.integers(1, 10**6))
def test_a_bill_of_the_ledgers_own_sums_agrees_and_with_any_other_sum_it_does_not(
    drawn: list[tuple[str, int, Usage, Decimal]], more: int
) -> None:
    records = [
        record(f"req_{n}", at=NOON + 86_400 * day, upstream_model=model, usage=usage, cost_usd=cost)
        for n, (model, day, usage, cost) in enumerate(drawn)
    ]
    sums: dict[tuple[int, str], list[Any]] = {}
    for model, day, usage, cost in drawn:
        cell = sums.setdefault((day, model), [0, 0, 0, 0, Decimal(0)])
        figures = (1, usage.input_tokens, usage.cached_tokens, usage.output_tokens, cost)
        sums[day, model] = [old + new for old, new in zip(cell, figures, strict=True)]
    rows = [f"2026-09-{21 + d},{m},{','.join(str(f) for f in cell)}" for (d, m), cell in sums.items()]
    assert {f.verdict for f in compared(bill(*rows), *records)} <= {"agrees"}
    for place in range(4) if rows else ():
        cell = rows[0].split(",")
        cell[2 + place] = str(int(cell[2 + place]) + more)
        if int(cell[4]) > int(cell[3]):
            continue  # cached tokens that were never given are refused
        wrong = compared(bill(",".join(cell), *rows[1:]), *records)
        assert [f.verdict for f in wrong].count("drift") == 1
