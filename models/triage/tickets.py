"""Support tickets and their right answers, composed from the phrase files with a seed. No model, no torch.

A ticket is a core (what the writer wants), at most one sentence that sets the priority, any number of
sentences that decide nothing, and at most one order id; then the frame of an e-mail or a chat, and noise.

``python models/triage/tickets.py 20 --seed 7`` prints twenty.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import noise
import numbers_in_tickets as numbers
import phrases
from phrases import Template

INTENTS = ("refund", "replacement", "delivery", "invoice", "cancellation", "account", "technical", "other")
PRIORITIES = ("urgent", "high", "normal", "low")
_PRIORITY_WEIGHTS = (18, 23, 43, 16)
_OWN_PRIORITY = {
    "urgent": 0.45,
    "high": 0.3,
    "low": 0.3,
    "normal": 0.0,
}  # share that an intent says in its own words
_IDS_BY_INTENT = {"account": 0.15, "technical": 0.25, "other": 0.12}  # how often an order is named; else 0.65

_CLAUSE, _CLAUSE_FIRST = "\x01", "\x02"  # where a frame takes its clause, as it is or with a capital
_DETERMINERS = ("the", "the", "my", "this", "a", "our", "the new")


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket and its right answer; ``order_id`` is as written, without a leading ``#``, or None."""

    text: str
    intent: str
    priority: str
    order_id: str | None

    def answer(self) -> str:
        """The JSON that a model should write: compact, keys in this order."""
        fields = {"intent": self.intent, "priority": self.priority, "order_id": self.order_id}
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


