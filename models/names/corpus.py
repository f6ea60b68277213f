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
_SMALL = re.compile(r"[^\W\d_]{2,}")
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
    chatter = Chatter(folder, seed=7)
    words = _vocabulary(folder)
    for name in _TRAINED:
        taken = rows(folder, name)
        if name in _SPLIT:
            taken = [row for row in taken if not is_held_out(row)]
        if name in _POSTS:
            taken = [_with_handles(row) for row in taken]
        taken = taken[:_MOST_TWEETS]
        again = [*_renamed(taken, chatter)]
        yield from taken
        yield from again
        yield from _recased([*taken, *again])
    yield from chatter.rows(3500, 1200)
    yield from chatter.bodies(2500)
    yield from chatter.technical(7000, words)


def _vocabulary(folder: Path) -> list[str]:
    """Words of the public files that stand in small letters and outside of every label."""
    said: set[str] = set()
    labelled: set[str] = set()
    for name in _TRAINED:
        for row in rows(folder, name):
            if name not in _SPLIT or not is_held_out(row):
                said.update(word for word in _SMALL.findall(row["text"]) if word.islower())
                for span in row["spans"]:
                    labelled.update(row["text"][span["start"] : span["end"]].lower().split())
    common = {line.split("\t")[0].lower() for line in (folder / "names_first.txt").read_text().splitlines()}
    return sorted(said - labelled - common)


def _renamed(taken: list[Row], chatter: Chatter) -> Iterator[Row]:
    """Every second row that names a person again with others: no name is to be learnt by heart."""
    named = [row for row in taken if any(span["type"] == "PERSON" for span in row["spans"])]
    for row in named[::2]:
        other = chatter.renamed(row)
        if other["text"] != row["text"]:
            yield other


def _recased(taken: list[Row]) -> Iterator[Row]:
    """One in five again in small letters, one in twenty-five in capitals, as people type."""
    for at, row in enumerate(taken):
        text = row["text"].lower() if at % 5 == 0 else row["text"].upper() if at % 25 == 1 else row["text"]
        if text != row["text"] and len(text) == len(row["text"]):
            yield row | {"text": text}


def held_out(folder: Path, name: str) -> list[Row]:
    """The rows of a file that no training saw."""
    found = rows(folder, name)
    return [row for row in found if is_held_out(row)] if name in _SPLIT else found
