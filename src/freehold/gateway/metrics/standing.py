"""How things stand at this moment: models, queues, circuits, budgets, the ledger. Does not count."""

from __future__ import annotations

import time
from collections.abc import Iterator

from freehold.gateway.deployment import Deployment
from freehold.gateway.house import House
from freehold.gateway.metrics.exposition import Family, Sample

# Keys with a budget beyond these have no series of their own.
_MOST_BUDGETS = 500


def families(house: House) -> Iterator[Family]:
    yield from _models(tuple(house.deployments.values()))
    yield from _budgets(house)
    yield Family(
        "freehold_ledger_waiting_bytes",
        "gauge",
        "What is safe in the journal and not yet in the ledger's tables.",
        (Sample({}, house.ledger.waiting_bytes),),
    )
    yield Family(
        "freehold_ledger_trouble",
        "gauge",
        "1 while the ledger cannot take in its journal; the log says why.",
        (Sample({}, int(house.ledger.trouble is not None)),),
    )


def _models(deployments: tuple[Deployment, ...]) -> Iterator[Family]:
    now = time.monotonic()
    slots = {model.name: model.slots for model in deployments if model.slots is not None}
    up = {model.name: int(model.down(now) is None) for model in deployments}
    open_ = {model.name: int(model.circuit.why_not(now) is not None) for model in deployments}
    in_flight = {model.name: model.in_flight for model in deployments}
    busy = {name: of.busy for name, of in slots.items()}
    waiting = {name: of.waiting for name, of in slots.items()}
    yield _by_model("freehold_model_up", "1 where a model may be asked.", up)
    yield _by_model("freehold_circuit_open", "1 while a model that kept failing is left alone.", open_)
    yield _by_model("freehold_requests_in_flight", "Calls of a model under way.", in_flight)
    yield _by_model("freehold_slots", "Slots of an owned model.", {n: of.count for n, of in slots.items()})
    yield _by_model("freehold_slots_busy", "Slots in use.", busy)
    yield _by_model("freehold_queue_length", "Requests that wait for a slot.", waiting)


def _by_model(name: str, help_: str, found: dict[str, int]) -> Family:
    return Family(name, "gauge", help_, tuple(Sample({"model": m}, value) for m, value in found.items()))


def _budgets(house: House) -> Iterator[Family]:
    standing = house.budgets.standing(time.time())[:_MOST_BUDGETS]
    for name, help_, values in (
        (
            "freehold_budget_usd",
            "The most to spend in the period.",
            [s.budget_usd for s in standing],
        ),
        ("freehold_budget_spent_usd", "What was spent in the period.", [s.spent_usd for s in standing]),
        ("freehold_budget_held_usd", "What is held for requests under way.", [s.held_usd for s in standing]),
    ):
        labels = ({"kind": s.kind, "name": s.name, "period": s.period} for s in standing)
        samples = (Sample(label, value) for label, value in zip(labels, values, strict=True))
        yield Family(name, "gauge", help_, tuple(samples))
