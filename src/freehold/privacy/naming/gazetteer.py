"""The names that people bear, and how common each is. Knows no text."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_name("names.txt.gz")


def read_gazetteer(path: Path = FILE) -> dict[str, str]:
    """Small-letter name to its code: F and how common a first name it is (1 the most), then S as a surname.

    The file holds a line for every code: the code, then its names, parted by blanks.
    """
    found: dict[str, str] = {}
    for line in gzip.decompress(path.read_bytes()).decode().splitlines():
        code, *names = line.split(" ")
        for name in names:
            found[name] = code
    return found
