"""Writes the list of common words, which identify nobody and no document. A person runs it, `make` does not.

    python -m scripts.common_words SHARED/data/privacy

Counted in how many texts a word stands: ordinary prompts, posts, code windows, and the standard library of
the Python that runs this. The list holds words, no text,
the commonest first.
"""

from __future__ import annotations

import json
import re
import sys
import sysconfig
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from pathlib import Path

OUT = Path(__file__).parents[1] / "src/freehold/privacy/learned/common.txt"
_PROSE = ("clean_prompts", "ner_btc_abefg", "ner_wnut17_train", "ner_ewt")
_CODE = ("secrets_creddata", "secrets_credsweeper")
_PROSE_WORDS = 3000
_CODE_WORDS = 1500
_WORD = re.compile(r"[a-z0-9]+")


def main() -> None:
    folder = Path(sys.argv[1])
    prose = most_common(rows(folder, _PROSE), _PROSE_WORDS)
    code = most_common([*rows(folder, _CODE), *library()], _CODE_WORDS)
    ranked = dict.fromkeys(word for both in zip_longest(prose, code) for word in both if word is not None)
    OUT.write_text("\n".join(ranked) + "\n")


def most_common(texts: Iterable[str], count: int) -> list[str]:
    seen: Counter[str] = Counter()
    for text in texts:
        seen.update(set(_WORD.findall(text.lower())))
    return [word for word, _ in seen.most_common(count) if len(word) > 1 and not word.isdigit()]


def rows(folder: Path, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        for line in (folder / f"{name}.jsonl").read_text().splitlines():
            yield json.loads(line)["text"]


def library() -> Iterator[str]:
    """The standard library's modules, in pieces of sixty lines."""
    for file in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        lines = file.read_text(errors="replace").splitlines()
        for start in range(0, len(lines), 60):
            yield "\n".join(lines[start : start + 60])


if __name__ == "__main__":
    main()
