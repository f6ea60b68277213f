"""Training: batches of tickets, the loss on their answers, Muon and Adam, a rate that falls.

It does not know how tickets are made or where weights are written.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from corpus import ANSWER_PIECES
from model import Llama
from muon import Muon
from template import as_read
from tickets import Generator, Ticket
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

_END, _TICKET, _ANSWER = 0, 1, 2  # the places of corpus.SPECIAL
_LONGEST = 480  # tokens; longer tickets are cut at their start


@dataclass(frozen=True, slots=True)
class Plan:
    """One leg of the training. In steps: a busy machine makes the same model as a quiet one."""

    steps: int
    tickets: int = 64  # a batch, always: eight long ones must not weigh as much as ninety short ones
    rate: float = 0.003  # of Adam, for embeddings, head and norms
    muon_rate: float = 0.02  # of Muon, for the matrices of the layers
    held: float = 0.4  # share of the steps before the rates fall
    last: float = 0.0  # share of the rates that is left at the end
    ease: tuple[float, float] = (0.0, 0.0)  # of the generator, at the first step and the last
    capitals: float = 0.02  # of the generator
    units: int = 384  # of each MLP; a leg with more of them widens what the legs before have trained
    digits: float = 1.0  # weight of an order id's own tokens: noise while copying is out of reach


# Weights in the loss: the two words that matter, null or not, first token of an id, the others, punctuation.
_INTENT, _PRIORITY, _NAMED, _FIRST, _REST, _PUNCTUATION = 3.0, 2.5, 1.5, 1.4, 0.5, 0.1


@dataclass(frozen=True, slots=True)
class Batch:
    """Token ids and the weight of each in the loss, both (B, T)."""

    tokens: Tensor
    weights: Tensor


def train(
    net: Llama, tokenizer: Tokenizer, generator: Generator, plan: Plan, seed: int, keep: Callable[[], None]
) -> int:
    """Train for ``plan.steps`` batches, ``keep`` now and then and at the end; returns tokens seen."""
    torch.manual_seed(seed)
    batches = _batches(tokenizer, generator, plan)
    matrices = [weight for weight in net.model.layers.parameters() if weight.ndim == 2]
    known = {id(weight) for weight in matrices}
    muon = Muon(matrices)
    adam = torch.optim.Adam(
        [weight for weight in net.parameters() if id(weight) not in known], betas=(0.9, 0.98), fused=True
    )
    seen, told = 0, _Told(plan)
    generator.capitals = plan.capitals
    net.train()
    for step in range(plan.steps):
        done = step / plan.steps
        generator.ease = plan.ease[0] + (plan.ease[1] - plan.ease[0]) * done
        share = min(1.0, (step + 1) / 30, plan.last + (1 - plan.last) * (1 - done) / (1 - plan.held))
        adam.param_groups[0]["lr"] = plan.rate * share
        parts = next(batches)
        whole = sum(part.weights.sum().item() for part in parts)
        for part in parts:
            loss = _loss(net, part, told) / whole
            loss.backward()  # type: ignore[no-untyped-call]  # torch's stub leaves it bare
        muon.step(plan.muon_rate * share)
        adam.step()
        adam.zero_grad(set_to_none=True)
        seen += sum(part.tokens.numel() for part in parts)
        if step % 50 == 0:
            print(
                f"  {step:5}  {seen / 1e6:5.2f} M tokens  {told}  {time.process_time():.0f} cpu s", flush=True
            )
        if step % 200 == 199:
            keep()
    net.eval()
    keep()
    return seen


class _Told:
    """Running means of the loss on the parts of an answer, for the eye."""

    def __init__(self, plan: Plan) -> None:
        self._weights = (_INTENT, _PRIORITY, _NAMED, _FIRST * plan.digits, _REST * plan.digits)
        self._means = [2.0, 1.3, 0.7, 3.0, 2.3]

    def add(self, losses: Tensor, weights: Tensor) -> None:
        for place, weight in enumerate(self._weights):
            part = losses[(weights - weight).abs() < 1e-4]
            if len(part):
                self._means[place] += 0.02 * (part.mean().item() - self._means[place])

    def __str__(self) -> str:
        names = ("intent", "priority", "null?", "first", "rest")
        return "  ".join(f"{name} {mean:.3f}" for name, mean in zip(names, self._means, strict=True))


def _loss(net: Llama, batch: Batch, told: _Told) -> Tensor:
    """Weighted sum of the cross entropy of the next token over the answers."""
    weights = batch.weights[:, 1:]
    wanted = weights > 0
    logits = net(batch.tokens[:, :-1], wanted)
    losses = functional.cross_entropy(logits, batch.tokens[:, 1:][wanted], reduction="none")
    weight = weights[wanted]
    told.add(losses.detach(), weight)
    return (losses * weight).sum()


def _batches(tokenizer: Tokenizer, generator: Generator, plan: Plan) -> Iterator[list[Batch]]:
    """Batches in four parts of like length, so that there is hardly any padding."""
    while True:
        tickets = [generator.ticket() for _ in range(plan.tickets)]
        asked = tokenizer.encode_batch([as_read(ticket.text) for ticket in tickets])
        rows = []
        for ticket, question in zip(tickets, asked, strict=True):
            words = [_TICKET, *question.ids[-_LONGEST:], _ANSWER]
            answer, worth = _answer(tokenizer, ticket, plan.digits)
            rows.append((words + answer, [0.0] * len(words) + worth))
        rows.sort(key=lambda row: len(row[0]))
        share = len(rows) // 4
        yield [_batch(rows[at : at + share]) for at in range(0, len(rows), share)]


def _answer(tokenizer: Tokenizer, ticket: Ticket, digits: float) -> tuple[list[int], list[float]]:
    """The answer's tokens and their weights. The pieces of answers have the ids after the tokenizer's."""
    first = tokenizer.get_vocab_size()
    piece = {text: first + number for number, text in enumerate(ANSWER_PIECES)}
    quote: int = tokenizer.encode('"').ids[0]
    ids = [
        piece['{"intent":"'],
        piece[f'{ticket.intent}"'],
        piece[',"priority":"'],
        piece[f'{ticket.priority}"'],
    ]
    ids.append(piece[',"order_id":'])
    weights = [_PUNCTUATION, _INTENT, _PUNCTUATION, _PRIORITY, _PUNCTUATION]
    if ticket.order_id is None:
        return [*ids, piece["null}"], _END], [*weights, _NAMED, _PUNCTUATION]
    named = tokenizer.encode(ticket.order_id).ids
    worth = [_FIRST * digits] + [_REST * digits] * (len(named) - 1)
    ids += [quote, *named, piece['"}'], _END]
    return ids, [*weights, _NAMED, *worth, _PUNCTUATION, _PUNCTUATION]


def _batch(rows: list[tuple[list[int], list[float]]]) -> Batch:
    longest = max(len(ids) for ids, _ in rows)
    tokens = torch.full((len(rows), longest), _END)
    weights = torch.zeros(len(rows), longest)
    for row, (ids, weight) in enumerate(rows):
        tokens[row, : len(ids)] = torch.tensor(ids)
        weights[row, : len(ids)] = torch.tensor(weight)
    return Batch(tokens, weights)
