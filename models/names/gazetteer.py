"""Packs the public-domain lists of names (US census 1990, Social Security Administration) for the package.

python -m models.names.gazetteer SHARED/data/privacy
"""

from __future__ import annotations

import gzip
import sys
from collections import defaultdict
from pathlib import Path

from freehold.privacy.naming.gazetteer import FILE

# A name among the first so many of its list is of the first class, and so on.
_CLASSES = (200, 1000, 3000, 8000, 30000)


def _class(rank: int | None) -> str:
    return "" if rank is None else str(next(i for i, most in enumerate(_CLASSES, 1) if rank < most))


def main(folder: Path) -> None:
    """Write the file that the package reads."""
    census, ssa, last = (
        {n: r for r, n in reversed([*enumerate(_names(folder / f))])}
        for f in ("names_first.txt", "names_first_ssa.txt", "names_surnames.txt")
    )
    codes: dict[str, list[str]] = defaultdict(list)
    for name in sorted(census.keys() | ssa.keys() | last.keys()):
        first = min((r for r in (census.get(name), ssa.get(name)) if r is not None), default=None)
        first_code, last_code = _class(first), _class(last.get(name))
        codes[("F" + first_code if first_code else "") + ("S" + last_code if last_code else "")].append(name)
    lines = "\n".join(" ".join([code, *names]) for code, names in sorted(codes.items()))
    FILE.write_bytes(gzip.compress(lines.encode(), mtime=0))


def _names(path: Path) -> list[str]:
    names = [line.split("\t")[0].lower() for line in path.read_text().splitlines()]
    return [name for name in names if name.isalpha()]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
