"""Owned models: weights on our own machines, run by llama.cpp in a supervised child process.

`Engine(EngineSpec(...))` yields an address and a secret and replaces a child that dies. `sizing` says whether
a model fits and how fast it may be, `hub` fetches weights, `bench` measures an endpoint; these load when
somebody asks, since the engine and its child need none. Knows no routes, providers, gateway or
configuration; only `hub` and `bench` reach out, through the one door.
"""

from freehold.engine.gguf import GgufHeader, read_header
from freehold.engine.spec import EngineError, EngineHealth, EngineSpec, EngineState
from freehold.engine.supervisor import Engine
from freehold.engine.weights import resolve_weights

__all__ = [
    "Engine",
    "EngineError",
    "EngineHealth",
    "EngineSpec",
    "EngineState",
    "GgufHeader",
    "bench",
    "hub",
    "read_header",
    "resolve_weights",
    "sizing",
]
