"""Live traffic: the path of one request and back, on OpenAI's surface. Does not know analysis."""

from freehold.gateway.app import App
from freehold.gateway.bodies import Bodies
from freehold.gateway.circuit import Circuit
from freehold.gateway.deployment import Deployment
from freehold.gateway.draft import Draft, Observer
from freehold.gateway.house import House, Route
from freehold.gateway.inspector import Inspector, Redacted, Seen
from freehold.gateway.metrics import Counters, Metrics, MetricsDoor
from freehold.gateway.server import Server, bind, open_files_allowed
from freehold.gateway.slots import Slots, now_us
from freehold.gateway.trace import Trace, Tracing
from freehold.gateway.valve import Valve

__all__ = [
    "App",
    "Bodies",
    "Circuit",
    "Counters",
    "Deployment",
    "Draft",
    "House",
    "Inspector",
    "Metrics",
    "MetricsDoor",
    "Observer",
    "Redacted",
    "Route",
    "Seen",
    "Server",
    "Slots",
    "Trace",
    "Tracing",
    "Valve",
    "bind",
    "now_us",
    "open_files_allowed",
]
