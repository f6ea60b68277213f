"""The scripted upstream's answers in OpenAI's shapes: whole bodies, and streams event by event.

Every optional part of an answer that a request can ask for is there when it is asked for.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator
from typing import Any

from tests.conformance.speaking import Json, Said, last_text, pieces_of, say

MODEL = "strict-2026-01-02"
_CREATED = 1767323045


def chat(asked: Json) -> Json:
    """A `CreateChatCompletionResponse`."""
    said = _choices(asked)
    return _common(asked, "chat.completion") | {
        "choices": [
            {
                "index": index,
                "message": _message(one),
                "logprobs": _logprobs(asked, one.pieces) if asked.get("logprobs") else None,
                "finish_reason": one.finish,
            }
            for index, one in enumerate(said)
        ],
        "usage": _usage(asked, said),
    }


def chat_events(asked: Json) -> Iterator[Json]:
    """`CreateChatCompletionStreamResponse`s in the order in which OpenAI sends them, choices interleaved."""
    said = _choices(asked)
    options = asked.get("stream_options") or {}
    common = _common(asked, "chat.completion.chunk")
    if options.get("include_usage"):
        common["usage"] = None
    if options.get("include_obfuscation") is not False:
        common["obfuscation"] = "x8Yq"
    streams = [_deltas(asked, index, one) for index, one in enumerate(said)]
    while streams:
        for stream in list(streams):
            choice = next(stream, None)
            if choice is None:
                streams.remove(stream)
            else:
                yield common | {"choices": [choice]}
    if options.get("include_usage"):
        yield common | {"choices": [], "usage": _usage(asked, said)}


def _choices(asked: Json) -> list[Said]:
    return [say(asked, index) for index in range(asked.get("n") or 1)]


def _common(asked: Json, kind: str) -> Json:
    common: Json = {
        "id": "chatcmpl-strict",
        "object": kind,
        "created": _CREATED,
        "model": MODEL,
        "service_tier": "default",
        "system_fingerprint": "fp_strict",
    }
    if asked.get("metadata") and kind == "chat.completion":
        common["metadata"] = asked["metadata"]
    return common


def _message(one: Said) -> Json:
    message: Json = {"role": "assistant", "content": one.text, "refusal": one.refusal}
    message["annotations"] = list(one.annotations)
    if one.calls:
        message["tool_calls"] = list(one.calls)
    if one.audio:
        message["audio"] = one.audio
    return message


def _deltas(asked: Json, index: int, one: Said) -> Iterator[Json]:
    wants_logprobs = asked.get("logprobs")

    def choice(delta: Json, finish: str | None = None, tokens: tuple[str, ...] = ()) -> Json:
        logprobs = _logprobs(asked, tokens) if wants_logprobs and tokens else None
        return {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": finish}

    yield choice({"role": "assistant", "content": None if one.calls else "", "refusal": None})
    for piece in one.pieces:
        yield choice({"content": piece}, tokens=(piece,))
    for piece in pieces_of(one.refusal or ""):
        yield choice({"refusal": piece})
    for number, call in enumerate(one.calls):
        yield from (choice({"tool_calls": [part]}) for part in _call_parts(number, call))
    if one.audio:
        yield choice({"audio": {"id": one.audio["id"], "transcript": one.audio["transcript"]}})
        yield choice({"audio": {"data": one.audio["data"]}})
        yield choice({"audio": {"expires_at": one.audio["expires_at"]}})
    yield choice({}, one.finish)


def _call_parts(number: int, call: Json) -> Iterator[Json]:
    kind = call["type"]
    spoken = "arguments" if kind == "function" else "input"
    start = {"name": call[kind]["name"], spoken: ""}
    yield {"index": number, "id": call["id"], "type": kind, kind: start}
    for piece in pieces_of(call[kind][spoken]):
        yield {"index": number, kind: {spoken: piece}}


def _logprobs(asked: Json, tokens: tuple[str, ...]) -> Json:
    def of(token: str) -> Json:
        return {"token": token, "logprob": -0.25, "bytes": list(token.encode())}

    top = asked.get("top_logprobs") or 0
    return {"content": [of(t) | {"top_logprobs": [of(t)] * min(top, 2)} for t in tokens], "refusal": None}


def _usage(asked: Json, said: list[Said]) -> Json:
    given = len(pieces_of(last_text(asked))) + 5
    out = sum(len(one.pieces) + 7 * len(one.calls) + 1 for one in said)
    predicted = 2 if asked.get("prediction") else 0
    return {
        "prompt_tokens": given,
        "completion_tokens": out,
        "total_tokens": given + out,
        "prompt_tokens_details": {"cached_tokens": 3, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 1,
            "audio_tokens": 0,
            "accepted_prediction_tokens": predicted,
            "rejected_prediction_tokens": 0,
        },
    }


def _prompts(given: Any) -> list[Any]:
    """A prompt or input may be one text, texts, one row of tokens, or rows of tokens."""
    if isinstance(given, list) and given and not isinstance(given[0], int):
        return given
    return [given]


def completion(asked: Json) -> Json:
    """A `CreateCompletionResponse`: choices for every prompt, as many as `n` each."""
    count = len(_prompts(asked["prompt"])) * (asked.get("n") or 1)
    usage = {"prompt_tokens": 4, "completion_tokens": 2 * count, "total_tokens": 4 + 2 * count}
    return {
        "id": "cmpl-strict",
        "object": "text_completion",
        "created": _CREATED,
        "model": MODEL,
        "system_fingerprint": "fp_strict",
        "choices": [_text_choice(asked, index, "and so – on", "stop") for index in range(count)],
        "usage": usage,
    }


def completion_events(asked: Json) -> Iterator[Json]:
    whole = completion(asked)
    usage = whole.pop("usage")
    wants = (asked.get("stream_options") or {}).get("include_usage")
    if wants:
        whole["usage"] = None
    for choice in whole["choices"]:
        for piece in pieces_of(choice["text"]):
            yield whole | {"choices": [_text_choice(asked, choice["index"], piece, None)]}
        yield whole | {"choices": [_text_choice(asked, choice["index"], "", "stop")]}
    if wants:
        yield whole | {"choices": [], "usage": usage}


def _text_choice(asked: Json, index: int, text: str, finish: str | None) -> Json:
    logprobs = None
    if asked.get("logprobs") is not None and text:
        tokens = list(pieces_of(text))
        logprobs = {
            "tokens": tokens,
            "token_logprobs": [-0.5] * len(tokens),
            "top_logprobs": [{token: -0.5} for token in tokens],
            "text_offset": list(range(len(tokens))),
        }
    return {"index": index, "text": text, "logprobs": logprobs, "finish_reason": finish}


def embeddings(asked: Json) -> Json:
    """A `CreateEmbeddingResponse`; base64 holds little-endian 32-bit floats, as OpenAI's does."""
    size = asked.get("dimensions") or 4
    if size > 4096:
        raise ValueError("so many dimensions")
    rows = [
        [(index + 1) * (place + 1) / 8 for place in range(size)]
        for index in range(len(_prompts(asked["input"])))
    ]
    packed = asked.get("encoding_format") == "base64"
    data = [
        {
            "object": "embedding",
            "index": index,
            "embedding": base64.b64encode(struct.pack(f"<{size}f", *row)).decode() if packed else row,
        }
        for index, row in enumerate(rows)
    ]
    return {"object": "list", "data": data, "model": MODEL, "usage": {"prompt_tokens": 4, "total_tokens": 4}}


_CATEGORIES = """
    harassment harassment/threatening hate hate/threatening illicit illicit/violent self-harm
    self-harm/instructions self-harm/intent sexual sexual/minors violence violence/graphic
""".split()  # noqa: SIM905 - easier to read than a list of thirteen lines


def moderation(asked: Json) -> Json:
    """A `CreateModerationResponse`: a result for each text, one for all parts together."""
    given = asked["input"]
    texts = given if isinstance(given, list) and all(isinstance(text, str) for text in given) else [given]
    result = {
        "flagged": True,
        "categories": {category: category == "violence" for category in _CATEGORIES},
        "category_scores": dict.fromkeys(_CATEGORIES, 0.25),
        "category_applied_input_types": {category: ["text"] for category in _CATEGORIES},
    }
    return {"id": "modr-strict", "model": MODEL, "results": [result for _ in texts]}


def events(asked: Json, path: str) -> list[bytes]:
    """A whole stream, `[DONE]` included."""
    made = completion_events(asked) if path.endswith("/v1/completions") else chat_events(asked)
    encoded = [
        b"data: " + json.dumps(e, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n" for e in made
    ]
    return [*encoded, b"data: [DONE]\n\n"]
