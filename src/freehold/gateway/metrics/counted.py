"""What was counted, as families of metrics: the field's names first, then our own.

Names and labels are those of OpenTelemetry's GenAI conventions as Prometheus writes them
(opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics; opentelemetry.io/docs/specs/otel/compatibility/
prometheus_and_openmetrics); what they have no word for begins with `freehold_`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from freehold.gateway.metrics.counters import Counters, Histogram, Labels, Tally
from freehold.gateway.metrics.exposition import Buckets, Family, Number, Sample

_OPERATIONS = {
    "chat/completions": "chat",
    "responses": "chat",
    "completions": "text_completion",
    "embeddings": "embeddings",
}


def families(counters: Counters) -> Iterator[Family]:
    tallies = list(counters.tallies.items())
    yield from _field(tallies)
    yield from _own(tallies)
    yield Family(
        "freehold_attempts",
        "counter",
        "Calls of a model, by how they ended.",
        tuple(
            Sample({"model": model, "outcome": outcome}, count)
            for (model, outcome), count in counters.attempts.items()
        ),
    )
    yield Family(
        "freehold_errors",
        "counter",
        "Requests that ended with an error object, by its code.",
        tuple(Sample({"code": code}, count) for code, count in counters.refusals.items()),
    )
    yield Family(
        "freehold_permits_refused",
        "counter",
        "Requests that were answered by nobody since no model that was left is cleared for their label.",
        (Sample({}, counters.refusals.get("label_above_clearance", 0)),),
    )


def _field(tallies: list[tuple[Labels, Tally]]) -> Iterator[Family]:
    """OpenTelemetry's, which tell fewer things apart than we do: what they label alike is one series."""

    def histogram(name: str, help_: str, of: Callable[[Tally], Histogram | None]) -> Family:
        return _merged(name, help_, ((_otel(labels), of(tally)) for labels, tally in tallies))

    yield _merged(
        "gen_ai_client_token_usage",
        "Tokens of an answer, in and out, where the model told them.",
        (
            (_otel(labels) | {"gen_ai_token_type": kind}, made)
            for labels, tally in tallies
            for kind, made in (("input", tally.input_tokens), ("output", tally.output_tokens))
            if sum(made.counts)
        ),
    )
    yield histogram(
        "gen_ai_server_request_duration_seconds", "From a request's arrival to its end.", lambda t: t.seconds
    )
    yield histogram(
        "gen_ai_server_time_to_first_token_seconds",
        "From a request's arrival to the first event of its stream.",
        lambda t: t.first_token,
    )
    yield histogram(
        "gen_ai_server_time_per_output_token_seconds",
        "Between two tokens of a stream, after the first.",
        lambda t: t.next_token,
    )


def _merged(name: str, help_: str, of: Iterable[tuple[Mapping[str, str | None], Histogram | None]]) -> Family:
    """One series for each set of labels, since Prometheus refuses a page that holds one twice."""
    series: dict[tuple[tuple[str, str | None], ...], Histogram] = {}
    for labels, made in of:
        if made is not None:
            series.setdefault(tuple(labels.items()), Histogram(made.bounds)).add(made)
    samples = tuple(Buckets(dict(labels), h.bounds, tuple(h.counts), h.total) for labels, h in series.items())
    return Family(name, "histogram", help_, samples)


def _own(tallies: list[tuple[Labels, Tally]]) -> Iterator[Family]:
    def counter(name: str, help_: str, of: Callable[[Tally], Number]) -> Family:
        return Family(
            name, "counter", help_, tuple(Sample(_ours(labels), of(tally)) for labels, tally in tallies)
        )

    yield counter("freehold_requests", "Requests that have a record.", lambda t: t.requests)
    yield counter("freehold_cost_usd", "What requests of known cost have cost.", lambda t: t.cost_usd)
    yield counter(
        "freehold_unknown_cost_requests", "Requests whose cost is not known.", lambda t: t.unknown_cost
    )
    yield counter(
        "freehold_unknown_usage_requests", "Requests whose tokens are not known.", lambda t: t.unknown_usage
    )
    yield Family(
        "freehold_tokens",
        "counter",
        "Tokens of the answers that told them. Cached ones are a part of input, reasoning of output.",
        tuple(
            Sample(_ours(labels) | {"type": kind}, count)
            for labels, tally in tallies
            for kind, count in _tokens(tally)
        ),
    )


def _tokens(tally: Tally) -> Iterator[tuple[str, int]]:
    yield "input", int(tally.input_tokens.total)
    yield "cached", tally.cached_tokens
    yield "output", int(tally.output_tokens.total)
    yield "reasoning", tally.reasoning_tokens


def _otel(labels: Labels) -> dict[str, str | None]:
    endpoint, route, model, _, provider, status, simulated = labels
    return {
        "gen_ai_operation_name": _OPERATIONS.get(endpoint, endpoint),
        "gen_ai_provider_name": provider,
        "gen_ai_request_model": model,
        "freehold_route": route,
        "freehold_simulated": "true" if simulated else None,
        "error_type": str(status) if status >= 400 else None,
    }


def _ours(labels: Labels) -> dict[str, str | None]:
    endpoint, route, model, tenure, provider, status, simulated = labels
    return {
        "endpoint": endpoint,
        "route": route,
        "model": model,
        "tenure": tenure,
        "provider": provider,
        "status": str(status),
        "simulated": str(simulated).lower(),
    }
