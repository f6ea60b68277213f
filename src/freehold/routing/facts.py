"""What a decision is made from, and what comes out. Values only: no I/O, no clock, no config file."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

import msgspec

from freehold.privacy import Label

Tenure = Literal["rented", "owned"]
Private = Literal["keep", "redact", "refuse"]


class Candidate(msgspec.Struct, frozen=True):
    """One model that a route may use, with what does not change from request to request.

    `weight` is its share under the policy `split`; `context_tokens` is `None` where it is unknown;
    `simulated` marks a model whose answers are not real; `region` is where it stands, `None` if unknown.
    """

    model: str
    tenure: Tenure
    clearance: Label
    can: frozenset[str]
    context_tokens: int | None = None
    weight: float = 0.0
    simulated: bool = False
    region: str | None = None


class Facts(msgspec.Struct, frozen=True):
    """Everything a decision may look at.

    `candidates` stand in the order of the config, the home's first. `down` maps a model that cannot be asked
    now to the reason in words. `ttft_seconds` and `cost_usd` hold what was observed or computed;
    a model that is not in them is unknown. `found` names the types of what was found in the request.
    `redacted` is the label that is left once pseudonyms stand for it, `None` where none may.
    `regions` are those where requests may go (`None` = anywhere); `own_only` forbids to rent at all.
    """

    route: str
    home: Tenure
    candidates: tuple[Candidate, ...]
    label: Label
    private: Private = "keep"
    needs: frozenset[str] = frozenset()
    input_tokens: int = 0
    output_tokens: int = 0
    only_tenure: Tenure | None = None
    down: Mapping[str, str] = {}
    ttft_seconds: Mapping[str, float] = {}
    cost_usd: Mapping[str, Decimal] = {}
    sticky: str = ""
    found: tuple[str, ...] = ()
    redacted: Label | None = None
    regions: frozenset[str] | None = None
    own_only: bool = False


class Removal(msgspec.Struct, frozen=True):
    """A candidate that a limit took out: which limit, and why in words that follow the model's name."""

    model: str
    limit: str
    why: str


class Ranking(msgspec.Struct, frozen=True):
    """A policy's order, best first, and why the first one stands first (words that follow "because").

    `steady` says that it would be the same for every request of the route from which the limits remove the
    same candidates, with the same `only_tenure`: then it need not be asked again.
    """

    order: tuple[Candidate, ...]
    why: str
    steady: bool = False


class Choice(msgspec.Struct, frozen=True):
    """Who is asked, in order; who was removed; the reason in words. `steady` as in `Ranking`."""

    order: tuple[Candidate, ...]
    removed: tuple[Removal, ...]
    why: str
    steady: bool = False
