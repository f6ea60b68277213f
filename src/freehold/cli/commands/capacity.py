"""Predict tokens a second and time per token of a model on GPUs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from freehold.cli.capacity_lines import answered_lines
from freehold.cli.capacity_screen import capacity_screen, capacity_shape
from freehold.cli.entry import DONE, FINDING
from freehold.cli.facts_at_hand import facts_at_hand, facts_option
from freehold.cli.options import config_option, json_option
from freehold.cli.output import answer
from freehold.cli.own_measurements import kept, typed
from freehold.costs import capacity
from freehold.errors import ConfigError

_LEVELS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class _Measurement(click.ParamType[tuple[str, float]]):
    """`tokens_per_s=1234` or `tpot_ms=18.5`."""

    name = "measurement"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, float]:
        if isinstance(value, tuple):
            return value
        name, _, figure = str(value).partition("=")
        try:
            number = float(figure)
        except ValueError:
            number = 0.0
        if name not in {"tokens_per_s", "tpot_ms"} or not 0 < number < float("inf"):
            self.fail(f"{value!r} is no measurement; write tokens_per_s=1234 or tpot_ms=18.5", param, ctx)
        return name, number


@click.command()
@click.option("--model", metavar="NAME", help="An open model of the table, such as llama-3.1-70b.")
@click.option("--precision", metavar="NAME", help="fp16, fp8, int8, w8a16, fp4 or int4.")
@click.option("--gpu", metavar="NAME", help="A GPU of the table, such as h100.")
@click.option("--gpu-count", metavar="N", default="1", show_default=True, help="All GPUs together.")
@click.option("--tp", metavar="N", help="GPUs that share every layer. Without it: the fastest that fits.")
@click.option("--pp", metavar="N", help="Stages that share the layers out.")
@click.option("--input-tokens", metavar="N", default="1024", show_default=True, help="Of each prompt.")
@click.option("--output-tokens", metavar="N", default="256", show_default=True, help="Of each answer.")
@click.option(
    "--concurrency",
    metavar="N|max|slo",
    default="max",
    show_default=True,
    help="Requests in flight, as many as fit, or as many as keep the promise.",
)
@click.option("--mode", type=click.Choice(capacity.MODES), help="How requests come. Without it: closed_loop.")
@click.option("--framework", metavar="NAME", help="The serving engine, such as vllm or trtllm.")
@click.option("--slo-tpot", type=float, metavar="MS", help="With --concurrency slo: p99 of TPOT.")
@click.option(
    "--measured",
    type=_Measurement(),
    multiple=True,
    metavar="NAME=FIGURE",
    help="What you measured in this very configuration: tokens_per_s=1234, tpot_ms=18.5.",
)
@click.option(
    "--bench", metavar="MODEL", help="Recalibrate by what `freehold bench MODEL` measured last on these GPUs."
)
@facts_option
@click.option("--jsonl", is_flag=True, help="Answer questions from stdin, one JSON object a line.")
@config_option
@json_option
def command(
    config: Path | None,
    facts: Path | None,
    bench: str | None,
    measured: tuple[tuple[str, float], ...],
    slo_tpot: float | None,
    *,
    jsonl: bool,
    as_json: bool,
    **asked: str | None,
) -> int:
    """Predict output tokens a second and TPOT of a model on GPUs, each with an 80 % interval.

    A physical model (weights, cache, bandwidth, arithmetic, messages, host) fitted to published measurements;
    what lies outside them is said and widens the interval. Exit code 1 where the model does not fit.

    --json prints an object: model, precision, gpu, gpu_count, tp, pp, replicas, input_len, output_len,
    concurrency, mode, framework, batch, most_batch (requests at once in a replica, and as many as fit),
    output_tokens_per_s and tpot_ms (each p10, p50, p90), ttft_ms, weights_gib, notes, outside (what was not
    measured), constants, curve (concurrency, output_tokens_per_s, tpot_ms).

    --jsonl reads objects with id, model, precision, gpu, gpu_count, tp, pp, input_len, output_len,
    concurrency, mode, framework (tp, pp, mode, framework may be null) and prints for each id,
    output_tokens_per_s, tpot_ms, tp, pp, notes; or id, error, hint for a bad line, and then ends with 1.
    """
    known, constants = facts_at_hand(facts), capacity.shipped_constants()
    if jsonl:
        good = True
        for line, is_good in answered_lines(sys.stdin.buffer, known, constants):
            click.echo(line)
            good = good and is_good
        return DONE if good else FINDING
    question = _question(asked, slo_tpot)
    own = typed(question, known, constants, dict(measured))
    if bench is not None:
        own += kept(bench, config, question, known, constants)
    found = capacity.predict(question, known, constants, own)
    levels = tuple(level for level in _LEVELS if level <= 2 * found.most_batch * found.replicas) or (1,)
    curve = capacity.over_concurrency(question, known, constants, levels, own)
    answer(
        capacity_shape(found, curve, constants.source),
        lambda: capacity_screen(found, curve, constants.source, known),
        as_json=as_json,
    )
    return DONE


def _question(asked: dict[str, str | None], slo_tpot: float | None) -> capacity.Question:
    row: dict[str, Any] = {
        **{name: value for name, value in asked.items() if not name.endswith("_tokens")},
        "input_len": asked["input_tokens"],
        "output_len": asked["output_tokens"],
        "slo_tpot_ms": slo_tpot,
    }
    try:
        return capacity.read_question(row)
    except ConfigError as error:
        key = error.key.replace("_len", "_tokens").replace("_", "-").replace(", ", ", --")
        raise ConfigError(f"--{key}", error.message, hint=error.hint) from None
