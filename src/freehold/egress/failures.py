"""What can go wrong on the way to an upstream, in words. Says nothing of what was sent."""

from __future__ import annotations

from freehold.errors import FreeholdError, UpstreamError


class DoorClosed(FreeholdError):
    """Something tried to send without a permit for that destination: a fault in our own house."""


def unreachable(origin: str, why: str) -> UpstreamError:
    """`why` may name addresses."""
    return UpstreamError(
        f"{origin} cannot be reached: {why}.",
        code="upstream_unreachable",
        said="The model's server cannot be reached.",
    )


def untrusted(origin: str, why: str) -> UpstreamError:
    """`why` may name hosts."""
    return UpstreamError(
        f"The TLS connection to {origin} was refused: {why}.",
        code="upstream_tls",
        retryable=False,
        said="The TLS connection to the model's server was refused.",
    )


def timed_out(origin: str, what: str) -> UpstreamError:
    return UpstreamError(
        f"{origin} timed out: {what}.",
        status=504,
        code="upstream_timeout",
        said=f"The model's server timed out: {what}.",
    )


def cut(origin: str, when: str) -> UpstreamError:
    return UpstreamError(
        f"The connection to {origin} was cut {when}.",
        code="upstream_cut",
        said=f"The connection to the model's server was cut {when}.",
    )


def given_up() -> UpstreamError:
    """For whoever reads on after the answer was closed on our side."""
    return UpstreamError("The answer was closed before its end was read.", code="upstream_cut")


def malformed(origin: str, why: str) -> UpstreamError:
    return UpstreamError(
        f"{origin} did not answer in HTTP/1.1: {why}.",
        code="upstream_malformed",
        said=f"The model's server did not answer in HTTP/1.1: {why}.",
    )


def too_large(origin: str, limit_bytes: int) -> UpstreamError:
    return UpstreamError(
        f"The answer of {origin} is larger than the {limit_bytes:,} bytes allowed.",
        code="upstream_too_large",
        retryable=False,
        said=f"The model's answer is larger than the {limit_bytes:,} bytes allowed.",
    )
