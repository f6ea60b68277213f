"""OpenAI's own client against a server that only speaks chat, with these translations between them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import openai
import pytest
from pydantic import BaseModel
from tests.wire.responding import FRAME, TOOL, USAGE, answer, chunk, sse

from freehold.errors import UpstreamError
from freehold.wire.responses import ResponseStream, read_response_ask, to_chat, to_response

CALL = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Oslo"}'}}


class Chat:
    """A chat model that says `message`, whole or letter by letter; `cut` breaks its streams off."""

    def __init__(self, message: dict[str, Any], *, cut: bool = False) -> None:
        self.message = message
        self.cut = cut
        self.asked: list[dict[str, Any]] = []

    def chunks(self) -> Iterator[dict[str, Any]]:
        yield chunk({"role": "assistant", "content": ""})
        for name in ("reasoning_content", "content"):
            for letter in self.message.get(name) or "":
                yield chunk({name: letter})
        for index, call in enumerate(self.message.get("tool_calls", ())):
            name, arguments = call["function"]["name"], call["function"]["arguments"]
            first = {"index": index, "id": call["id"], "function": {"name": name, "arguments": ""}}
            yield chunk({"tool_calls": [first]})
            for letter in arguments:
                yield chunk({"tool_calls": [{"index": index, "function": {"arguments": letter}}]})
        yield chunk({}, "stop")
        yield chunk(usage=USAGE)

    def respond(self, body: bytes) -> tuple[str, bytes]:
        """Content type and body of the answer to a Responses request."""
        ask = read_response_ask(body)
        self.asked.append(json.loads(to_chat(ask)))
        if not ask.stream:
            return "application/json", to_response(answer(self.message), ask, **FRAME)
        stream = ResponseStream(ask, **FRAME)
        if self.cut:
            sent = stream.feed_events(sse(list(self.chunks())[:4]))
            return "text/event-stream", sent + stream.fail(UpstreamError("The model's stream was cut."))
        return "text/event-stream", stream.feed_events(sse(self.chunks())) + stream.finish()


@contextmanager
def client_of(chat: Chat) -> Iterator[openai.OpenAI]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kind, body = chat.respond(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        with openai.OpenAI(api_key="none", base_url=url, max_retries=0) as client:
            yield client
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_create_gives_the_text_and_the_usage() -> None:
    chat = Chat({"content": "Hello there."})
    with client_of(chat) as client:
        response = client.responses.create(model="support", input="Hello", instructions="Brief.")
    assert response.output_text == "Hello there."
    assert response.usage is not None
    assert response.usage.output_tokens_details.reasoning_tokens == 2
    assert response.store is False  # type: ignore[attr-defined]  # the client has no field for it yet
    assert [message["role"] for message in chat.asked[0]["messages"]] == ["system", "user"]


def test_a_stream_gives_the_same_text_piece_by_piece() -> None:
    with client_of(Chat({"content": "Hello.", "reasoning_content": "Hm."})) as client:
        events = list(client.responses.create(model="support", input="Hello", stream=True))
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    thoughts = [event.delta for event in events if event.type == "response.reasoning_text.delta"]
    assert ("".join(deltas), "".join(thoughts)) == ("Hello.", "Hm.")
    assert events[-1].type == "response.completed"
    assert events[-1].response.output_text == "Hello."


def test_the_stream_helper_gathers_text_and_calls() -> None:
    message = {"content": "Let me see.", "tool_calls": [CALL, CALL | {"id": "call_2"}]}
    with (
        client_of(Chat(message)) as client,
        client.responses.stream(model="support", input="Weather?", tools=[TOOL]) as stream,  # type: ignore[list-item]  # a plain dict is one
    ):
        snapshots = [e.snapshot for e in stream if e.type == "response.function_call_arguments.delta"]
        final = stream.get_final_response()
    assert snapshots[-1] == '{"city":"Oslo"}'
    assert final.output_text == "Let me see."
    assert [item.call_id for item in final.output if item.type == "function_call"] == ["call_1", "call_2"]


def test_a_conversation_with_tools_goes_round_without_a_kept_response() -> None:
    chat = Chat({"content": None, "tool_calls": [CALL]})
    with client_of(chat) as client:
        items: list[Any] = [{"role": "user", "content": "Weather?"}]
        first = client.responses.create(model="support", input=items, tools=[TOOL])  # type: ignore[list-item]  # a plain dict is one
        items += first.output
        items.append({"type": "function_call_output", "call_id": "call_1", "output": "sunny"})
        chat.message = {"content": "Sunny."}
        second = client.responses.create(model="support", input=items)
    assert second.output_text == "Sunny."
    assert [message["role"] for message in chat.asked[1]["messages"]] == ["user", "assistant", "tool"]


class Ticket(BaseModel):
    intent: str


def test_parse_reads_a_typed_answer() -> None:
    chat = Chat({"content": '{"intent":"refund"}'})
    with client_of(chat) as client:
        parsed = client.responses.parse(model="support", input="Money back!", text_format=Ticket)
    assert parsed.output_parsed == Ticket(intent="refund")
    assert chat.asked[0]["response_format"]["json_schema"]["name"] == "Ticket"


def test_a_stream_that_breaks_raises_at_the_client() -> None:
    with client_of(Chat({"content": "Hello"}, cut=True)) as client:
        events = client.responses.create(model="support", input="Hello", stream=True)
        with pytest.raises(openai.APIError, match="The model's stream was cut"):
            list(events)
