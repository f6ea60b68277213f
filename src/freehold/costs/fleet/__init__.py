"""A fleet under real arrivals: continuous batching simulated, the smallest fleet that keeps a promise."""

from freehold.costs.fleet.goodput import Lengths, curve, goodput_rps, poisson
from freehold.costs.fleet.replica import Job, Replica, Serving, StepSeconds
from freehold.costs.fleet.run import Arrivals, Outcome, Promise, Sized, quantile, simulate, smallest

__all__ = [
    "Arrivals",
    "Job",
    "Lengths",
    "Outcome",
    "Promise",
    "Replica",
    "Serving",
    "Sized",
    "StepSeconds",
    "curve",
    "goodput_rps",
    "poisson",
    "quantile",
    "simulate",
    "smallest",
]
