"""The small model that knows names, organisations, places and addresses. Loads nothing until it is made."""

from freehold.privacy.naming.code import silent_code
from freehold.privacy.naming.features import features
from freehold.privacy.naming.gazetteer import read_gazetteer
from freehold.privacy.naming.model import Chances, NameModel
from freehold.privacy.naming.ordinary import read_ordinary, suspicious
from freehold.privacy.naming.tokens import Token, sequences, tokens

__all__ = [
    "Chances",
    "NameModel",
    "Token",
    "features",
    "read_gazetteer",
    "read_ordinary",
    "sequences",
    "silent_code",
    "suspicious",
    "tokens",
]
