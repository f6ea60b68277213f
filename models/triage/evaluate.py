"""Measures the GGUF as it is served: llama.cpp, the chat template, greedy decoding, by the grammar and free.

    python models/triage/evaluate.py [--fresh 500] [--json]

Exact match means intent, priority and order id all right. Fresh tickets come from a seed that was never
trained on; those in ``unseen.jsonl`` were written by hand, by no rule, before the first training.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tickets import Ticket, generate

from freehold.providers import load_grammar

HERE = Path(__file__).parent
FRESH_SEED = 77_001
FIELDS = ("intent", "priority", "order_id")
Ask = Callable[[str, bool], str]


def engine(model: Path, threads: int = 1) -> Ask:
    """A function from a ticket, and whether to bind the answer by the grammar, to what the model answers."""
    import xllamacpp  # noqa: PLC0415 - heavy, and missing where only the generator is wanted

    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.n_ctx = 4 * 1024
    params.n_parallel = 4
    params.cpuparams.n_threads = threads
    params.verbosity = -1
    server = xllamacpp.Server(params)
    grammar = load_grammar("ticket")

    def ask(ticket: str, bound: bool) -> str:  # noqa: FBT001 - a closure with two callers below
        body: dict[str, Any] = {
            "messages": [{"role": "user", "content": ticket}],
            "temperature": 0,
            "max_tokens": 64,
            "cache_prompt": False,
        }
        if bound:
            body["grammar"] = grammar(ticket)
        reply = server.handle_chat_completions(body)
        return str(reply["choices"][0]["message"]["content"])

    return ask


def unseen() -> list[Ticket]:
    lines = (HERE / "unseen.jsonl").read_text(encoding="utf-8").splitlines()
    return [Ticket(**json.loads(line)) for line in lines]


def score(
    ask: Ask, tickets: Sequence[Ticket], *, bound: bool
) -> tuple[dict[str, float], list[tuple[Ticket, str]]]:
    """Shares right, of the whole and of each field, and the tickets answered wrongly with those answers."""
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda ticket: ask(ticket.text, bound), tickets))
    pairs = list(zip(tickets, answers, strict=True))
    right = {"exact": sum(answer == ticket.answer() for ticket, answer in pairs)}
    for field in FIELDS:
        right[field] = sum(_field(answer, field) == getattr(ticket, field) for ticket, answer in pairs)
    shares = {name: round(count / len(pairs), 4) for name, count in right.items()}
    return shares, [(ticket, answer) for ticket, answer in pairs if answer != ticket.answer()]


def _field(answer: str, field: str) -> object:
    """The field of an answer; a word that no field can be if the answer is not such JSON."""
    try:
        parsed = json.loads(answer)
    except json.JSONDecodeError:
        return "not JSON"
    return parsed.get(field, "missing") if isinstance(parsed, dict) else "not an object"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the triage model as it is served.")
    parser.add_argument("--model", type=Path, default=HERE / "triage.gguf")
    parser.add_argument("--fresh", type=int, default=500, help="how many fresh tickets")
    parser.add_argument("--grammar-only", action="store_true", help="leave out free decoding")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--show", action="store_true", help="print the tickets that were wrong")
    asked = parser.parse_args()
    logging.disable(logging.INFO)
    ask = engine(asked.model)
    sets = {"fresh": generate(asked.fresh, FRESH_SEED), "unseen": unseen()}
    results = {}
    for name, tickets in sets.items():
        for mode in ("grammar",) if asked.grammar_only else ("grammar", "free"):
            results[f"{name}_{mode}"], wrong = score(ask, tickets, bound=mode == "grammar")
            if asked.show and mode == "grammar":
                for ticket, answer in wrong:
                    print(f"{ticket.text!r}\n  want {ticket.answer()}\n  got  {answer}")
    if asked.json:
        print(json.dumps({"tickets": {name: len(tickets) for name, tickets in sets.items()}, **results}))
        return
    for name, shares in results.items():
        print(f"{name:16}" + "".join(f"  {field} {share:.3f}" for field, share in shares.items()))


if __name__ == "__main__":
    main()
