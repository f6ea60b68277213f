"""Does llama.cpp compute what torch computes? The same log-probabilities, in float32 and as shipped.

    python models/triage/compare.py [--tickets 20] [--kept build/triage]

Needs what ``make.py`` kept. It says nothing about whether the answers are right.
"""

from __future__ import annotations

import argparse
import json
import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import convert
import torch
import xllamacpp
from corpus import ANSWER_PIECES
from make import ABOUT, HERE
from model import Llama, loaded
from tickets import generate
from tokenizers import Tokenizer

SEED = 5_150
_MOST_LIKELY = 10


def engine(model: Path) -> xllamacpp.Server:
    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.n_ctx = 1024
    params.cpuparams.n_threads = 1
    params.verbosity = -1
    return xllamacpp.Server(params)


def answers(server: xllamacpp.Server, prompt: list[int]) -> list[dict[str, Any]]:
    """Each generated token of a plain greedy decode, with the log-probabilities of the ten most likely."""
    body = {
        "prompt": prompt,
        "temperature": 0,
        "max_tokens": 16,
        "logprobs": _MOST_LIKELY,
        "cache_prompt": False,
    }
    steps: list[dict[str, Any]] = server.handle_completions(body)["choices"][0]["logprobs"]["content"]
    return steps


def differences(net: Llama, prompt: list[int], steps: list[dict[str, Any]]) -> list[float]:
    """Absolute differences between the engine's log-probabilities and torch's, after the same tokens."""
    tokens = torch.tensor([prompt + [step["id"] for step in steps]])
    with torch.no_grad():
        ours = net(tokens).log_softmax(-1)[0, len(prompt) - 1 :]
    return [
        abs(choice["logprob"] - ours[place, choice["id"]].item())
        for place, step in enumerate(steps)
        for choice in step["top_logprobs"]
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare torch with llama.cpp on the same weights.")
    parser.add_argument("--tickets", type=int, default=20)
    parser.add_argument("--kept", type=Path, default=HERE.parents[1] / "build" / "triage")
    asked = parser.parse_args()
    logging.disable(logging.INFO)
    net = loaded(torch.load(asked.kept / "weights.pt")).eval()
    tokenizer = Tokenizer.from_file(str(asked.kept / "tokenizer.json"))
    prompts = [[1, *tokenizer.encode(ticket.text).ids, 2] for ticket in generate(asked.tickets, SEED)]
    weights = {name: weight.numpy() for name, weight in net.state_dict().items()}
    with TemporaryDirectory() as folder:
        for name, exact in (("float32", True), ("Q8_0", False)):
            path = Path(folder) / f"{name}.gguf"
            convert.write(
                path, net.shape, weights, tokenizer.to_str(), pieces=ANSWER_PIECES, about=ABOUT, exact=exact
            )
            server = engine(path)
            found = [d for prompt in prompts for d in differences(net, prompt, answers(server, prompt))]
            print(
                json.dumps(
                    {
                        "weights": name,
                        "compared": len(found),
                        "largest": max(found),
                        "mean": sum(found) / len(found),
                    }
                )
            )


if __name__ == "__main__":
    main()
