"""How fast an endpoint answers, over concurrency: TTFT, TPOT, whole answers, tokens a second.

Anything on OpenAI's wire can be measured, owned or rented. The prompts are made up.
"""

from freehold.engine.bench.asking import Sample
from freehold.engine.bench.endpoint import Endpoint
from freehold.engine.bench.measure import Told, measure
from freehold.engine.bench.plan import Plan
from freehold.engine.bench.summary import Level, Spread, percentile, summarise

__all__ = [
    "Endpoint",
    "Level",
    "Plan",
    "Sample",
    "Spread",
    "Told",
    "measure",
    "percentile",
    "summarise",
]
