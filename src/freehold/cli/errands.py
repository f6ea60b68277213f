"""What the gateway sends on nobody's request: tokens it fetches, checkpoints it hands on. Written down first.

A request's own attempts stand in its record; these have none, so each is an event, and with it a leaf.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from freehold.egress import Client
from freehold.ledger import ERRAND, append_event
from freehold.privacy import Permit


def errand_client(ledger: Path) -> Client:
    """A client that sends nothing before the permit for it is in the ledger at `ledger`."""

    async def tell(permit: Permit) -> None:
        body = {
            "destination": permit.destination,
            "region": permit.region,
            "label": permit.label.word,
            "clearance": permit.clearance.word,
            "policy": permit.policy,
            "digest": permit.digest,
        }
        await asyncio.to_thread(append_event, ledger, ERRAND, body, who="freehold")

    return Client(tell=tell)
