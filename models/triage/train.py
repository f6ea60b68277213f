"""Training: batches of tickets (and of public text), the loss, a learning rate that falls to nothing.

It does not know how tickets are made or where weights are written.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from model import Llama
from tickets import Generator
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

_END, _TICKET, _ANSWER = 0, 1, 2  # the places of corpus.SPECIAL
_WINDOW = 1024  # examples sorted by length together, so that a batch holds hardly any padding
_LONGEST = 480  # tokens; longer tickets are cut at their start


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how hard to train. Steps rather than minutes: the same model comes out of a busy machine."""

    steps: int
    batch_tokens: int = 1536
    rate: float = 0.003
    text_weight: float = 0.2  # of the loss on a ticket's own words, against 1 on its answer
    text_share: float = 0.25  # of those words that are asked for: the head is a fifth of the work
    prompt_share: float = 0.05  # of batches that are public text only
    dropout: float = 0.0


@dataclass(frozen=True, slots=True)
class Batch:
    """Token ids and the weight of each in the loss, both (B, T)."""

    tokens: Tensor
    weights: Tensor


def train(net: Llama, tokenizer: Tokenizer, generator: Generator, texts: Sequence[str], plan: Plan, seed: int) -> int:
    """Train for ``plan.steps`` batches; returns the number of tokens seen."""
    torch.manual_seed(seed)
    batches = _mixed(tokenizer, generator, texts, plan, random.Random(seed))
    optimiser = torch.optim.AdamW(net.parameters(), lr=plan.rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    seen, smooth = 0, 8.0
    net.train()
    for step in range(plan.steps):
        batch = next(batches)
        for group in optimiser.param_groups:
            group["lr"] = plan.rate * min(1.0, (step + 1) / 100, (1 - step / plan.steps) / 0.6)
        loss = _loss(net, batch)
        loss.backward()  # type: ignore[no-untyped-call]  # torch's stub leaves it bare
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        seen += batch.tokens.numel()
        smooth = 0.95 * smooth + 0.05 * loss.item()
        if step % 50 == 0:
            used = time.process_time()
            print(f"  step {step:5} of {plan.steps}  {seen / 1e6:5.2f} M tokens  loss {smooth:.4f}  {used:.0f} cpu s", flush=True)
    net.eval()
    return seen


def _loss(net: Llama, batch: Batch) -> Tensor:
    """Mean cross entropy of the next token over the answers, plus the weighted one over the rest."""
    weights = batch.weights[:, 1:]
    wanted = weights > 0
    logits = net(batch.tokens[:, :-1], wanted)
    losses = functional.cross_entropy(logits, batch.tokens[:, 1:][wanted], reduction="none")
    weight = weights[wanted]
    return (losses * weight).sum() / weight.sum()


def _mixed(
    tokenizer: Tokenizer, generator: Generator, texts: Sequence[str], plan: Plan, rng: random.Random
) -> Iterator[Batch]:
    tickets = _ticket_batches(tokenizer, generator, plan, rng)
    prompts = _text_batches(tokenizer, texts, plan, rng) if texts else tickets
    while True:
        yield next(prompts if rng.random() < plan.prompt_share else tickets)


def _ticket_batches(tokenizer: Tokenizer, generator: Generator, plan: Plan, rng: random.Random) -> Iterator[Batch]:
    while True:
        tickets = [generator.ticket() for _ in range(_WINDOW)]
        asked = tokenizer.encode_batch([ticket.text for ticket in tickets])
        answers = tokenizer.encode_batch([ticket.answer() for ticket in tickets])
        rows = []
        for question, answer in zip(asked, answers, strict=True):
            words = [_TICKET, *question.ids[-_LONGEST:], _ANSWER]
            reply = [*answer.ids, _END]
            weights = [plan.text_weight if rng.random() < plan.text_share else 0.0 for _ in words]
            rows.append((words + reply, weights + [1.0] * len(reply)))
        yield from _in_batches(rows, plan.batch_tokens, rng)


def _text_batches(tokenizer: Tokenizer, texts: Sequence[str], plan: Plan, rng: random.Random) -> Iterator[Batch]:
    """Public text as tickets without an answer: the model learns the words, not the task."""
    while True:
        chosen = tokenizer.encode_batch([rng.choice(texts) for _ in range(_WINDOW)])
        rows = [([_TICKET, *text.ids[:_LONGEST], _END], [1.0] * (min(len(text.ids), _LONGEST) + 2)) for text in chosen]
        yield from _in_batches(rows, plan.batch_tokens, rng)


def _in_batches(rows: list[tuple[list[int], list[float]]], size: int, rng: random.Random) -> Iterator[Batch]:
    """Rows of like length side by side, padded at the end with weight 0, in random order."""
    rows = sorted(rows, key=lambda row: len(row[0]) + rng.random())
    batches = []
    while rows:
        count = max(1, size // len(rows[-1][0]))
        batches.append(_batch(rows[-count:]))
        del rows[-count:]
    rng.shuffle(batches)
    yield from batches


def _batch(rows: list[tuple[list[int], list[float]]]) -> Batch:
    longest = len(rows[-1][0])
    tokens = torch.full((len(rows), longest), _END)
    weights = torch.zeros(len(rows), longest)
    for row, (ids, weight) in enumerate(rows):
        tokens[row, : len(ids)] = torch.tensor(ids)
        weights[row, : len(ids)] = torch.tensor(weight)
    return Batch(tokens, weights)
