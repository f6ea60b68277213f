from __future__ import annotations

import contextlib
import json
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.errors import Refused
from freehold.providers.stand_in import StandInModel
from freehold.providers.stand_in.embeddings import embedded
from freehold.providers.stand_in.schema import conforming
from freehold.providers.stand_in.ticket import triage
from freehold.providers.stand_in.tokens import pieces_of


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("I want my money back for order 48213.", ("refund", "normal", "48213")),
        ("Smoke comes out of the kettle, send a replacement", ("replacement", "urgent", None)),
        ("Please cancel ORD-2024-113 before the 3rd", ("cancellation", "high", "ORD-2024-113")),
        ("Hello there, what a nice shop", ("other", "normal", None)),
    ],
)
def test_the_rules_are_plain(text: str, wanted: tuple[str, str, str | None]) -> None:
    assert tuple(json.loads(triage(text)).values()) == wanted


@given(st.text())
def test_any_ticket_gives_the_three_fields(text: str) -> None:
    ticket = json.loads(triage(text))
    assert list(ticket) == ["intent", "priority", "order_id"]
    assert ticket["order_id"] is None or ticket["order_id"] in text


@given(st.integers(-50, 50), st.integers(0, 40), st.booleans(), st.sampled_from([None, 2, 3, 7]))
def test_a_number_keeps_its_bounds(low: int, width: int, strict: bool, step: int | None) -> None:  # noqa: FBT001 - hypothesis hands it
    bounds: dict[str, Any] = {"type": "integer", "minimum": low, "maximum": low + width}
    if strict:
        bounds = {"type": "integer", "exclusiveMinimum": low - 1, "exclusiveMaximum": low + width + 1}
    if step is not None:
        bounds["multipleOf"] = step
    allowed = [n for n in range(low, low + width + 1) if step is None or n % step == 0]
    if allowed:
        assert conforming(bounds, []) in allowed


_TEXT = (
    "type properties required items anyOf allOf $ref const enum minimum exclusiveMaximum multipleOf "
    "minItems maxItems uniqueItems minLength maxLength format additionalProperties string object array "
    "integer number null boolean date #/properties/type"
)
_WORDS = _TEXT.split()
_leaves = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(_WORDS))
_schemas = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(_WORDS), inner, max_size=4)
    ),
    max_leaves=15,
)


@given(_schemas)
def test_any_schema_is_followed_or_refused(schema: Any) -> None:
    with contextlib.suppress(Refused):  # and no other exception
        assert msgspec.json.encode(conforming(schema, ["pear"]))


@given(st.text(min_size=1), st.integers(1, 256))
def test_any_text_has_a_vector_of_length_one(text: str, dimensions: int) -> None:
    vector = embedded(text, dimensions)
    assert sum(value * value for value in vector) == pytest.approx(1)


@given(st.text())
def test_pieces_joined_are_the_text(text: str) -> None:
    assert "".join(pieces_of(text)) == text


def test_the_first_token_comes_within_a_fifth_of_its_time() -> None:
    model, dice = StandInModel(ttft_seconds=1.0), Random(1)  # noqa: S311 - a pace is no secret
    waits = [model.first_token_seconds(dice) for _ in range(200)]
    assert 0.8 <= min(waits) < 0.9
    assert 1.1 < max(waits) <= 1.2


@pytest.mark.parametrize("wrong", [{"plays": "chess"}, {"ttft_seconds": -1}, {"tokens_per_second": 0}])
def test_a_model_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"plays|pace"):
        StandInModel(**wrong)
