"""What happened since this process began, as counters, and how things stand, for Prometheus.

Counts sealed records; knows no prompt and no key. Does not know who asks (see `door`).
"""

from freehold.gateway.metrics.counters import Counters
from freehold.gateway.metrics.door import Door as MetricsDoor
from freehold.gateway.metrics.page import Metrics

__all__ = ["Counters", "Metrics", "MetricsDoor"]
