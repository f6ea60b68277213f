"""Rent or own: what both cost at this traffic, with intervals, and the verdict. Needs NumPy (`[decide]`)."""

from freehold.costs.decide.answers import Answers, Contract, Quality, read_answers
from freehold.costs.decide.assumptions import (
    Assumption,
    Assumptions,
    assumptions,
    profile_text,
    profiles,
    use_case_text,
    use_cases,
)
from freehold.costs.decide.billed import Billed, billed
from freehold.costs.decide.crossings import Crossing, Stairs, crossings_of
from freehold.costs.decide.decision import (
    Decision,
    OwnedMonth,
    Point,
    Question,
    RentedMonth,
    Scenario,
    Swing,
    assumed,
    curves,
    decide,
    rented_people,
)
from freehold.costs.decide.enough import LEAST_REQUESTS, Seen, enough, span
from freehold.costs.decide.fleets import Wanted, Way, ways
from freehold.costs.decide.horizon import Horizon, Interval
from freehold.costs.decide.other_ways import OtherWay
from freehold.costs.decide.owned import TYPED, Owned, Tenancy
from freehold.costs.decide.plan import Measure, Plan, Trigger, plan
from freehold.costs.decide.rented import Host, Rented, scaled_to_month
from freehold.costs.decide.rule import Constraint, Leaning, Ruling, Verdict, chance, rule
from freehold.costs.decide.sentence import asked_again, sentence, volume
from freehold.costs.decide.spread import Spread, spread_of
from freehold.costs.decide.tenancies import Hour, bought, hourly
from freehold.costs.decide.terms import Terms, owned_candidate, rented_candidate, shipped_terms
from freehold.costs.decide.trace import Trace, TraceError, read_trace, trace_of
from freehold.costs.decide.traffic import HOURS_A_MONTH, SECONDS_A_MONTH, Traffic, duration_curve
from freehold.costs.decide.turns import Turn, side_of, turns
from freehold.costs.decide.weighing import Candidate, Known, Licence, Removed, ToAsk, Weighed, weigh

__all__ = [
    "HOURS_A_MONTH",
    "LEAST_REQUESTS",
    "SECONDS_A_MONTH",
    "TYPED",
    "Answers",
    "Assumption",
    "Assumptions",
    "Billed",
    "Candidate",
    "Constraint",
    "Contract",
    "Crossing",
    "Decision",
    "Horizon",
    "Host",
    "Hour",
    "Interval",
    "Known",
    "Leaning",
    "Licence",
    "Measure",
    "OtherWay",
    "Owned",
    "OwnedMonth",
    "Plan",
    "Point",
    "Quality",
    "Question",
    "Removed",
    "Rented",
    "RentedMonth",
    "Ruling",
    "Scenario",
    "Seen",
    "Spread",
    "Stairs",
    "Swing",
    "Tenancy",
    "Terms",
    "ToAsk",
    "Trace",
    "TraceError",
    "Traffic",
    "Trigger",
    "Turn",
    "Verdict",
    "Wanted",
    "Way",
    "Weighed",
    "asked_again",
    "assumed",
    "assumptions",
    "billed",
    "bought",
    "chance",
    "crossings_of",
    "curves",
    "decide",
    "duration_curve",
    "enough",
    "hourly",
    "owned_candidate",
    "plan",
    "profile_text",
    "profiles",
    "read_answers",
    "read_trace",
    "rented_candidate",
    "rented_people",
    "rule",
    "scaled_to_month",
    "sentence",
    "shipped_terms",
    "side_of",
    "span",
    "spread_of",
    "trace_of",
    "turns",
    "use_case_text",
    "use_cases",
    "volume",
    "ways",
    "weigh",
]
