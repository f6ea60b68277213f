"""Who answers: limits filter, a policy ranks. Facts in, choice out. Does not know I/O or a clock."""

from freehold.routing.decide import Policy, decide
from freehold.routing.facts import Candidate, Choice, Facts, Private, Ranking, Removal, Tenure
from freehold.routing.policies import load as load_policy
from freehold.routing.policies import names as policy_names

__all__ = [
    "Candidate",
    "Choice",
    "Facts",
    "Policy",
    "Private",
    "Ranking",
    "Removal",
    "Tenure",
    "decide",
    "load_policy",
    "policy_names",
]
