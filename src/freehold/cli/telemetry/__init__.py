"""Traces of requests for OpenTelemetry, where the config asks for them. Loads its SDK only then."""

from freehold.cli.telemetry.switch import Telemetry, telemetry_of

__all__ = ["Telemetry", "telemetry_of"]
