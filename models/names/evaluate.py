"""Measures the shipped model on what it did not see: python models/names/evaluate.py SHARED [--names].

Every held-out file with the whole scanner as it is by default (`--names`: the model of names alone), counted
by SHARED/score/privacy.py. Prints a line of JSON for each file; `us` is processor time of one text.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

from corpus import Row, held_out

from freehold.privacy import Scanner, Sorting, all_types, make_scanner

FILES = (
    "ner_btc_h", "ner_wnut17_dev", "ner_ewt", "ner_crossner", "ner_sec_fin3", "pii_nannigalaxy",
    "clean_prompts", "clean_wildguard",
)  # fmt: skip
# What is personal in the public files; the rest of their types name firms, places, products.
PERSONAL = {"PERSON", "ADDRESS", "EMAIL_ADDRESS", "PHONE_NUMBER", "US_SSN", "CREDIT_CARD", "IBAN_CODE"}


def _scorer(shared: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_privacy", shared / "score" / "privacy.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def predict(scanner: Scanner, rows: list[Row]) -> list[dict[str, Any]]:
    """The spans of each row and the microseconds they took."""
    found = []
    for row in rows:
        begun = time.process_time()
        spans = scanner.spans(row["text"])
        us = (time.process_time() - begun) * 1e6
        found.append(
            {
                "id": row["id"],
                "us": us,
                "spans": [{"start": s.start, "end": s.end, "type": s.type} for s in spans],
            }
        )
    return found


def main(shared: Path, types: frozenset[str]) -> None:
    """Print what the scorer says, a file a line."""
    scanner = make_scanner(types)
    scanner.spans("Ada Lovelace")
    score = _scorer(shared).score
    for name in FILES:
        rows = held_out(shared / "data" / "privacy", name)
        said = score(rows, predict(scanner, rows), PERSONAL)
        person = said["per_type"].get("PERSON", {})
        keep = ("requests", "sensitive_requests", "clean_requests", "request_recall", "request_leak",
                "false_alarm", "char_precision_anygold", "speed")  # fmt: skip
        print(json.dumps({"file": name, **{k: said.get(k) for k in keep}, "person": person}), flush=True)


if __name__ == "__main__":
    alone = frozenset({"PERSON", "ADDRESS"})
    main(Path(sys.argv[1]), alone if "--names" in sys.argv else Sorting.usual(all_types()).types)
