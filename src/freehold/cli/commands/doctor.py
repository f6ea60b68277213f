"""Look at everything that can be wrong, and say how to mend it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from itertools import groupby
from pathlib import Path
from typing import Any

import click
import msgspec

from freehold.cli.doctor import Check, Patience, Verdict, Wishes, examine
from freehold.cli.entry import DONE, FINDING
from freehold.cli.figures import counted
from freehold.cli.finding import find_config
from freehold.cli.options import config_option, json_option
from freehold.cli.output import answer
from freehold.cli.screen import Block, Meaning, Word, is_terminal, line, terminal

_MARKS: Mapping[Verdict, Word] = {
    "good": Word("✓", "good"),
    "odd": Word("!", "odd"),
    "bad": Word("✗", "bad"),
    "skipped": Word("–", "faint"),
}


@click.command()
@config_option
@click.option("--no-ask", is_flag=True, help="Ask no model anything, so that nothing is paid and started.")
@click.option("--key", envvar="FREEHOLD_KEY", metavar="KEY", help="A key of ours. Also from FREEHOLD_KEY.")
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 600),
    default=20.0,
    show_default=True,
    metavar="SECONDS",
    help="The longest wait for one answer.",
)
@json_option
def command(config: Path | None, key: str | None, timeout: float, *, no_ask: bool, as_json: bool) -> int:
    """Look at the config, this machine, the ledger, the gateway, and every model.

    Each model is asked one tiny question of made-up text, for a few tokens: through the gateway that runs
    here, so that the ledger has it, else directly. Weights that no gateway runs are started for the while.
    Exit code 1 where something is wrong (✗); what is only odd (!) is 0.

    --json prints an object: config, good, checks; each check has group, name, verdict (good, odd, bad or
    skipped), said, hint, seconds (how long it took, where that counts).
    """
    path = find_config(config)
    wishes = Wishes(key, asks=not no_ask, patience=Patience(answer=timeout))
    waiting = not as_json and is_terminal(sys.stderr)
    with terminal(sys.stderr).status("looking") if waiting else nullcontext():
        checks = examine(path, wishes)
    good = not any(check.verdict == "bad" for check in checks)
    shape: dict[str, Any] = {
        "config": str(path.absolute()),
        "good": good,
        "checks": [msgspec.to_builtins(check) for check in checks],
    }
    answer(shape, lambda: list(_told(checks)), as_json=as_json)
    return DONE if good else FINDING


def _told(checks: tuple[Check, ...]) -> Iterator[Block]:
    for group, members in groupby(checks, key=lambda check: check.group):
        yield line(Word(f"{group[:1].upper()}{group[1:]}", "title"))
        for check in members:
            yield from _line(check)
    yield line()
    yield line(*_sum(checks))


def _line(check: Check) -> Iterator[Block]:
    yield line(_MARKS[check.verdict], " ", Word(f"{check.name}: ", "faint"), check.said, indent=2)
    if check.hint is not None:
        yield line(Word("hint: ", "faint"), check.hint, indent=4)


def _sum(checks: tuple[Check, ...]) -> tuple[Word | str, ...]:
    bad = sum(check.verdict == "bad" for check in checks)
    odd = sum(check.verdict == "odd" for check in checks)
    meaning: Meaning = "bad" if bad else "good"
    said = counted(bad, "finding") if bad else "Nothing is wrong"
    return (Word(said, meaning), f", {counted(odd, 'oddity', 'oddities')}" if odd else "", ".")
