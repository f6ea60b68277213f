"""The sandbox's other end: an OpenAI-compatible server on loopback that plays a rented API.

It is made of rules, not of a model, and says so on every answer: the header `x-simulated: true`, a model
name that ends in `-simulated`, and the fingerprint `simulated`. Text begins with `[simulated]`. Its token
counts are approximations. It knows no price: what it pretends to cost is the config's business.
"""

from freehold.providers.stand_in.model import PARTS, StandInModel
from freehold.providers.stand_in.server import StandIn

__all__ = ["PARTS", "StandIn", "StandInModel"]
