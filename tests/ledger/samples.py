"""Records as they come out of traffic, and made-up histories of them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from freehold.ledger import Attempt, Idle, Record
from freehold.wire import Usage


def a_record(request_id: str, **changes: Any) -> Record:
    fields: dict[str, Any] = {
        "request_id": request_id,
        "at": 1_790_000_000.123456,
        "endpoint": "chat/completions",
        "route": "support",
        "key": "key_1",
        "model": "gpt",
        "tenure": "rented",
        "provider": "openai",
        "upstream_model": "gpt-4o-mini-2024-07-18",
        "status": 200,
        "stream": False,
        "label": "internal",
        "usage": Usage(input_tokens=120, output_tokens=45, cached_tokens=100),
        "cost_usd": Decimal("0.0000375"),
        "simulated": False,
        "attempts": (Attempt("gpt", "rented", "openai", 0.0001, 0.51, "ok", status=200),),
        "reason": "home is rent, and gpt answered",
        "seconds": 0.512,
    }
    return Record(**{**fields, **changes})


_names = st.none() | st.sampled_from(["support", "triage", "zwei\nZeilen", "naïve ☂"])
_seconds = st.floats(min_value=0, max_value=1e6, allow_nan=False)
_counts = st.integers(min_value=0, max_value=10**9)
_money = st.none() | st.decimals(min_value=0, max_value=10**6, places=17) | st.just(Decimal("1E-30"))
_attempts = st.builds(
    Attempt,
    model=st.text(max_size=5),
    tenure=st.sampled_from(["rented", "owned"]),
    provider=st.text(max_size=5),
    started_seconds=_seconds,
    seconds=_seconds,
    outcome=st.sampled_from(["ok", "cut"]),
    status=st.none() | st.integers(100, 599),
    error=st.none() | st.text(max_size=20),
)

records = st.builds(
    Record,
    request_id=st.uuids().map(lambda value: f"req_{value.hex}"),
    at=st.floats(min_value=1.5e9, max_value=2.5e9, allow_nan=False),
    endpoint=st.sampled_from(["chat/completions", "embeddings"]),
    route=_names,
    key=_names,
    model=_names,
    tenure=st.none() | st.sampled_from(["rented", "owned"]),
    provider=_names,
    upstream_model=_names,
    status=st.sampled_from([200, 400, 429, 499, 503]),
    stream=st.booleans(),
    label=_names,
    usage=st.none() | st.builds(Usage, _counts, _counts, st.none() | _counts, st.none() | _counts),
    cost_usd=_money,
    simulated=st.booleans(),
    attempts=st.lists(_attempts, max_size=3).map(tuple),
    reason=st.text(max_size=40),
    seconds=_seconds,
    ttft_seconds=st.none() | _seconds,
    slot_microseconds=st.none() | _counts,
    error=st.none() | st.text(max_size=20),
    held_usd=_money,
    found=st.none() | st.dictionaries(st.sampled_from(["SECRET", "PHONE_NUMBER"]), _counts),
)

idles = st.builds(
    Idle,
    model=st.sampled_from(["llama", "phi"]),
    hour=st.sampled_from([1_790_000_000 - 1_790_000_000 % 3600 + 3600 * n for n in range(3)]),
    from_=_seconds,
    to=_seconds,
    slots=st.sampled_from([2, 4]),
    slot_microseconds=_counts,
    cost_usd=_money,
)


@dataclass(frozen=True)
class History:
    records: list[Record]
    idles: list[Idle]


histories = st.builds(
    History,
    records=st.lists(records, max_size=40, unique_by=lambda record: record.request_id),
    idles=st.lists(idles, max_size=10),
)
