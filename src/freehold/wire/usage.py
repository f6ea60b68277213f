"""Token counts as a model reported them, and how to read them out of OpenAI's shapes.

Knows nothing of prices. Unknown is `None`: a count that was not reported is not zero.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec


class Usage(msgspec.Struct, frozen=True):
    """Tokens of one answer.

    `cached_tokens` are part of `input_tokens`, `reasoning_tokens` of `output_tokens`.
    This is OpenAI's convention (`prompt_tokens_details.cached_tokens`,
    `completion_tokens_details.reasoning_tokens` in its API reference).
    """

    input_tokens: int
    output_tokens: int
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None


# No answer has fewer tokens than none, and none has more than a database can count.
_Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class _PromptDetails(msgspec.Struct):
    cached_tokens: _Count | None = None


class _CompletionDetails(msgspec.Struct):
    reasoning_tokens: _Count | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: _Count
    completion_tokens: _Count | None = None
    prompt_tokens_details: _PromptDetails | None = None
    completion_tokens_details: _CompletionDetails | None = None


class _Answer(msgspec.Struct):
    model: str | None = None
    usage: _Usage | None = None


Content = Literal["choices", "data", "results"]
"""What a whole answer holds a list of: embeddings `data`, moderations `results`, the others `choices`."""


class _Whole(_Answer):
    choices: list[msgspec.Raw] | None = None
    data: list[msgspec.Raw] | None = None
    results: list[msgspec.Raw] | None = None


class _Object(msgspec.Struct):
    """Nothing of it is kept: it only has to be an object."""


_answers = msgspec.json.Decoder(_Answer)
_wholes = msgspec.json.Decoder(_Whole)
_objects = msgspec.json.Decoder(_Object)


def check_object(data: bytes) -> None:
    """Raises `ValueError` where `data` is not an object of JSON in UTF-8."""
    try:
        _objects.decode(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"not a JSON object: {error}") from error
    _check_text(data)


def _check_text(data: bytes) -> None:
    if not data.isascii():  # what is skipped is not looked at, and a client must not be sent broken text
        try:
            data.decode()
        except UnicodeDecodeError as error:
            raise ValueError("not UTF-8") from error


def read_whole(body: bytes, content: Content) -> tuple[str | None, Usage | None]:
    """As `read_answer`, for a whole answer, which has to hold a list of its `content`."""
    if not body.isascii():
        _check_text(body)
    try:
        answer = _wholes.decode(body)
    except msgspec.ValidationError:
        if not isinstance(_decoded(body).get(content), list):
            raise ValueError(f"without {content}") from None  # noqa: TRY004 - what callers are promised
        return _read_leniently(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"not a JSON object: {error}") from error
    if getattr(answer, content) is None:
        raise ValueError(f"without {content}")
    return answer.model, _public(answer.usage)


def read_answer(body: bytes) -> tuple[str | None, Usage | None]:
    """The upstream's own model name and the usage of an answer or of one stream event's data.

    Raises `ValueError` where `body` is not a JSON object.
    A usage in a shape that we do not know counts as unknown.
    """
    try:
        answer = _answers.decode(body)
    except msgspec.ValidationError:
        return _read_leniently(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"not a JSON object: {error}") from error
    return answer.model, _public(answer.usage)


def _read_leniently(body: bytes) -> tuple[str | None, Usage | None]:
    """The model's name where the rest has a shape that we do not know."""
    model = _decoded(body).get("model")
    return (model if isinstance(model, str) else None), None


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"not a JSON object: {error}") from error
    if not isinstance(answer, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - what callers are promised
    return answer


def _public(usage: _Usage | None) -> Usage | None:
    if usage is None:
        return None
    prompt, completion = usage.prompt_tokens_details, usage.completion_tokens_details
    output = usage.completion_tokens
    return Usage(
        usage.prompt_tokens,
        # Embeddings report no completion tokens because there are none.
        0 if output is None else output,
        None if prompt is None else prompt.cached_tokens,
        None if completion is None else completion.reasoning_tokens,
    )
