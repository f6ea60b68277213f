"""One command from nothing to the shipped model: generate, train, convert, evaluate. Seeds are fixed.

    python models/triage/make.py [--out models/triage/triage.gguf]

Needs torch, tokenizers, numpy, gguf and, for the evaluation, xllamacpp and this project.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # threads that spin while they wait make training crawl

import convert
import corpus
import phrases
import torch
from model import Llama, Shape, loaded, widened
from tickets import Generator, generate
from tokenizers import Tokenizer
from train import Plan, train

HERE = Path(__file__).parent
TRAINING_SEED = 2024  # evaluate.py draws its fresh tickets from another
LEGS = (  # first what is asked and how badly, then also the number; plain tickets first
    Plan(steps=200, ease=(0.95, 0.6), last=0.5, digits=0.0),
    Plan(steps=550, rate=0.002, muon_rate=0.014, ease=(0.5, 0.0), held=0.1),
    Plan(steps=700, rate=0.0015, muon_rate=0.01, ease=(0.3, 0.0), held=0.15, digits=2.0),
    Plan(steps=1800, rate=0.0015, muon_rate=0.01, ease=(0.1, 0.0), held=0.3, digits=2.0),
    Plan(steps=1600, rate=0.0015, muon_rate=0.01, held=0.3, capitals=0.15, digits=2.0),
    Plan(steps=2600, rate=0.0015, muon_rate=0.01, held=0.3, units=640, digits=2.0),
)
ABOUT = {
    "name": "Freehold Triage",
    "license": "apache-2.0",
    "description": "A support ticket in, compact JSON with intent, priority and order_id out.",
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Train and convert the triage model.")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=HERE / "triage.gguf")
    parser.add_argument(
        "--kept", type=Path, default=HERE.parents[1] / "build" / "triage", help="for compare.py"
    )
    parser.add_argument("--leg", type=int, default=0, help="start at this leg, from what an earlier run kept")
    parser.add_argument("--no-evaluation", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    build(asked.out, asked.kept, asked.leg)
    if not asked.no_evaluation:
        command = [sys.executable, str(HERE / "evaluate.py"), "--model", str(asked.out)]
        sys.exit(subprocess.call(command))  # noqa: S603 - our own script with our own arguments


def build(out: Path, kept: Path, first_leg: int) -> None:
    """Everything up to the GGUF; the torch weights and the tokenizer stay in the folder ``kept``."""
    began, seen = time.monotonic(), 0
    texts = corpus.public_texts()
    spare = corpus.spare_words(texts, phrases.words())
    print(f"public text: {len(texts)} pieces; tokenizer...", flush=True)
    tokenizer = Tokenizer.from_file(str(kept / "tokenizer.json")) if first_leg else learn_tokens(texts)
    net = loaded(torch.load(kept / "weights.pt")) if first_leg else Llama(Shape())

    def keep() -> None:
        kept.mkdir(parents=True, exist_ok=True)
        torch.save(net.state_dict(), kept / "weights.pt")
        tokenizer.save(str(kept / "tokenizer.json"))
        weights = {name: weight.numpy() for name, weight in net.state_dict().items()}
        convert.write(out, net.shape, weights, tokenizer.to_str(), pieces=corpus.ANSWER_PIECES, about=ABOUT)

    for leg in range(first_leg, len(LEGS)):
        print(f"leg {leg}: {LEGS[leg]}", flush=True)
        if LEGS[leg].units > net.shape.intermediate_size:
            net = widened(net, LEGS[leg].units)
        seed = TRAINING_SEED + leg
        seen += train(net, tokenizer, Generator(seed, spare), LEGS[leg], seed, keep)
    print(f"{out}: {out.stat().st_size:,} bytes after {seen:,} tokens and {time.monotonic() - began:.0f} s")


def learn_tokens(texts: list[str]) -> Tokenizer:
    """The tokenizer, from tickets and the public text; room is left for the pieces of answers."""
    samples = [ticket.text for ticket in generate(12_000, TRAINING_SEED)]
    return corpus.train_tokenizer(samples + texts, Shape().vocab_size - len(corpus.ANSWER_PIECES))


if __name__ == "__main__":
    main()
