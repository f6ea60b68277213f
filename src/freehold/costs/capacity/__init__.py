"""How many tokens a second a model gives on GPUs, and how long one token takes: predicted, with an interval.

`predict(question, facts, constants)` answers one question; `Capacity.replica.times.seconds(prefill_tokens,
decode_seqs, kv_tokens)` is the same model for one step, for who simulates. Pure: facts and constants are
packaged tables, handed in. Does not know prices, arrivals, HTTP.
"""

from freehold.costs.capacity.constants import Constants, shipped_constants, textbook
from freehold.costs.capacity.deployment import Deployment, step_times
from freehold.costs.capacity.facts import Facts, is_stale, shipped_facts, with_own_facts
from freehold.costs.capacity.gpu_prices import GpuPrice
from freehold.costs.capacity.measured import Measured
from freehold.costs.capacity.models import Model, find_model, same_weights, shipped_models
from freehold.costs.capacity.placement import DoesNotFit
from freehold.costs.capacity.precisions import Precision, find_precision
from freehold.costs.capacity.predict import Capacity, learn, over_concurrency, predict
from freehold.costs.capacity.question import MODES, Question, check_shape, read_question
from freehold.costs.capacity.spread import Quantiles
from freehold.costs.capacity.steady import Lengths, Replica, Steady, replica
from freehold.costs.capacity.steps import StepTimes

__all__ = [
    "MODES",
    "Capacity",
    "Constants",
    "Deployment",
    "DoesNotFit",
    "Facts",
    "GpuPrice",
    "Lengths",
    "Measured",
    "Model",
    "Precision",
    "Quantiles",
    "Question",
    "Replica",
    "Steady",
    "StepTimes",
    "check_shape",
    "find_model",
    "find_precision",
    "is_stale",
    "learn",
    "over_concurrency",
    "predict",
    "read_question",
    "replica",
    "same_weights",
    "shipped_constants",
    "shipped_facts",
    "shipped_models",
    "step_times",
    "textbook",
    "with_own_facts",
]
