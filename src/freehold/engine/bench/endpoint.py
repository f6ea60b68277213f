"""What is measured: where it is, what it calls its model, how it knows us. Does not send."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from freehold.egress import Origin, Request, Timeouts
from freehold.errors import FreeholdError


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An API on OpenAI's wire. `limit_key` is what it calls the limit of an answer's length."""

    origin: Origin
    prefix: str
    model: str
    key: str | None = field(default=None, repr=False)
    limit_key: str = "max_tokens"

    @classmethod
    def parse(cls, url: str, model: str, key: str | None) -> Endpoint:
        """`url` is where the API begins (`https://api.openai.com/v1`). Raises FreeholdError."""
        try:
            origin, prefix = Origin.parse(url)
        except ValueError as error:
            raise FreeholdError(str(error)) from error
        if key is not None and not (key.isascii() and key.isprintable()):
            raise FreeholdError("the key is not one printable line")
        return cls(origin, prefix, model, key)

    @property
    def url(self) -> str:
        return f"{self.origin.scheme}://{self.origin.authority}{self.prefix}"

    def request(self, text: str, output_tokens: int, seconds: float) -> Request:
        """One question, whose answer is to be streamed."""
        headers = [(b"content-type", b"application/json")]
        if self.key is not None:
            headers.append((b"authorization", b"Bearer " + self.key.encode()))
        body = {
            "model": self.model,
            "messages": [{"role": "user", "content": text}],
            "stream": True,
            "stream_options": {"include_usage": True},
            self.limit_key: output_tokens,
        }
        timeouts = Timeouts(first_byte_seconds=seconds, between_bytes_seconds=seconds, total_seconds=seconds)
        path = f"{self.prefix}/chat/completions"
        return Request(self.origin, "POST", path, tuple(headers), json.dumps(body).encode(), timeouts)
