"""What one request costs: rented by the token, owned by the slot-second. Pure; does not know HTTP.

`capacity` says how many tokens a second an owned model gives on GPUs, `fleet` how many replicas keep a
promise under real arrivals, `decide` whether to rent or to own. They load when somebody asks.
"""

from freehold.costs.bills import FORMATS, Bill, BillLine, read_bill, same_model
from freehold.costs.counted import Asked, asked_of
from freehold.costs.find import configured_price, price_of
from freehold.costs.known import hosts_of
from freehold.costs.meter import IdleSpan, Meter, Slot, Standing, idle_until, slot_cost
from freehold.costs.price import Price, Rates, Tier, cost, worst_cost
from freehold.costs.price_file import PriceFile, mistakes_in_prices, read_prices
from freehold.costs.reconcile import Behind, Figure, Finding, Reconciling

__all__ = [
    "FORMATS",
    "Asked",
    "Behind",
    "Bill",
    "BillLine",
    "Figure",
    "Finding",
    "IdleSpan",
    "Meter",
    "Price",
    "PriceFile",
    "Rates",
    "Reconciling",
    "Slot",
    "Standing",
    "Tier",
    "asked_of",
    "capacity",
    "configured_price",
    "cost",
    "decide",
    "fleet",
    "hosts_of",
    "idle_until",
    "mistakes_in_prices",
    "price_of",
    "read_bill",
    "read_prices",
    "same_model",
    "slot_cost",
    "worst_cost",
]
