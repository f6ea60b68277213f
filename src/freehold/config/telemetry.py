"""The settings of `[telemetry]`. Knows no exporter."""

from __future__ import annotations

from pydantic import Field

from freehold.config.kinds import Text, Url
from freehold.config.section import Section


class TelemetrySettings(Section):
    """`[telemetry]`: where traces of requests go, if anywhere. They hold figures and names, no content."""

    otlp_endpoint: Url | None = Field(
        default=None,
        description="The collector that takes OTLP over HTTP; `/v1/traces` is added. Without it: nowhere.",
    )
    service_name: Text = Field(default="freehold", description="The name of this service in traces.")
    sample_ratio: float = Field(
        default=1.0,
        ge=0.0,
        le=1.0,
        description="The share of requests that are traced where the client does not say it.",
    )
