"""Measure how fast a model answers, over concurrency."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from freehold.cli.bench_screen import progress_line, result_screen, result_shape
from freehold.cli.entry import DONE, FINDING
from freehold.cli.errands import ToldTogether
from freehold.cli.finding import HERE
from freehold.cli.gateway_at_hand import client_for, gateway_url
from freehold.cli.options import config_option, json_option
from freehold.cli.output import answer
from freehold.cli.reading import settings_for_looking
from freehold.cli.who import who
from freehold.config import Settings
from freehold.engine.bench import Endpoint, Level, Plan, measure
from freehold.ledger import append_event

_KIND = "bench.result"
_MOST_AT_ONCE = 512


class _Levels(click.ParamType[tuple[int, ...]]):
    """Numbers with commas between: `1,2,4,8`."""

    name = "levels"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        if isinstance(value, tuple):
            return value
        parts = str(value).split(",")
        if not all(part.strip().isdecimal() and 0 < int(part) <= _MOST_AT_ONCE for part in parts):
            self.fail(f"{value!r} is no list of numbers from 1 to {_MOST_AT_ONCE}; write 1,2,4,8", param, ctx)
        return tuple(dict.fromkeys(int(part) for part in parts))


@click.command()
@click.argument("model")
@click.option("--url", metavar="URL", help="An API on OpenAI's wire. Without it: the gateway that runs here.")
@click.option("--key-env", metavar="NAME", help="The environment variable that holds its key.")
@click.option(
    "--concurrency",
    type=_Levels(),
    metavar="N,N,…",
    default="1,2,4,8",
    show_default=True,
    help="How many at once.",
)
@click.option(
    "--requests",
    type=click.IntRange(1, 10_000),
    metavar="N",
    default=16,
    show_default=True,
    help="Requests at each level.",
)
@click.option(
    "--input-tokens",
    type=click.IntRange(1, 1_000_000),
    metavar="N",
    default=256,
    show_default=True,
    help="About how long a prompt is.",
)
@click.option(
    "--output-tokens",
    type=click.IntRange(1, 100_000),
    metavar="N",
    default=128,
    show_default=True,
    help="How long an answer may be.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0.1, max=3600),
    metavar="N",
    default=60.0,
    show_default=True,
    help="The longest that a level may take.",
)
@config_option
@json_option
def command(
    model: str,
    url: str | None,
    key_env: str | None,
    config: Path | None,
    *,
    as_json: bool,
    **plan: Any,
) -> int:
    """Measure TTFT, TPOT and throughput of MODEL, a route or model here or any model at --url.

    Streams made-up prompts, each another one, after one that warms up; a rented model costs what it costs.
    The result is kept in the ledger, where there is a config, as an event bench.result. Exit code 1 where no
    answer came.

    --json prints an object: model, url, simulated, tokens_from (usage, events or both), plan, levels; each
    level has concurrency, answers, errors, unfinished, seconds, ttft, tpot and e2e (each p50, p95 and count,
    in seconds), input_tokens, output_tokens, output_tokens_per_second, requests_per_second, counted,
    simulated, served_by, first_error. null is unknown.
    """
    settings = _settings(config, url)
    made = Plan(**plan)
    with _endpoint(settings, model, url, _key(key_env)) as endpoint:
        click.echo(
            f"At most {made.most_requests:,} requests, about {made.most_tokens:,} tokens in and out.",
            err=True,
        )
        tell = ToldTogether(None if settings is None else settings.ledger.path)
        try:
            levels = asyncio.run(measure(endpoint, made, _told, client_for(settings, tell)))
        finally:
            tell.write()
    shape = result_shape(endpoint, made, levels)
    if settings is not None:
        append_event(settings.ledger.path, _KIND, shape, who=who(), create=True)
    answer(shape, lambda: result_screen(endpoint, made, levels), as_json=as_json)
    return DONE if any(level.answers for level in levels) else FINDING


def _settings(config: Path | None, url: str | None) -> Settings | None:
    """The settings here; None where there are none and none are needed."""
    if url is not None and config is None and not HERE.is_file():
        return None
    return settings_for_looking(config)


@contextmanager
def _endpoint(settings: Settings | None, model: str, url: str | None, key: str | None) -> Iterator[Endpoint]:
    if url is not None:
        yield Endpoint.parse(url, model, key)
    elif settings is not None:
        if model not in settings.routes and model not in settings.models:
            names = ", ".join([*settings.routes, *settings.models])
            raise click.BadParameter(f"no route is called {model!r}; known are {names}", param_hint="MODEL")
        with gateway_url(settings, None) as base:
            yield Endpoint.parse(f"{base}/v1", model, key or os.environ.get("FREEHOLD_KEY"))


def _key(name: str | None) -> str | None:
    if name is None:
        return None
    key = os.environ.get(name)
    if not key:
        raise click.BadParameter(f"{name} is not set", param_hint="--key-env")
    return key


def _told(level: Level) -> None:
    click.echo(progress_line(level), err=True)
