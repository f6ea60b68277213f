"""OpenAI error objects, in OpenAI's words where clients read them. Shapes only; no I/O."""

from __future__ import annotations

import msgspec

from freehold.errors import FreeholdError, Refused, UpstreamError

_SHORTEST_SHOWN = 16  # of a shorter key the ends would be too much of it


def error_body(
    message: str, *, type_: str = "invalid_request_error", code: str | None = None, param: str | None = None
) -> bytes:
    """`{"error": {"message", "type", "param", "code"}}`, the only error shape that clients parse."""
    return msgspec.json.encode({"error": {"message": message, "type": type_, "param": param, "code": code}})


def describe(error: FreeholdError) -> tuple[int, bytes]:
    """HTTP status and body for a failure. An upstream's own readable error body passes as it is."""
    if isinstance(error, Refused):
        return error.status, error_body(error.message, type_=error.type, code=error.code, param=error.param)
    if isinstance(error, UpstreamError):
        if error.body is not None:
            return error.status, error.body
        return error.status, error_body(error.said, type_="upstream_error", code=error.code)
    return 500, error_body(str(error), type_="server_error", code="internal_error")


def incorrect_api_key(key: str, remark: str = "") -> Refused:
    """401 in OpenAI's words; the key is masked as OpenAI masks it, so that no log repeats it."""
    masked = f"{key[:3]}{'*' * 8}{key[-4:]}" if len(key) >= _SHORTEST_SHOWN else "*" * len(key)
    return Refused(
        401,
        f"Incorrect API key provided: {masked}. {remark}Ask whoever runs this Freehold for a key"
        " (they make one with `freehold keys create`).",
        code="invalid_api_key",
    )


def missing_api_key() -> Refused:
    return Refused(
        401,
        "You didn't provide an API key. You need to provide your API key in an Authorization header using"
        " Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
    )


def model_not_found(model: str) -> Refused:
    return Refused(
        404,
        f"The model `{model[:200]}` does not exist or you do not have access to it.",
        code="model_not_found",
        param="model",
    )


def missing_parameter(name: str) -> Refused:
    return Refused(
        400, f"Missing required parameter: '{name}'.", code="missing_required_parameter", param=name
    )


def invalid_type(name: str, expected: str) -> Refused:
    return Refused(400, f"Invalid type for '{name}': expected {expected}.", code="invalid_type", param=name)


def unparseable_body() -> Refused:
    return Refused(
        400,
        "We could not parse the JSON body of your request. The API expects a JSON payload, but what was sent"
        " was not valid JSON.",
    )
