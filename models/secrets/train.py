"""Trains the classifier of secrets: python models/secrets/train.py SHARED/data/privacy CODE...

CODE are folders of ordinary code. Needs scikit-learn and numpy, which are no dependencies of Freehold
(the README says which); takes about a minute of processor time. The same input gives the same model.
"""

from __future__ import annotations

import base64
import collections
import gzip
import json
import math
import random
import re
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from corpus import Window, code, labelled, planted, prose
from sklearn.ensemble import HistGradientBoostingClassifier

from freehold.privacy.secrets import FILE, NAMES, Habits, features

SEED = 7
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_MOST_WORDS = 5000
_MOST_CODE = 9000
# What the sources weigh: ordinary code is plenty and its labels are guessed.
_CODE_WEIGHT, _PLANTED_WEIGHT, _PROSE_WEIGHT = 0.15, 0.2, 0.15
_TRIGRAM_UNIT = 16  # sixteenths of a bit


def habits(texts: Iterable[str]) -> Habits:
    """How letters follow each other, and the words in use. A text counts a word five times at most."""
    count: collections.Counter[str] = collections.Counter()
    texts_with: collections.Counter[str] = collections.Counter()
    for text in texts:
        words = collections.Counter(word.lower() for word in _WORD.findall(text))
        texts_with.update(words.keys())
        count.update({word: min(times, 5) for word, times in words.items()})
    known = [word for word, _ in texts_with.most_common() if len(word) > 2][:_MOST_WORDS]
    weights = {word: math.sqrt(times) for word, times in count.items() if texts_with[word] > 2}
    return Habits(_trigrams(weights), frozenset(known))


def _trigrams(weights: dict[str, float]) -> bytes:
    three, two, one = np.zeros((27, 27, 27)), np.zeros((27, 27)), np.zeros(27)
    for word, weight in weights.items():
        a = b = 0
        for sign in word:
            c = ord(sign) - 96
            three[a, b, c] += weight
            two[b, c] += weight
            one[c] += weight
            a, b = b, c
    smooth = 5.0
    p1 = (one + 0.01) / (one + 0.01).sum()
    p2 = (two + smooth * p1) / (two.sum(1, keepdims=True) + smooth)
    p3 = (three + smooth * p2[None]) / (three.sum(2, keepdims=True) + smooth)
    return bytes(np.minimum(255, np.rint(-_TRIGRAM_UNIT * np.log2(p3))).astype(np.uint8).ravel())


def table(
    windows: Iterable[Window], known: Habits, weight: float
) -> tuple[list[list[float]], list[bool], list[float]]:
    """Features, labels and weights of the windows' candidates; one window weighs little more than another."""
    x: list[list[float]] = []
    y: list[bool] = []
    w: list[float] = []
    for window in windows:
        told = [(each, secret) for each, secret in window.candidates() if secret is not None]
        for each, secret in told:
            x.append([float(value) for value in features(window.text, each, known)])
            y.append(secret)
            w.append(weight / math.sqrt(len(told)))
    return x, y, w


class Corpus:
    """All that is learned from but the public windows, made once: they are left out by turns to measure."""

    def __init__(self, folder: Path, code_folders: list[Path]) -> None:
        draw = random.Random(SEED)
        ordinary = code(code_folders, draw, _MOST_CODE)
        prompts = prose(folder)
        self.habits = habits([window.text for window in (*ordinary, *prompts)] + _library())
        words = sorted(word for word in self.habits.words if 3 < len(word) < 9)
        parts = (
            table(ordinary, self.habits, _CODE_WEIGHT),
            table(planted(ordinary, draw, words), self.habits, _PLANTED_WEIGHT),
            table(prompts, self.habits, _PROSE_WEIGHT),
        )
        self.sizes = [len(part[0]) for part in parts]
        self._x, self._y, self._w = ([row for part in parts for row in part[at]] for at in range(3))

    def fit(self, windows: list[Window], seed: int = SEED) -> Any:
        """A model of these windows and the rest."""
        x, y, w = table(windows, self.habits, 1.0)
        model = HistGradientBoostingClassifier(
            max_iter=140, learning_rate=0.08, max_leaf_nodes=8, min_samples_leaf=12, l2_regularization=5,
            max_features=0.4, random_state=seed, early_stopping=False,
        )  # fmt: skip
        return model.fit(np.array(x + self._x), np.array(y + self._y), sample_weight=np.array(w + self._w))


def _library() -> list[str]:
    """Python's own library, for its words."""
    folder = Path(sysconfig.get_paths()["stdlib"])
    files = sorted(file for file in folder.rglob("*.py") if "test" not in str(file.relative_to(folder)))
    return [
        file.read_text("utf-8", errors="replace")[:50_000]
        for file in files
        if "site-packages" not in str(file)
    ]


def stored(model: Any, known: Habits) -> dict[str, Any]:
    """The model as plain values."""
    trees = [_node(predictor.nodes, 0) for (predictor,) in model._predictors]  # noqa: SLF001 - has no other door
    return {
        "features": list(NAMES),
        "trigrams": base64.b64encode(known.trigrams).decode(),
        "words": " ".join(sorted(known.words)),
        "start": round(float(np.ravel(model._baseline_prediction)[0]), 5),  # noqa: SLF001 - has no other door
        "trees": trees,
    }


def _node(nodes: Any, at: int) -> Any:
    node = nodes[at]
    if node["is_leaf"]:
        return round(float(node["value"]), 5)
    low, high = _node(nodes, int(node["left"])), _node(nodes, int(node["right"]))
    return [int(node["feature_idx"]), float(node["num_threshold"]), low, high]


def main(folder: Path, code_folders: list[Path]) -> None:
    """Train on everything and write, packed."""
    corpus = Corpus(folder, code_folders)
    print("candidates of ordinary code, planted, prose:", corpus.sizes)
    model = corpus.fit(labelled(folder))
    plain = json.dumps(stored(model, corpus.habits), separators=(",", ":"))
    FILE.write_bytes(gzip.compress(plain.encode(), mtime=0))
    print(FILE, FILE.stat().st_size, "bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(each) for each in sys.argv[2:]])
