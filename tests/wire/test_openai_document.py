from __future__ import annotations

import json
from typing import Any

import pytest
from tests.openai_document import OpenAIDocument
from tests.wire.responding import answer, answered, chunk

from freehold.wire import error_body


def test_answers_and_chunks_of_a_chat_and_errors_can_be_judged(document: OpenAIDocument) -> None:
    document.check("CreateChatCompletionResponse", json.loads(answer({"content": "Hi", "refusal": None})))
    document.check("CreateChatCompletionStreamResponse", chunk({"content": "Hi"}))
    document.check("ErrorResponse", json.loads(error_body("No.")))
    document.check("ListModelsResponse", {"object": "list", "data": []})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"status": "done"}, "$.status"),
        ({"usage": None}, "$.usage"),
        ({"output": [{"type": "poem"}]}, "$.output[0].type"),
        ({"output": [{"type": "message"}]}, "$.output[0]: 'id' is a required property"),
        ({"tools": [{"type": "function", "name": "f", "parameters": {}}]}, "$.tools[0]: 'strict'"),
    ],
)
def test_a_fault_is_told_with_its_place(document: OpenAIDocument, change: dict[str, Any], said: str) -> None:
    fault = document.fault("Response", answered({"content": "Hi"}) | change)
    assert fault is not None
    assert fault.startswith(said)


def test_null_is_taken_only_where_the_document_says_so(document: OpenAIDocument) -> None:
    assert document.fault("CreateChatCompletionStreamResponse", chunk({}) | {"usage": None}) is None
    assert document.fault("CreateChatCompletionStreamResponse", chunk({}) | {"id": None}) is not None


def test_an_event_of_no_known_type_is_a_fault(document: OpenAIDocument) -> None:
    event = {"type": "response.sung", "sequence_number": 1}
    assert document.fault("ResponseStreamEvent", event) is not None
    with pytest.raises(AssertionError, match=r"response\.sung"):
        document.check_event(event)
    with pytest.raises(AssertionError, match="'item_id' is a required property"):
        document.check_event({"type": "response.refusal.delta"})
