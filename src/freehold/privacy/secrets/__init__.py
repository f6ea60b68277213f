"""Which values in a text are secrets: where one may stand, what can be seen of it, a small trained model."""

from freehold.privacy.secrets.candidates import SHORTEST_LONG, STEMS, Candidate, long, said
from freehold.privacy.secrets.features import NAMES, Habits, features
from freehold.privacy.secrets.model import FILE, SecretModel

__all__ = [
    "FILE",
    "NAMES",
    "SHORTEST_LONG",
    "STEMS",
    "Candidate",
    "Habits",
    "SecretModel",
    "features",
    "long",
    "said",
]
