"""Trains the model of names: python models/names/train.py SHARED/data/privacy [ITERATIONS [OUT.crfsuite.gz]].

Takes about two minutes of processor time and 350 MB. The same input gives the same model.
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pycrfsuite
from corpus import Row, training

from freehold.privacy.naming import features, read_gazetteer, sequences, tokens
from freehold.privacy.naming.model import FILE

LABELS = frozenset({"PERSON", "ORGANIZATION", "LOCATION", "ADDRESS"})


def labelled(row: Row, names: dict[str, str]) -> list[tuple[list[list[str]], list[str]]]:
    """Each sequence of a row as features and labels: a type's letter, or O."""
    spans = [span for span in row["spans"] if span["type"] in LABELS]
    found = []
    for run in sequences(tokens(row["text"])):
        labels = [
            next((s["type"][0] if s["type"] != "ORGANIZATION" else "G" for s in spans
                  if s["start"] < end and start < s["end"]), "O")
            for start, end, _ in run
        ]  # fmt: skip
        found.append((features([word for _, _, word in run], names)[0], labels))
    return found


def main(folder: Path, iterations: int = 70, out: Path = FILE) -> None:
    """Train and write, packed."""
    names = read_gazetteer()
    trainer = pycrfsuite.Trainer(verbose=True)
    for row in training(folder):
        for items, labels in labelled(row, names):
            trainer.append(items, labels)
    trainer.select("lbfgs")
    trainer.set_params({"c1": 0.15, "c2": 0.02, "max_iterations": iterations})
    trainer.set_params({"feature.minfreq": 3, "feature.possible_transitions": True})
    with TemporaryDirectory() as place:
        trainer.train(str(Path(place) / "model"))
        out.write_bytes(gzip.compress((Path(place) / "model").read_bytes(), mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:3]), *map(Path, sys.argv[3:]))
