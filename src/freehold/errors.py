"""Failures, drawn once. Every room raises these; only the gateway and the command line turn them into words.

FreeholdError
├─ ConfigError      the file is wrong: key, line, hint
├─ Refused          we said no: key, budget, label, capability   -> 4xx, never retried
└─ UpstreamError    a model failed: retryable, retry_after       -> next candidate, else 502/503/504
"""

from __future__ import annotations

import json
from urllib.parse import quote, quote_plus


class FreeholdError(Exception):
    """Anything this product raises on purpose. `hint` tells how to mend it."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(FreeholdError):
    """The configuration, or a file it names, is wrong.

    `key` is the dotted key (`routes.support.own`), `line` counts from 1 in the config file.
    """

    def __init__(self, key: str, message: str, *, line: int | None = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.key = key
        self.line = line

    def __str__(self) -> str:
        return f"{self.key}: {self.message}" if self.key else self.message


class Refused(FreeholdError):
    """We said no. Carries what an OpenAI error object needs; never retried."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type_: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.type = type_
        self.code = code
        self.param = param
        self.retry_after = retry_after


class UpstreamError(FreeholdError):
    """A model failed to answer.

    `status` is what the client is told if nobody else answers. `retryable` says whether asking the same model
    again may help, `final` that asking any other would not: the request itself is at fault.
    `retry_after` is in seconds. `body` is the upstream's own error object where it sent one. `said` is what a
    client is told, where `message` names an address, which is nobody's business but the operator's.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 502,
        code: str = "upstream_error",
        retryable: bool = True,
        final: bool = False,
        retry_after: float | None = None,
        body: bytes | None = None,
        said: str | None = None,
    ) -> None:
        super().__init__(message)
        self.said = message if said is None else said
        self.status = status
        self.code = code
        self.retryable = retryable
        self.final = final
        self.retry_after = retry_after
        self.body = body

    def conceal(self, secret: str | None) -> None:
        """Take a secret of ours out of the upstream's words, should it have repeated it."""
        if secret is None or len(secret) < _SHORTEST_SECRET:
            return
        for text in {secret, json.dumps(secret)[1:-1], quote(secret, safe=""), quote_plus(secret)}:
            self.message = self.message.replace(text, _CONCEALED)
            self.said = self.said.replace(text, _CONCEALED)
            if self.body is not None:
                self.body = self.body.replace(text.encode(), _CONCEALED.encode())
        self.args = (self.message,)


_SHORTEST_SECRET = 4  # a shorter one would be found in any sentence
_CONCEALED = "[our key]"
