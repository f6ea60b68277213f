"""Owned models: weights on our own machines, run by llama.cpp in a supervised child process.

`Engine(EngineSpec(...))` yields an address and a secret and replaces a child that dies. Knows no routes,
providers, gateway or configuration, and opens no outbound connection.
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
    "read_header",
    "resolve_weights",
]
