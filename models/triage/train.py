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
from tickets import Generator, Ticket
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

_END, _TICKET, _ANSWER = 0, 1, 2  # the places of corpus.SPECIAL
_WINDOW = 1024  # examples sorted by length together, so that a batch holds hardly any padding
_LONGEST = 480  # tokens; longer tickets are cut at their start


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how hard to train. In steps: a busy machine makes the same model as a quiet one."""

    steps: int
    batch_tokens: int = 1536
    rate: float = 0.002
    text_weight: float = 0.05  # of the loss on a ticket's own words
    text_share: float = 0.25  # of those words that are asked for: the head is a fifth of the work
    prompt_share: float = 0.03  # of batches that are public text only
    dropout: float = 0.0


# Of the loss on an answer. Were all alike, the digits (many, and hopeless until copying is learnt) and the
# punctuation (many, and learnt at once) would drown the two words that matter.
_INTENT, _PRIORITY, _ORDER_ID, _PUNCTUATION = 3.0, 2.0, 0.7, 0.2


@dataclass(frozen=True, slots=True)
class Batch:
    """Token ids and the weight of each in the loss, both (B, T)."""

    tokens: Tensor
    weights: Tensor


def train(
    net: Llama, tokenizer: Tokenizer, generator: Generator, texts: Sequence[str], plan: Plan, seed: int
) -> int:
    """Train for ``plan.steps`` batches; returns the number of tokens seen."""
    torch.manual_seed(seed)
    batches = _mixed(tokenizer, generator, texts, plan, random.Random(seed))
    optimiser = torch.optim.AdamW(
        net.parameters(), lr=plan.rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True
    )
    seen, told = 0, _Told()
    net.train()
    for step in range(plan.steps):
        batch = next(batches)
        for group in optimiser.param_groups:
            group["lr"] = plan.rate * min(1.0, (step + 1) / 100, (1 - step / plan.steps) / 0.6)
        loss = _loss(net, batch, told)
        loss.backward()  # type: ignore[no-untyped-call]  # torch's stub leaves it bare
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        seen += batch.tokens.numel()
        if step % 50 == 0:
            done = f"{step:5} of {plan.steps}  {seen / 1e6:5.2f} M tokens"
            print(f"  step {done}  {told}  {time.process_time():.0f} s of processor", flush=True)
    net.eval()
    return seen


class _Told:
    """Running means of the loss on the three parts of an answer, for the eye."""

    def __init__(self) -> None:
        self.means = {_INTENT: 2.0, _PRIORITY: 1.3, _ORDER_ID: 2.0}

    def add(self, losses: Tensor, weights: Tensor) -> None:
        for weight in self.means:
            part = losses[(weights - weight).abs() < 1e-4]
            if len(part):
                self.means[weight] += 0.05 * (part.mean().item() - self.means[weight])

    def __str__(self) -> str:
        names = ("intent", "priority", "order id")
        return "  ".join(f"{name} {mean:.3f}" for name, mean in zip(names, self.means.values(), strict=True))


def _loss(net: Llama, batch: Batch, told: _Told) -> Tensor:
    """Mean cross entropy of the next token over the answers, plus the weighted one over the rest."""
    weights = batch.weights[:, 1:]
    wanted = weights > 0
    logits = net(batch.tokens[:, :-1], wanted)
    losses = functional.cross_entropy(logits, batch.tokens[:, 1:][wanted], reduction="none")
    weight = weights[wanted]
    told.add(losses.detach(), weight)
    return (losses * weight).sum() / weight.sum()


def _mixed(
    tokenizer: Tokenizer, generator: Generator, texts: Sequence[str], plan: Plan, rng: random.Random
) -> Iterator[Batch]:
    tickets = _ticket_batches(tokenizer, generator, plan, rng)
    prompts = _text_batches(tokenizer, texts, plan, rng) if texts else tickets
    while True:
        yield next(prompts if rng.random() < plan.prompt_share else tickets)


def _ticket_batches(
    tokenizer: Tokenizer, generator: Generator, plan: Plan, rng: random.Random
) -> Iterator[Batch]:
    while True:
        tickets = [generator.ticket() for _ in range(_WINDOW)]
        asked = tokenizer.encode_batch([ticket.text for ticket in tickets])
        answers = tokenizer.encode_batch([ticket.answer() for ticket in tickets])
        rows = []
        for ticket, question, answer in zip(tickets, asked, answers, strict=True):
            words = [_TICKET, *question.ids[-_LONGEST:], _ANSWER]
            reply = [*answer.ids, _END]
            worth = [*_answer_weights(ticket, answer.offsets), _PUNCTUATION]
            weights = [plan.text_weight if rng.random() < plan.text_share else 0.0 for _ in words]
            rows.append((words + reply, weights + worth))
        yield from _in_batches(rows, plan.batch_tokens, rng)


def _answer_weights(ticket: Ticket, offsets: list[tuple[int, int]]) -> list[float]:
    """The weight of each token of the answer, by the part of the JSON in which it stands."""
    text = ticket.answer()
    intent_ends = text.index(',"priority"')
    priority_ends = text.index(',"order_id"')
    spans = (
        (len('{"intent":"'), intent_ends - 1, _INTENT),
        (intent_ends + len(',"priority":"'), priority_ends - 1, _PRIORITY),
        (priority_ends + len(',"order_id":'), len(text) - 1, _ORDER_ID),
    )
    return [
        next((worth for start, end, worth in spans if start <= at and until <= end), _PUNCTUATION)
        for at, until in offsets
    ]


def _text_batches(
    tokenizer: Tokenizer, texts: Sequence[str], plan: Plan, rng: random.Random
) -> Iterator[Batch]:
    """Public text as tickets without an answer: the model learns the words, not the task."""
    while True:
        chosen = tokenizer.encode_batch([rng.choice(texts) for _ in range(_WINDOW)])
        rows = [
            ([_TICKET, *text.ids[:_LONGEST], _END], [1.0] * (min(len(text.ids), _LONGEST) + 2))
            for text in chosen
        ]
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
