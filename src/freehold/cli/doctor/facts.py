"""What looking at a model brought to light, before anything is said of it. Values only."""

from __future__ import annotations

from dataclasses import dataclass

from freehold.cli.doctor.first_token import Heard
from freehold.cli.doctor.listing import Listing
from freehold.errors import FreeholdError, UpstreamError

# What the gateway itself says of a question, as codes beside those that it passes on.
GATEWAY_REFUSED, GATEWAY_KNOWS_NOT = "gateway_refused", "gateway_knows_not"


@dataclass(frozen=True, slots=True)
class Facts:
    """`listing` and `answer` are what came back, or why nothing did; `None` where nobody was asked.

    `through_gateway` says that the answer came by way of the gateway that runs here.
    """

    listing: Listing | UpstreamError | None = None
    answer: Heard | FreeholdError | None = None
    through_gateway: bool = False

    @property
    def answered(self) -> bool:
        return isinstance(self.answer, Heard)

    @property
    def list_status(self) -> int | None:
        return self.listing.status if isinstance(self.listing, Listing) else None

    @property
    def failure_code(self) -> str | None:
        """The code of the failed answer."""
        return self.answer.code if isinstance(self.answer, UpstreamError) else None
