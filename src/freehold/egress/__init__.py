"""The one door out: the only room that opens an outbound connection, for whoever holds a permit.

Does not know what a route is, nor what the bytes mean.
"""

from freehold.egress.client import Client
from freehold.egress.failures import DoorClosed
from freehold.egress.limits import Limits, Timeouts
from freehold.egress.origin import Origin
from freehold.egress.request import Request, Template
from freehold.egress.response import Response
from freehold.egress.strict import NotThroughTheDoor, forbid_other_connections

__all__ = [
    "Client",
    "DoorClosed",
    "Limits",
    "NotThroughTheDoor",
    "Origin",
    "Request",
    "Response",
    "Template",
    "Timeouts",
    "forbid_other_connections",
]
