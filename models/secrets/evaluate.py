"""How often the classifier is right on repositories that it did not see.

    python models/secrets/evaluate.py SHARED/data/privacy CODE...

Each repository of CredData in turn is left out, a model trained on all else looks at it, together with
the detector's rules as they ship.
Whole windows are counted as the project's goals count them: found where any value
of a window with a secret is found, a false alarm where any value of one without is.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from corpus import CREDDATA, Window, labelled, rows
from train import Corpus

from freehold.privacy import Reading
from freehold.privacy.detectors.secret import Detector
from freehold.privacy.secrets import features

SEEDS = (7,)
CHANCES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def scores(model: Any, windows: list[Window], corpus: Corpus) -> list[float]:
    """The surest candidate's chance in each window; 1 where a rule has found something."""
    rules = Detector(learned=False)
    found = []
    for window in windows:
        seen = [[*map(float, features(window.text, each, corpus.habits))] for each, _ in window.candidates()]
        by_rule = any(True for _ in rules.find(Reading(window.text)))
        found.append(1.0 if by_rule else max(model.predict_proba(np.array(seen))[:, 1]) if seen else 0.0)
    return found


def tell(name: str, windows: list[Window], found: list[float]) -> None:
    """Recall and false alarms at each chance."""
    true = np.array([score for score, window in zip(found, windows, strict=True) if window.secret])
    clean = np.array([score for score, window in zip(found, windows, strict=True) if not window.secret])
    said = "  ".join(f"{c}: {(true >= c).mean():.3f} / {(clean >= c).mean():.3f}" for c in CHANCES)
    print(f"{name} ({len(true)} with, {len(clean)} without): {said}")


def main(folder: Path, code_folders: list[Path]) -> None:
    """Print recall / false alarms of each repository and of all."""
    corpus = Corpus(folder, code_folders)
    print("candidates of ordinary code, planted, prose:", corpus.sizes)
    everything = labelled(folder)
    windows = [*rows(folder, CREDDATA)]
    for seed in SEEDS:
        all_windows: list[Window] = []
        all_found: list[float] = []
        for source in sorted({window.source for window in windows}):
            model = corpus.fit([window for window in everything if window.source != source], seed)
            mine = [window for window in windows if window.source == source]
            found = scores(model, mine, corpus)
            tell(source, mine, found)
            all_windows += mine
            all_found += found
        tell(f"all, seed {seed}", all_windows, all_found)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(each) for each in sys.argv[2:]])
