"""Token counts as models report them; what is not reported is unknown, never zero."""

from __future__ import annotations

import json
from typing import Any

import pytest

from freehold.wire import Usage, read_answer


@pytest.mark.parametrize(
    ("usage", "read"),
    [
        ({"prompt_tokens": 3, "completion_tokens": 4}, Usage(3, 4)),
        (
            {
                "prompt_tokens": 3,
                "completion_tokens": 4,
                "prompt_tokens_details": {"cached_tokens": 2, "audio_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 1},
            },
            Usage(3, 4, 2, 1),
        ),
        ({"prompt_tokens": 8, "total_tokens": 8}, Usage(8, 0)),
        (None, None),
        ({}, None),
        ({"prompt_tokens": "3"}, None),
        ([1], None),
    ],
)
def test_usage_is_read_as_reported(usage: Any, read: Usage | None) -> None:
    assert read_answer(json.dumps({"model": "m", "usage": usage}).encode()) == ("m", read)


def test_an_answer_without_usage_has_unknown_usage() -> None:
    assert read_answer(b'{"model":"m"}') == ("m", None)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"x"', b"7", b'{"model":'])
def test_what_is_not_a_json_object_is_no_answer(body: bytes) -> None:
    with pytest.raises(ValueError, match="JSON object"):
        read_answer(body)


def test_a_model_name_of_another_kind_is_unknown() -> None:
    assert read_answer(b'{"model":7}') == (None, None)
