"""The options that every command takes, spelled once. Does not know what a command does with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from re import fullmatch
from typing import Any, TypeVar

import click

CommandT = TypeVar("CommandT", bound=Callable[..., Any])

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def config_option(command: CommandT) -> CommandT:
    return click.option(
        "--config",
        "config",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="The config to use. Without it: ./freehold.toml.",
    )(command)


def json_option(command: CommandT) -> CommandT:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")(command)


def listen_options(command: CommandT) -> CommandT:
    """`--host` and `--port`, which outrank the config's."""
    host = click.option("--host", metavar="HOST", help="The address to listen on, in place of the config's.")
    port = click.option(
        "--port",
        type=click.IntRange(0, 65_535),
        metavar="PORT",
        help="The port to listen on, in place of the config's. 0 takes any free one.",
    )
    return host(port(command))


class Moment(click.ParamType[datetime]):
    """A point in time, UTC: `2026-11-24`, `2026-11-24T09:30`, or an age such as `90m`, `24h`, `7d`."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        age = fullmatch(r"(\d{1,6})([smhdw])", value)
        try:
            if age is not None:
                return datetime.now(UTC) - timedelta(**{_UNITS[age[2]]: int(age[1])})
            moment = datetime.fromisoformat(value)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no point in time; write 2026-11-24, or an age: 24h, 7d", param, ctx)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
