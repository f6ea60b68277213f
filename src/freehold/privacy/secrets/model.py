"""The trained model: boosted decision trees that give each candidate its chance to be a secret.

Friedman, "Greedy function approximation" (Annals of Statistics, 2001). Knows no training and no detector.
"""

from __future__ import annotations

import gzip
import json
import math
from base64 import b64decode
from pathlib import Path
from typing import Any, Final

from freehold.privacy.secrets.candidates import Candidate
from freehold.privacy.secrets.features import NAMES, Habits, features

FILE: Final = Path(__file__).with_name("secrets.json.gz")

# A leaf is what it adds to the log odds; else feature, threshold, branch up to it, branch beyond it. Any:
# the walk asks for a node's class alone, since `isinstance` would take a quarter of the time.
Node = Any


class SecretModel:
    """Reads the model when it is made. Any thread may ask it.

    Raises `ValueError` for one that was trained on other features.
    """

    def __init__(self, path: Path = FILE) -> None:
        stored = json.loads(gzip.decompress(path.read_bytes()))
        if tuple(stored["features"]) != NAMES:
            raise ValueError(f"{path.name} was trained on other features: run models/secrets/train.py")
        self._habits = Habits(b64decode(stored["trigrams"]), frozenset(stored["words"].split()))
        self._start = float(stored["start"])
        self._trees: tuple[Node, ...] = tuple(map(_node, stored["trees"]))

    def chance(self, text: str, candidate: Candidate) -> float:
        """How likely it is a secret, 0 to 1."""
        if text[candidate.start : candidate.end].lower() in self._habits.words:
            return 0.0  # `password: required`, and most of what stands there in code
        seen = features(text, candidate, self._habits)
        odds = self._start
        for tree in self._trees:
            node = tree
            while node.__class__ is tuple:
                at, most, low, high = node
                node = low if seen[at] <= most else high
            odds += node
        return 1 / (1 + math.exp(-odds))


def _node(stored: Any) -> Node:
    if isinstance(stored, list):
        feature, threshold, low, high = stored
        return int(feature), float(threshold), _node(low), _node(high)
    return float(stored)
