"""One command from nothing to the shipped model: generate, train, convert, evaluate. Seeds are fixed.

    python models/triage/make.py [--steps 2000] [--out models/triage/triage.gguf]

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
from train import Plan, train

HERE = Path(__file__).parent
TRAINING_SEED = 2024  # evaluate.py draws its fresh tickets from another
ABOUT = {
    "name": "Freehold Triage",
    "license": "apache-2.0",
    "description": "A support ticket in, compact JSON with intent, priority and order_id out. See models/triage/README.md.",
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Train and convert the triage model.")
    parser.add_argument("--steps", type=int, default=2000, help="batches of the training proper")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=HERE / "triage.gguf")
    parser.add_argument("--plan", default="", help="other settings of train.Plan, such as dropout=0.1,text_weight=0")
    parser.add_argument("--no-evaluation", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    settings = {name: float(value) for name, value in (pair.split("=") for pair in asked.plan.split(",") if pair)}
    build(asked.out, Plan(steps=asked.steps, **settings))
    if not asked.no_evaluation:
        sys.exit(subprocess.call([sys.executable, str(HERE / "evaluate.py"), "--model", str(asked.out)]))  # noqa: S603 - our own script


def build(out: Path, plan: Plan) -> None:
    """Everything up to the GGUF and, beside it, the torch weights for those who want to compare."""
    began = time.monotonic()
    texts = corpus.public_texts()
    print(f"public text: {len(texts)} pieces; tokenizer...", flush=True)
    samples = generate(12_000, TRAINING_SEED)
    tokenizer = corpus.train_tokenizer([t.text for t in samples] + [t.answer() for t in samples[:500]] + texts, 2048)
    net = Llama(Shape(), plan.dropout)
    print(f"{sum(p.numel() for p in net.parameters()):,} parameters; {plan.steps} steps", flush=True)
    generator = Generator(TRAINING_SEED, corpus.spare_words(texts))
    seen = train(net, tokenizer, generator, texts, plan, TRAINING_SEED)
    weights = {name: weight.numpy() for name, weight in net.state_dict().items()}
    convert.write(out, net.shape, weights, tokenizer.to_str(), about=ABOUT)
    torch.save(net.state_dict(), out.with_suffix(".pt"))
    tokenizer.save(str(out.with_suffix(".tokenizer.json")))
    print(f"{out}: {out.stat().st_size:,} bytes after {seen:,} tokens and {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
