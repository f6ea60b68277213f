"""Lists the words that are never of a name.

    python models/names/ordinary.py SHARED/data/privacy [MODEL [OUT]]

A word, as it is written, is ordinary where it stands in the training text often enough, is labelled nowhere,
and the trained model never gives it a chance to speak of. Run it after `train.py`.
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from corpus import Row, training
from train import LABELS

from freehold.privacy.naming import NameModel, read_gazetteer, tokens
from freehold.privacy.naming.model import FILE as MODEL
from freehold.privacy.naming.ordinary import FILE

# In so many rows; a word that is also somebody's name in more.
_LEAST, _LEAST_NAME = 3, 10
# From these chances on a token counts as found.
_CHANCES = {"PERSON": 0.2, "ADDRESS": 0.3, "ORGANIZATION": 0.5, "LOCATION": 0.5}
# Of a common word that may be in a longer name, as "The" is: the most of its rows. Nobody is called
# so alone; of what is a first name, too, less.
_COMMON, _MOST_SHARE, _MOST_SHARE_FIRST = 100, 0.03, 0.005
# What makes a request personal. Firms and places count only for words that are not in small letters.
_PERSONAL = frozenset({"PERSON", "ADDRESS"})


class _Rows:
    """In which rows a word stands, and in which of them it may be of a name."""

    def __init__(self) -> None:
        self.all: set[str] = set()
        self.personal: set[str] = set()
        self.any: set[str] = set()

    def doubt(self, id_: str, type_: str) -> None:
        self.any.add(id_)
        if type_ in _PERSONAL:
            self.personal.add(id_)


def _counted(folder: Path, model: Path) -> dict[str, _Rows]:
    asked = NameModel(model, ordinary=frozenset())
    words: dict[str, _Rows] = defaultdict(_Rows)
    for number, row in enumerate(chain(training(folder), _questions(folder))):
        id_ = row.get("id", str(number))
        spans = [span for span in row["spans"] if span["type"] in LABELS]
        for start, end, word in tokens(row["text"]):
            if word[0].isalpha() and (word.islower() or "unlabelled" not in row):
                words[word].all.add(id_)
                for span in spans:
                    if span["start"] < end and start < span["end"]:
                        words[word].doubt(id_, span["type"])
        for (_, _, word), chances in asked.tokens(row["text"]):
            for type_, chance in chances:
                if chance > _CHANCES[type_]:
                    words[word].doubt(id_, type_)
    return words


def _questions(folder: Path) -> Iterator[Row]:
    """Examination questions on 42 subjects, for their vocabulary. Only words in small letters count."""
    with gzip.open(folder.parent / "routing" / "mmlu_public.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield {"id": row["id"], "text": row["prompt"], "spans": [], "unlabelled": True}


def _is_ordinary(word: str, rows: _Rows, code: str) -> bool:
    """`code` is the word's among the lists of names, empty where nobody is called so."""
    count = len(rows.all)
    if not (rows.personal if word.islower() else rows.any):
        return count >= (_LEAST_NAME if code else _LEAST)
    most = _MOST_SHARE_FIRST if code.startswith("F") else _MOST_SHARE
    return count >= _COMMON and len(rows.personal) <= most * count


def ordinary(folder: Path, model: Path) -> list[str]:
    """The words, sorted."""
    names = read_gazetteer()
    words = _counted(folder, model)
    return sorted(w for w, rows in words.items() if _is_ordinary(w, rows, names.get(w.lower(), "")))


def main(folder: Path, model: Path = MODEL, out: Path = FILE) -> None:
    """Write the file that the package reads."""
    out.write_bytes(gzip.compress(" ".join(ordinary(folder, model)).encode(), mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(Path, sys.argv[2:4]))
