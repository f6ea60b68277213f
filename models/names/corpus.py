"""The public files as rows, and which of them the model sees. Held-out rows are told by a hash of their id.

Whole files are kept from training: `ner_btc_h` (tweets), `ner_sec_fin3` (contracts), `pii_nannigalaxy` and
`clean_wildguard`; `ner_wnut17_dev` only chooses the threshold.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

from chatter import Chatter

Row = dict[str, Any]
_TRAINED = ("ner_btc_abefg", "ner_wnut17_train", "ner_ewt", "ner_crossner", "ner_sec_fin5", "clean_prompts")
_SPLIT = frozenset({"ner_ewt", "ner_crossner", "clean_prompts"})
_POSTS = frozenset({"ner_btc_abefg", "ner_wnut17_train"})
_HANDLE = re.compile(r"(?<!\w)@ ?\w{2,}")
# Roles of a contract, labelled as persons in one file: they are nobody.
_ROLES = frozenset({"borrower", "lender", "bank", "agent", "company"})
_TYPES = {"GPE": "LOCATION"}
_MOST_TWEETS = 5500
_TEST_SHARE = 20  # per cent


def rows(folder: Path, name: str) -> list[Row]:
    """The rows of a file, with the project's names of types."""
    found = [json.loads(line) for line in (folder / f"{name}.jsonl").open(encoding="utf-8")]
    for row in found:
        row["spans"] = [
            span | {"type": _TYPES.get(span["type"], span["type"])}
            for span in row["spans"]
            if not (span["type"] == "PERSON" and row["text"][span["start"] : span["end"]].lower() in _ROLES)
        ]
    return found


def _with_handles(row: Row) -> Row:
    """A post's @handles as persons throughout: the public files label them in some sections only."""
    spans = list(row["spans"])
    for handle in _HANDLE.finditer(row["text"]):
        start, end = handle.span()
        if not any(span["start"] < end and start < span["end"] for span in spans):
            spans.append({"start": start, "end": end, "type": "PERSON"})
    return row | {"spans": spans}


def is_held_out(row: Row) -> bool:
    """One in five, by id, so that it is the same one wherever it is asked."""
    return crc32(row["id"].encode()) % 100 < _TEST_SHARE


def training(folder: Path) -> Iterator[Row]:
    """Everything that the model learns from."""
    for name in _TRAINED:
        taken = rows(folder, name)
        if name in _SPLIT:
            taken = [row for row in taken if not is_held_out(row)]
        if name in _POSTS:
            taken = [_with_handles(row) for row in taken]
        yield from taken[:_MOST_TWEETS]
        yield from _recased(taken)
    yield from Chatter(folder, seed=7).rows(3500, 1200)


def _recased(taken: list[Row]) -> Iterator[Row]:
    """One in eight again in small letters, one in thirty in capitals, as people type."""
    for at, row in enumerate(taken):
        text = row["text"].lower() if at % 8 == 0 else row["text"].upper() if at % 30 == 1 else row["text"]
        if text != row["text"] and len(text) == len(row["text"]):
            yield row | {"text": text}


def held_out(folder: Path, name: str) -> list[Row]:
    """The rows of a file that no training saw."""
    found = rows(folder, name)
    return [row for row in found if is_held_out(row)] if name in _SPLIT else found
