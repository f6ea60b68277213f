"""A file of answers as part of the question: what it fills in, and what counts beside the money.

What is typed goes before it. Does not compute costs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from freehold.cli.asked import Asked
from freehold.cli.reading import settings_for_looking
from freehold.cli.user_file import text_of
from freehold.config import ModelSettings, Settings
from freehold.costs.capacity import Facts
from freehold.costs.decide import (
    Answers,
    Contract,
    Weighed,
    owned_candidate,
    read_answers,
    rented_candidate,
    shipped_terms,
    weigh,
)


def answers_at_hand(path: Path | None) -> Answers:
    """The file's, or none at all. Raises `ConfigError` with the key that is wrong."""
    return Answers() if path is None else read_answers(text_of(path, "--answers"), path.name)


def filled_in(asked: Asked, answers: Answers) -> Asked:
    """The question with what was answered in place of what was not typed."""
    folder = Path() if asked.answers is None else asked.answers.parent
    traffic, ways, company, team = answers.traffic, answers.ways, answers.company, answers.team
    said: dict[str, Any] = {
        name: getattr(traffic, name) for name in traffic.__struct_fields__ if name not in {"trace", "usage"}
    }
    said |= {name: getattr(ways, name) for name in ways.__struct_fields__}
    said |= {"profile": company.profile, "use_case": company.use_case}
    said |= {"people_usd_per_month": team.people_usd_per_month}
    if not _measured(asked):
        said |= {name: _beside(folder, getattr(traffic, name)) for name in ("trace", "usage")}
    else:
        said["route"] = None
    missing = {name: value for name, value in said.items() if _is_unsaid(getattr(asked, name))}
    return replace(asked, **missing)


def _is_unsaid(typed: object) -> bool:
    """Zero is said."""
    return typed is None or typed is False or typed == ()


def _measured(asked: Asked) -> bool:
    """Whether a measure of the traffic was typed: an answered one would be one too many."""
    return asked.trace is not None or asked.usage is not None or asked.route is not None


def _beside(folder: Path, name: str | None) -> Path | None:
    return None if name is None else folder / name


def weighed(asked: Asked, answers: Answers, facts: Facts, today: date) -> Weighed:
    """What counts beside the money, of every way that is asked about."""
    terms = shipped_terms()
    configured = {} if asked.config is None else configured_contracts(settings_for_looking(asked.config))
    rented = [rented_candidate(name, answers, terms, facts, configured) for name in asked.rent]
    owned = [owned_candidate(name, answers, terms, facts) for name in asked.own]
    return weigh(answers, [*rented, *owned], today)


def configured_contracts(settings: Settings) -> Mapping[str, Contract]:
    """What the config says of its rented models' contracts, by `provider/model`."""
    found = {}
    for model in settings.models.values():
        if model.tenure == "rented" and _says_something(model):
            found[f"{model.provider}/{model.model}"] = Contract(
                trains_on_data=model.trains_on_data,
                retention_days=model.retention_days,
                certifications=model.certifications or None,
                regions=None if model.region is None else (model.region,),
                source=settings.path.name,
            )
    return found


def _says_something(model: ModelSettings) -> bool:
    said = (model.trains_on_data, model.retention_days, model.region)
    return bool(model.certifications) or any(one is not None for one in said)
