"""What every model is looked at with. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field

from freehold.cli.doctor.gateway import Running
from freehold.cli.doctor.patience import Patience
from freehold.config import ModelSettings, Settings
from freehold.costs import PriceFile
from freehold.egress import Client


@dataclass(frozen=True, slots=True)
class Visit:
    """`key` is one of ours, for the gateway; `asks` whether a model may be asked something that is paid for.

    Models that are `unkeyed` have no key in this environment.
    """

    client: Client
    settings: Settings
    prices: PriceFile
    unkeyed: frozenset[str]
    gateway: Running | None
    key: str | None = field(repr=False)
    asks: bool
    patience: Patience

    def goes_through_gateway(self, model: ModelSettings) -> bool:
        """Whether the gateway that runs here is to be asked in the model's place.

        What it answers is in the ledger, and it has the engines and the keys. It takes a request for a model
        by its name as internal, so one that is cleared for less is asked directly.
        """
        lets_us_in = self.key is not None or not self.settings.server.require_keys
        return self.gateway is not None and lets_us_in and model.clearance != "public"
