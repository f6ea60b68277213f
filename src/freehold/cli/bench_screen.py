"""How a measurement is shown: a table, and a picture on a terminal. Does not measure."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from freehold.cli.cells import SIMULATED
from freehold.cli.figures import UNKNOWN, counted, duration
from freehold.cli.screen import Block, Cell, Column, Screen, Table, Word, is_terminal, line
from freehold.engine.bench import Endpoint, Level, Plan, Spread

_BAR_CELLS = 32
_EIGHTHS = " ▏▎▍▌▋▊▉"


def result_shape(endpoint: Endpoint, plan: Plan, levels: Sequence[Level]) -> dict[str, Any]:
    """What the ledger keeps and JSON prints. Seconds, tokens and tokens a second; null is unknown."""
    return {
        "model": endpoint.model,
        "url": endpoint.url,
        "simulated": any(level.simulated for level in levels),
        "tokens_from": _tokens_from(levels),
        "plan": asdict(plan),
        "levels": [asdict(level) for level in levels],
    }


def progress_line(level: Level) -> str:
    """One level in a line, for whoever waits."""
    speed = UNKNOWN if level.output_tokens_per_second is None else f"{level.output_tokens_per_second:,.1f}"
    failed = f", {counted(level.errors, 'error')}" if level.errors else ""
    answers = counted(level.answers, "answer")
    return (
        f"concurrency {level.concurrency}: {answers} in {duration(level.seconds)}, {speed} tokens/s{failed}"
    )


def result_screen(endpoint: Endpoint, plan: Plan, levels: Sequence[Level]) -> Screen:
    simulated: tuple[Cell, ...] = (SIMULATED,) if any(level.simulated for level in levels) else ()
    about = f"  at {endpoint.url}, about {plan.input_tokens} tokens in and at most {plan.output_tokens} out  "
    blocks: list[Block] = [
        line(Word(endpoint.model, "strong"), about, *(part for part in simulated if isinstance(part, Word))),
        line(),
        _table(levels),
    ]
    if is_terminal(sys.stdout):
        blocks += [line(), *_pictures(levels)]
    return [*blocks, *_remarks(endpoint, levels)]


def _table(levels: Sequence[Level]) -> Table:
    columns = (
        Column("at once", right=True, whole=True),
        Column("answers", right=True, whole=True),
        Column("TTFT p50", right=True, whole=True),
        Column("p95", right=True, whole=True, leaves=2),
        Column("TPOT p50", right=True, whole=True),
        Column("p95", right=True, whole=True, leaves=2),
        Column("whole p50", right=True, whole=True, leaves=3),
        Column("p95", right=True, whole=True, leaves=1),
        Column("tokens/s", right=True, whole=True),
    )
    return Table(columns, [_row(level) for level in levels])


def _row(level: Level) -> tuple[Cell, ...]:
    lost = level.errors + level.unfinished
    answers: Cell = (str(level.answers), Word(f" (−{lost})", "bad")) if lost else str(level.answers)
    speed = level.output_tokens_per_second
    return (
        str(level.concurrency),
        answers,
        *_pair(level.ttft),
        *_pair(level.tpot),
        *_pair(level.e2e),
        Word(UNKNOWN if speed is None else f"{speed:,.1f}", "strong"),
    )


def _pair(spread: Spread | None) -> tuple[str, str]:
    return (UNKNOWN, UNKNOWN) if spread is None else (duration(spread.p50), duration(spread.p95))


def _pictures(levels: Sequence[Level]) -> Iterator[Block]:
    speeds = [(level.concurrency, level.output_tokens_per_second) for level in levels]
    yield from _picture("Tokens a second", speeds, "owned", lambda value: f"{value:,.1f}")
    first = [(level.concurrency, None if level.ttft is None else level.ttft.p95) for level in levels]
    yield line()
    yield from _picture("TTFT, 95th percentile", first, "rented", duration)


def _picture(
    title: str, values: Sequence[tuple[int, float | None]], meaning: Any, shown: Any
) -> Iterator[Block]:
    known = [value for _, value in values if value is not None]
    if not known:
        return
    rows: list[tuple[Cell, ...]] = [
        (str(at), UNKNOWN if value is None else (Word(bar(value, max(known)), meaning), f" {shown(value)}"))
        for at, value in values
    ]
    yield line(Word(title, "faint"), indent=2)
    yield Table((Column("", right=True, whole=True), Column("", whole=True)), rows, indent=2)


def bar(value: float, largest: float) -> str:
    """A bar as long as `value` is of `largest`, to an eighth of a character."""
    eighths = 0 if largest <= 0 else round(value / largest * _BAR_CELLS * 8)
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip() or "▏"


def _tokens_from(levels: Sequence[Level]) -> str:
    """Whether the endpoint reported tokens, or events had to stand for them."""
    counted_ = sum(level.counted for level in levels)
    return "usage" if not counted_ else ("events" if counted_ == sum(x.answers for x in levels) else "both")


def _remarks(endpoint: Endpoint, levels: Sequence[Level]) -> Iterator[Block]:
    by = sorted({name for level in levels for name in level.served_by} - {endpoint.model})
    if by:
        yield line(Word("answered by: ", "faint"), ", ".join(by))
    if _tokens_from(levels) != "usage":
        said = "the endpoint reports no usage, so the events of its streams are counted as tokens"
        yield line(Word("note: ", "odd"), said)
    if any(level.simulated for level in levels):
        yield line(Word("note: ", "odd"), "a sandbox answered: these are its settings, not a measurement")
    if any(level.tpot is None and level.answers for level in levels):
        yield line(Word("note: ", "odd"), "answers came in one piece, so time for each token is unknown")
    for level in levels:
        if level.unfinished:
            said = (
                f"at {level.concurrency} the time was up with {counted(level.unfinished, 'answer')} under way"
            )
            yield line(Word("note: ", "odd"), said)
    failed = next((level.first_error for level in levels if level.first_error is not None), None)
    if failed is not None:
        yield line(Word("first error: ", "bad"), failed)
