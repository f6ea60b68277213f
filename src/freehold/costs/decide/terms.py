"""What the product knows of contracts and licences, as data with source and date. Does not judge them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from freehold.costs.capacity import Facts, find_model
from freehold.costs.decide.answers import Answers, Contract, Contracted, contracts_of
from freehold.costs.decide.weighing import Candidate, Licence
from freehold.errors import FreeholdError

_DATA = "freehold.costs.data"


@dataclass(frozen=True, slots=True)
class Terms:
    """Contracts by `provider/model` or by provider alone; licences by the name that the models' table has."""

    contracts: Mapping[str, Contract]
    licences: Mapping[str, Licence]

    def contract(self, name: str, *above: Mapping[str, Contract]) -> Contracted:
        """Of a rented model: `above` first, then the product's table; a model's row before its provider's."""
        provider = name.partition("/")[0]
        rows = (table.get(key) for table in (*above, self.contracts) for key in (name, provider))
        return Contracted(tuple(row for row in rows if row is not None))


def shipped_terms() -> Terms:
    """The tables that come with the product."""
    folder = resources.files(_DATA)
    rows = tomllib.loads(folder.joinpath("licences.toml").read_text("utf-8"))
    contracts = contracts_of(folder.joinpath("contracts.toml").read_text("utf-8"))
    return Terms(contracts, {name: Licence(name, **row) for name, row in rows.items()})


def rented_candidate(
    name: str, answers: Answers, terms: Terms, facts: Facts, configured: Mapping[str, Contract]
) -> Candidate:
    """A rented model with its contract: the answers before the config before the product's tables."""
    licence = _licence_of(name.rpartition("/")[2], facts)
    return Candidate(
        name,
        "rent",
        contract=terms.contract(name, answers.contracts, configured),
        quality=answers.quality.get(name),
        weights=licence,
    )


def owned_candidate(name: str, answers: Answers, terms: Terms, facts: Facts) -> Candidate:
    """An owned model with its licence; one that the tables do not limit is known by its name alone."""
    licence = _licence_of(name, facts)
    known = None if licence is None else terms.licences.get(licence, Licence(licence))
    return Candidate(name, "own", licence=known, quality=answers.quality.get(name))


def _licence_of(model: str, facts: Facts) -> str | None:
    try:
        return find_model(model, facts.models).licence
    except FreeholdError:
        return None
