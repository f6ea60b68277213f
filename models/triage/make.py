"""One command from nothing to the shipped model: generate, train, convert, evaluate. Seeds are fixed.

    python models/triage/make.py [--steps 1600] [--out models/triage/triage.gguf]

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
import torch
from model import Llama, Shape
from tickets import Generator, generate
from tokenizers import Tokenizer
from train import Plan, train

HERE = Path(__file__).parent
TRAINING_SEED = 2024  # evaluate.py draws its fresh tickets from another
ABOUT = {
    "name": "Freehold Triage",
    "license": "apache-2.0",
    "description": "A support ticket in, compact JSON with intent, priority and order_id out.",
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Train and convert the triage model.")
    parser.add_argument("--steps", type=int, default=1600, help="batches of the training proper")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=HERE / "triage.gguf")
    parser.add_argument(
        "--kept", type=Path, default=HERE.parents[1] / "build" / "triage", help="for compare.py"
    )
    parser.add_argument("--resume", action="store_true", help="go on from what an earlier run kept")
    parser.add_argument("--no-evaluation", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    build(asked.out, asked.kept, Plan(steps=asked.steps), resume=asked.resume)
    if not asked.no_evaluation:
        command = [sys.executable, str(HERE / "evaluate.py"), "--model", str(asked.out)]
        sys.exit(subprocess.call(command))  # noqa: S603 - our own script with our own arguments


def build(out: Path, kept: Path, plan: Plan, *, resume: bool) -> None:
    """Everything up to the GGUF; the torch weights and the tokenizer stay in the folder ``kept``."""
    began = time.monotonic()
    texts = corpus.public_texts()
    print(f"public text: {len(texts)} pieces; tokenizer...", flush=True)
    seed = TRAINING_SEED + 1 if resume else TRAINING_SEED
    tokenizer = Tokenizer.from_file(str(kept / "tokenizer.json")) if resume else learn_tokens(texts)
    net = Llama(Shape(), plan.dropout)
    if resume:
        net.load_state_dict(torch.load(kept / "weights.pt"))
    print(f"{sum(p.numel() for p in net.parameters()):,} parameters; {plan.steps} steps", flush=True)
    seen = train(net, tokenizer, Generator(seed, corpus.spare_words(texts)), texts, plan, seed)
    weights = {name: weight.numpy() for name, weight in net.state_dict().items()}
    convert.write(out, net.shape, weights, tokenizer.to_str(), about=ABOUT)
    kept.mkdir(parents=True, exist_ok=True)
    torch.save(net.state_dict(), kept / "weights.pt")
    tokenizer.save(str(kept / "tokenizer.json"))
    print(f"{out}: {out.stat().st_size:,} bytes after {seen:,} tokens and {time.monotonic() - began:.0f} s")


def learn_tokens(texts: list[str]) -> Tokenizer:
    """The tokenizer, from tickets, some answers and the public text."""
    samples = generate(12_000, TRAINING_SEED)
    answers = [ticket.answer() for ticket in samples[:500]]
    return corpus.train_tokenizer([ticket.text for ticket in samples] + answers + texts, Shape().vocab_size)


if __name__ == "__main__":
    main()
