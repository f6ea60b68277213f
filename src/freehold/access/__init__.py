"""Who may ask, and how much: API keys, budgets as hold → settle, rate limits. Does not know models."""

from freehold.access.accounts import Budgets, Standing
from freehold.access.budget import Budget, Hold, Period, bounds
from freehold.access.key import Key
from freehold.access.keys import create_key, list_keys, revoke_key, rotate_key
from freehold.access.rate import Rate
from freehold.access.rates import Admission, Rates
from freehold.access.ring import KeyRing

__all__ = [
    "Admission",
    "Budget",
    "Budgets",
    "Hold",
    "Key",
    "KeyRing",
    "Period",
    "Rate",
    "Rates",
    "Standing",
    "bounds",
    "create_key",
    "list_keys",
    "revoke_key",
    "rotate_key",
]
