"""Tell whether a model fits a machine, and how fast it may be there."""

from __future__ import annotations

from pathlib import Path

import click

from freehold.cli.entry import DONE, FINDING
from freehold.cli.fit_screen import verdict_screen, verdict_shape
from freehold.cli.model_to_fit import Meant, find_model
from freehold.cli.options import config_option, json_option
from freehold.cli.output import answer
from freehold.engine.sizing import DEFAULT_CONTEXT, Machine, judge, named_gpu, this_machine, with_memory


@click.command()
@click.argument("model")
@click.option("--gpu", metavar="NAME", help="A GPU of the table, such as L4. Without it: this machine.")
@click.option("--context", type=click.IntRange(min=1), metavar="TOKENS", help="Tokens for each request.")
@click.option("--slots", type=click.IntRange(1, 4096), metavar="N", help="Requests at once.")
@click.option(
    "--memory",
    type=click.FloatRange(min=0, min_open=True),
    metavar="GIB",
    help="Judge by this much memory, in GiB, in place of what the machine has.",
)
@config_option
@json_option
def command(
    model: str,
    gpu: str | None,
    context: int | None,
    slots: int | None,
    memory: float | None,
    config: Path | None,
    *,
    as_json: bool,
) -> int:
    """Tell whether MODEL fits this machine or a GPU, how fast to expect it, and which quantisation would fit.

    MODEL is a GGUF file, builtin:triage, a model of the config, or org/name[:QUANT] on a hub. Only headers
    are read, on a hub too. Weights and cache follow from them; overhead and speed are estimates. Exit code 1
    where it does not fit, or where that is unknown.

    --json prints an object: fits, model, machine, context_tokens, slots, weight_bytes, cache_bytes,
    overhead_bytes, total_bytes, most_context_tokens, most_slots, estimate (decode, decode_all and prefill,
    each low and high in tokens a second), alternatives, offered. null is unknown.
    """
    machine = _machine(gpu, memory)
    meant = find_model(model, config)
    verdict = judge(
        meant.shape,
        machine,
        context_tokens=_context(meant, context),
        slots=meant.slots if slots is None else slots,
    )
    shape = verdict_shape(verdict, meant)
    answer(shape, lambda: verdict_screen(verdict, meant), as_json=as_json)
    return DONE if verdict.fits else FINDING


def _machine(gpu: str | None, memory: float | None) -> Machine:
    machine = this_machine() if gpu is None else named_gpu(gpu)
    return machine if memory is None else with_memory(machine, memory)


def _context(meant: Meant, asked: int | None) -> int:
    """The tokens of a slot: as asked, as configured, else as the engine would give it."""
    trained = meant.shape.context_tokens
    if asked is not None:
        if trained is not None and asked > trained:
            raise click.BadParameter(f"the model was trained for {trained:,} tokens", param_hint="--context")
        return asked
    if meant.context_tokens is not None:
        return meant.context_tokens
    return DEFAULT_CONTEXT if trained is None else min(trained, DEFAULT_CONTEXT)