class Generator:
    """An endless source of tickets for one seed.

    ``ease`` is the share of tickets without fillers, frame and noise; training starts with more of them.
    ``capitals`` is the share that shouts; training hears more of them than there are, because capitals are
    other tokens altogether.
    ``spare_words`` now and then stand for a product, so that a reader learns to bear unknown nouns.
    """

    def __init__(self, seed: int, spare_words: Sequence[str] = ()) -> None:
        self.ease = 0.25
        self.capitals = 0.02
        self._rng = random.Random(seed)
        self._spare_words = spare_words
        self._slots = phrases.load_slots("slots")
        self._by_intent = {intent: phrases.load(intent) for intent in INTENTS}
        self._common = phrases.load("common")
        self._priority = phrases.load("priority")
        self._asides = phrases.load("asides")

    def __iter__(self) -> Iterator[Ticket]:
        while True:
            yield self.ticket()

    def ticket(self) -> Ticket:
        rng = self._rng
        intent = rng.choice(INTENTS)
        priority = rng.choices(PRIORITIES, _PRIORITY_WEIGHTS)[0]
        named = rng.random() < _IDS_BY_INTENT.get(intent, 0.65)
        body = self._body(intent, priority, named=named)
        plain = rng.random() < self.ease
        if plain:
            text = " ".join([*body, *self._last_mention(body, named=named)])
        else:
            text = noise.disturb(self._framed(self._filled(body, intent), intent, named=named), rng)
        order_id = numbers.order_id(rng) if named else None
        text = text.replace(noise.ID, order_id or "")
        if not plain and " " not in (
            order_id or ""
        ):  # "gb 7712": an id that nobody could tell in small letters
            text = noise.recase(text, rng, self.capitals)
        return Ticket(text, intent, priority, _as_written(order_id, text))

    def _body(self, intent: str, priority: str, *, named: bool) -> list[str]:
        rng = self._rng
        mine = self._by_intent[intent]
        if rng.random() < _OWN_PRIORITY[priority]:
            sentences = [self._say(mine[priority], named=named)]
        else:
            sentences = [self._core(intent, named=named)]
            if priority != "normal" or rng.random() < 0.25:
                sentences.insert(rng.choice((0, 1, 1, 1)), self._say(self._priority[priority]))
        if named and not any(noise.ID in sentence for sentence in sentences) and rng.random() < 0.85:
            sentences.insert(rng.randrange(len(sentences) + 1), self._say(self._common["mention"]))
        return sentences

    def _last_mention(self, body: list[str], *, named: bool) -> list[str]:
        """A sentence with the id if none of the body has it."""
        missing = named and not any(noise.ID in sentence for sentence in body)
        return [self._say(self._common["mention"])] if missing else []

    def _filled(self, body: list[str], intent: str) -> list[str]:
        """The body with some sentences between that decide nothing."""
        rng, sentences = self._rng, list(body)
        for _ in range(rng.choice((0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 3))):
            sentences.insert(rng.randrange(len(sentences) + 1), self._filler(intent))
        return sentences

    def _core(self, intent: str, *, named: bool) -> str:
        """What the writer wants: a sentence of the intent's own, or its wish or fact in a common frame."""
        mine = self._by_intent[intent]
        kind = self._rng.choices(("core", "want", "fact"), (60, 20, 20))[0]
        if kind == "core":
            return self._say(mine["core"], named=named)
        clause = self._say(mine[kind], named=named)
        frame = self._say(self._common[f"{kind}frame"])
        return frame.replace(_CLAUSE, clause).replace(_CLAUSE_FIRST, _capital(clause))

    def _filler(self, intent: str) -> str:
        if self._rng.random() < 0.2:
            elsewhere = self._rng.choice([other for other in INTENTS if other != intent])
            return self._say(self._asides[elsewhere])
        return self._say(self._common["context"])

    def _framed(self, body: list[str], intent: str, *, named: bool) -> str:
        """The sentences as a mail, a chat line, a list; the id goes into the subject if the body lacks it."""
        rng = self._rng
        missing = named and not any(noise.ID in sentence for sentence in body)
        mail = missing or rng.random() < 0.45
        head, tail = [], []
        if missing:
            head.append("Subject: " + self._say(self._common["subject"], named=True))
        elif mail and rng.random() < 0.35:
            kind = self._by_intent[intent]["subject"] if rng.random() < 0.5 else self._common["othersubject"]
            head.append(
                rng.choice(("Subject: ", "Subject: ", "Betreff: ", "Re: ", "", "SUBJECT: ")) + self._say(kind)
            )
        if rng.random() < 0.05:
            head.append(self._say(self._common["forward"]))
        if rng.random() < (0.75 if mail else 0.25):
            head.append(self._say(self._common["greeting"]))
        if rng.random() < (0.7 if mail else 0.2):
            tail.append(self._say(self._common["closing"]))
            if rng.random() < 0.6:
                tail.append(self._say(self._common["signature"]))
        return self._joined(head, body, tail, mail=mail)

    def _joined(self, head: list[str], body: list[str], tail: list[str], *, mail: bool) -> str:
        rng = self._rng
        within = rng.choice((" ", " ", " ", " ", " ", "\n", "\n\n", " - ", "\n- ", " ... "))
        around = rng.choice(("\n", "\n\n", "\n\n", " ")) if mail else rng.choice((" ", " ", "\n"))
        text = within.join(body)
        if within == "\n- ":
            text = "- " + text
        return around.join([*head, text, *tail])

    def _say(self, templates: list[Template], *, named: bool = True) -> str:
        """One sentence. ``<o>`` becomes an inline mention for half of the tickets that name an order."""

        def fill(slot: str) -> str:
            if slot == "o":
                inline = named and self._rng.random() < 0.5
                return (
                    phrases.expand(self._rng.choice(self._common["inline"]), self._rng, fill)
                    if inline
                    else ""
                )
            return noise.ID if slot == "id" else self._word(slot)

        return phrases.expand(self._rng.choice(templates), self._rng, fill).strip()

    def _word(self, slot: str) -> str:
        rng = self._rng
        if slot in ("want", "fact"):
            return _CLAUSE
        if slot == "Fact":
            return _CLAUSE_FIRST
        if slot in ("It", "Dev"):
            return _capital(self._word(slot.lower()))
        if slot == "it":
            return rng.choice((*_DETERMINERS, f"the {self._word('colour')}")) + " " + self._word("p")
        if slot == "ps":
            return _plural(self._word("p"))
        if slot == "p" and self._spare_words and rng.random() < 0.25:
            return rng.choice(self._spare_words)
        number = numbers.other(rng, slot)
        return number if number is not None else rng.choice(self._slots[slot])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _plural(noun: str) -> str:
    if noun.endswith("s"):
        return noun
    return noun[:-1] + "ies" if noun.endswith("y") else noun + "s"


def _as_written(order_id: str | None, text: str) -> str | None:
    """The id in the letter case that the finished text shows."""
    if order_id is None:
        return None
    return next(form for form in (order_id, order_id.lower(), order_id.upper()) if form in text)


def generate(count: int, seed: int, spare_words: Sequence[str] = ()) -> list[Ticket]:
    """So many tickets; the same ones for the same seed."""
    generator = Generator(seed, spare_words)
    return [generator.ticket() for _ in range(count)]


def main() -> None:
    parser = argparse.ArgumentParser(description="Print synthetic support tickets as JSON Lines.")
    parser.add_argument("count", type=int, nargs="?", default=10)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    for ticket in generate(asked.count, asked.seed):
        print(json.dumps(asdict(ticket), ensure_ascii=False))


if __name__ == "__main__":
    main()
