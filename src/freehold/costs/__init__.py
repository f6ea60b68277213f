"""What one request costs: rented by the token, owned by the slot-second. Pure; does not know HTTP."""

from freehold.costs.find import configured_price, price_of
from freehold.costs.meter import IdleSpan, Meter, Slot, slot_cost
from freehold.costs.price import Price, Rates, Tier, cost, worst_cost
from freehold.costs.price_file import PriceFile, mistakes_in_prices, read_prices

__all__ = [
    "IdleSpan",
    "Meter",
    "Price",
    "PriceFile",
    "Rates",
    "Slot",
    "Tier",
    "configured_price",
    "cost",
    "mistakes_in_prices",
    "price_of",
    "read_prices",
    "slot_cost",
    "worst_cost",
]
