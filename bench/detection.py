"""What detection finds and costs: public sets, hostile texts, Presidio's patterns beside them.

    python -m bench.detection [--quick]

Public data is looked for in the folder that FREEHOLD_SHARED names (default ../shared). Times are processor
time of this thread. Presidio is measured where `presidio-analyzer` is installed; it is no dependency of ours.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from typing import Any

from bench.heavy import KINDS, text_of
from freehold.privacy import Scanner, Sorting, all_types, detector_types, make_scanner

SHARED = Path(os.environ.get("FREEHOLD_SHARED", "../shared")) / "data" / "privacy"
CLEAN = ("clean_prompts", "clean_wildguard")
SECRETS = ("secrets_creddata", "secrets_credsweeper")
# Each repeated to the same length: whatever is not linear in one of them shows.
HOSTILE = (
    "@", "a@", "a.", "1 ", "1-", "(1", "+1", "A1 ", "password=", "-----BEGIN RSA PRIVATE KEY-----\n", "%41",
    "\\u0041", "A", "4", ":", "one ", "dot at ", "\u200b", "а", "аa", "http://a:b", "born 1 ",
    "4539 1488 0343 6467 ", "a@b.co ", "(555) 123-4567 ", "GB29 NWBK 6016 1331 9268 19 ", "34 ", "1.2.3.4.",
    "QUJDREVGR0hJSktMTU5PUA== ", "４", "password is ",
)  # fmt: skip

Find = Callable[[str], Iterable[Any]]


def main() -> None:
    """Print one line a measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer texts, shorter hostile ones")
    quick = parser.parse_args().quick
    scanner = make_scanner(Sorting.usual(all_types()).types)
    scanner.warm()
    patterns = make_scanner(Sorting.usual(all_types()).types - detector_types("named"))
    patterns.warm()
    finders: dict[str, Find] = {"freehold": scanner.spans, "freehold without names": patterns.spans}
    presidio = _presidio()
    if presidio is not None:
        finders["presidio"] = presidio
    for name in (*CLEAN, "pii_nannigalaxy"):
        rows = _rows(name)[: 300 if quick else None]
        for who, find in finders.items() if rows else ():
            _tell(f"{name}: {who}", rows, find)
    for name in SECRETS:
        _tell_secrets(name, _rows(name), scanner)
    for kind in KINDS:
        _tell(f"made-up {kind}: freehold without names", [{"text": text_of(kind, 32_000)}], patterns.spans)
    for text in HOSTILE:
        _tell_hostile(text, 100_000 if quick else 500_000, scanner)


def _rows(name: str) -> list[dict[str, Any]]:
    file = SHARED / f"{name}.jsonl"
    if not file.exists():
        print(f"{name}: skipped, {file} is not there")
        return []
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def _tell(name: str, rows: list[dict[str, Any]], find: Find) -> None:
    micros, alarms = [], 0
    for row in rows:
        start = time.thread_time()
        alarms += bool(list(find(row["text"])))
        micros.append((time.thread_time() - start) * 1e6)
    kilobytes = sum(len(row["text"]) for row in rows) / 1024
    print(
        f"{name}: {len(rows)} texts, found something in {alarms / len(rows):.2%},"
        f" median {median(micros):.0f} µs, {sum(micros) / kilobytes:.0f} µs per KB"
    )


def _tell_secrets(name: str, rows: list[dict[str, Any]], scanner: Scanner) -> None:
    hits = [any(span.type == "SECRET" for span in scanner.spans(row["text"])) for row in rows]
    true = [hit for hit, row in zip(hits, rows, strict=True) if row["spans"]]
    false = [hit for hit, row in zip(hits, rows, strict=True) if not row["spans"]]
    if true and false:
        print(f"{name}: recall {sum(true) / len(true):.3f}, false alarms {sum(false) / len(false):.3f}")


def _tell_hostile(text: str, length: int, scanner: Scanner) -> None:
    seconds = []
    for size in (length // 4, length):
        start = time.thread_time()
        scanner.spans((text * (size // len(text) + 1))[:size])
        seconds.append(time.thread_time() - start)
    ratio = seconds[1] / max(seconds[0], 1e-6)
    per_megabyte = seconds[1] * 1_000_000 / length
    print(f"hostile {text!r}: {per_megabyte:.2f} s per million characters, {ratio:.1f} times the quarter's")


def _presidio() -> Find | None:
    """Its recognizers by pattern, without a language model."""
    if importlib.util.find_spec("presidio_analyzer") is None:
        return None
    analyzer: Any = importlib.import_module("presidio_analyzer")
    registry = analyzer.RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    phone = importlib.import_module("presidio_analyzer.predefined_recognizers").PhoneRecognizer()
    patterns = [r for r in registry.recognizers if isinstance(r, analyzer.PatternRecognizer)]

    def find(text: str) -> list[Any]:
        found = (r.analyze(text, r.supported_entities, None) or [] for r in (*patterns, phone))
        return [result for results in found for result in results if result.score >= 0.4]

    return find


if __name__ == "__main__":
    main()
