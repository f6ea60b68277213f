"""The questions, in their order: what is asked, why it matters, and what holds where nobody answers.

Keys are those of the file of answers. Does not know who is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from freehold.cli.guide.kinds import (
    Reads,
    Value,
    a_file,
    figure,
    gpus,
    names,
    one_of,
    owned,
    rented,
    share,
    whole,
    yes_or_no,
)

Given = Mapping[str, Value | None]


def _always(given: Given) -> bool:
    del given
    return True


def _nothing_measured(given: Given) -> bool:
    return given.get("traffic.usage") is None and given.get("traffic.trace") is None


def _nothing_assumed(given: Given) -> bool:
    return _nothing_measured(given) and given.get("company.use_case") is None


def _something_rented_out(given: Given) -> bool:
    return given.get("constraints.data_may_not_leave") is not True


@dataclass(frozen=True, slots=True)
class Question:
    """`key`: `section.name` of the file of answers. `default`: as it would be typed; "" leaves the key out.

    `wanted`: whether it is asked, after what was said before it.
    """

    key: str
    ask: str
    why: str
    reads: Reads
    default: str = ""
    wanted: Callable[[Given], bool] = _always


QUESTIONS: Final[tuple[Question, ...]] = (
    Question(
        "company.use_case",
        "What is it for: support, documents or coding? (nothing: another use)",
        "Lengths, peaks and the promised latency follow from it, until you measure them.",
        one_of("support", "documents", "coding"),
    ),
    Question(
        "company.profile",
        "Whose assumptions fit you: startup, enterprise or regulated? (nothing: the middle)",
        "What engineers, projects and money cost, and over how many months you plan.",
        one_of("startup", "enterprise", "regulated"),
    ),
    Question(
        "company.purpose",
        "Is it for commercial use, for research, or for hosting the model for others?",
        "Some licences of open weights forbid one or the other.",
        one_of("commercial", "research", "hosting"),
        "commercial",
    ),
    Question(
        "company.monthly_users",
        "How many people use your products in a month, all together? (nothing: not said)",
        "Some licences end at a number: 700 million for Llama, 100 million for some of Qwen.",
        whole(0, 10**10),
    ),
    Question(
        "traffic.usage",
        "Have you an export of your provider's usage? Its file (nothing: no)",
        "Volumes and lengths that were billed are better than any guess.",
        a_file,
    ),
    Question(
        "traffic.usage_models",
        "Which models of it, separated by commas? (nothing: its only one)",
        "Each model is a use of its own; compare one at a time.",
        names,
        wanted=lambda given: given.get("traffic.usage") is not None,
    ),
    Question(
        "traffic.trace",
        "Or a trace of single requests, with times and tokens? Its file (nothing: no)",
        "Only real arrivals show how high the peaks are: they size the fleet.",
        a_file,
        wanted=lambda given: given.get("traffic.usage") is None,
    ),
    Question(
        "traffic.requests_per_month",
        "How many requests a month?",
        "Renting costs by the request, owning by the hour: the volume is what turns the verdict.",
        figure("1", "1e15"),
        "1M",
        _nothing_measured,
    ),
    Question(
        "traffic.input_tokens",
        "How many tokens go in with a request, on average?",
        "A token is about three quarters of an English word; instructions and what was looked up count too.",
        figure("1", "1e7"),
        "1000",
        _nothing_assumed,
    ),
    Question(
        "traffic.output_tokens",
        "How many come out?",
        "They cost several times as much as those that go in, at an API and on a GPU.",
        figure("0", "1e7"),
        "250",
        _nothing_assumed,
    ),
    Question(
        "traffic.growth_per_year",
        "How much does the traffic grow in a year? 50% is half as much again",
        "A fleet that is too small next year, or too big, pays for it.",
        share("-0.99", "99"),
        "0%",
    ),
    Question(
        "traffic.peak_to_mean",
        "How many times the mean is the busiest hour? (nothing: as the use case or the trace has it)",
        "You pay for the fleet of the busiest hour, all month.",
        figure("1", "1000"),
    ),
    Question(
        "traffic.ttft_p95_seconds",
        "How many seconds may the first word take, for 95 of 100 requests? (nothing: as the use case has it)",
        "The tighter the promise, the emptier the machines have to be.",
        figure("0.01", "86400"),
    ),
    Question(
        "ways.rent",
        "Which models would you rent, as PROVIDER/MODEL, separated by commas?",
        "The cheapest is compared; the others are listed.",
        rented,
        "openai/gpt-4o-mini",
    ),
    Question(
        "ways.own",
        "Which open models might do the work, separated by commas?",
        "A smaller model needs fewer GPUs; whether it is good enough, only a trial tells.",
        owned,
        "llama-3.1-8b",
    ),
    Question(
        "ways.gpus",
        "On which GPUs?",
        "Memory and bandwidth decide how many requests one carries.",
        gpus,
        "h100",
    ),
    Question(
        "ways.gpu_usd_per_hour",
        "Have you a quote for one of them, USD an hour? (nothing: the market's prices)",
        "A quote is narrower than a market: so is the verdict.",
        figure("0", "10000"),
    ),
    Question(
        "constraints.data_may_not_leave",
        "Does it handle data that may not leave the house, whatever it costs?",
        "That decides alone: no figure outweighs it.",
        yes_or_no,
        "n",
    ),
    Question(
        "constraints.must_work_offline",
        "Must it work without the internet?",
        "Then no rented model can answer, and that decides alone, too.",
        yes_or_no,
        "n",
    ),
    Question(
        "constraints.no_training_on_data",
        "Must a provider not train on what it is sent?",
        "Providers that do, by their contract, are left out.",
        yes_or_no,
        "y",
        _something_rented_out,
    ),
    Question(
        "constraints.retention_days_at_most",
        "For how many days may a provider keep what it is sent? (nothing: no limit)",
        "Contracts differ: some keep thirty days, some nothing.",
        whole(0, 100_000),
        wanted=_something_rented_out,
    ),
    Question(
        "constraints.residency",
        "Where must it be processed, separated by commas, such as eu, ch? (nothing: anywhere)",
        "A provider that cannot process it there is left out.",
        names,
        wanted=_something_rented_out,
    ),
    Question(
        "constraints.certifications",
        "Which certificates must a provider have, separated by commas? (nothing: none)",
        "Your auditors will ask: SOC 2, ISO 27001, HIPAA.",
        names,
        wanted=_something_rented_out,
    ),
    Question(
        "constraints.least_good_enough_share",
        "How much of the work must a model do well enough? 85% (nothing: not known yet)",
        "The cheapest model that cannot do it is not cheap. Say what you found under [quality].",
        share("0", "1"),
    ),
    Question(
        "preferences.independence",
        "How much does it matter not to depend on one vendor, from 0 to 3?",
        "What is preferred ranks the two where the money does not.",
        whole(0, 3),
        "0",
    ),
    Question(
        "preferences.predictable_cost",
        "How much does a cost matter that does not move with the traffic, from 0 to 3?",
        "An owned fleet costs the same in a quiet month.",
        whole(0, 3),
        "0",
    ),
    Question(
        "preferences.little_operation",
        "How much does it matter to have little to operate, from 0 to 3?",
        "An owned model wants updates, spares and somebody on call.",
        whole(0, 3),
        "0",
    ),
    Question(
        "team.gpu_skills",
        "Who of you can run GPUs: none, some, or do you daily?",
        "A fleet without people is an outage with a date.",
        one_of("none", "some", "daily"),
        "some",
    ),
    Question(
        "team.may_hire",
        "May you hire for it?",
        "Where nobody can run GPUs and nobody may be hired, renting is decided.",
        yes_or_no,
        "y",
        lambda given: given.get("team.gpu_skills") == "none",
    ),
)
