"""Where an export goes: a file that is there whole or not at all, or stdout. Does not know columns."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from freehold.cli.exporting.parquet import write_parquet
from freehold.cli.exporting.text import write_csv, write_jsonl
from freehold.ledger import Record

_TEXT: Mapping[str, Callable[[Iterable[Record], TextIO], int]] = {"jsonl": write_jsonl, "csv": write_csv}
FORMATS = ("parquet", *_TEXT)


def to_stdout(format_: str, records: Iterable[Record]) -> int:
    """Write text to stdout, in UTF-8 whatever the terminal speaks. The number of records."""
    file = TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
    try:
        return _TEXT[format_](records, file)
    finally:
        file.detach()  # flushes, and leaves stdout open


def to_file(format_: str, records: Iterable[Record], path: Path) -> int:
    """Write `path`, readable by its owner alone, in place of what stood there. The number of records."""
    with tempfile.TemporaryDirectory(prefix=".freehold-export-", dir=path.parent) as folder:
        draft = Path(folder, "rows")
        with draft.open("w", encoding="utf-8", newline="") as file:
            count = _TEXT.get(format_, write_jsonl)(records, file)
        if format_ == "parquet":
            whole = Path(folder, "parquet")
            write_parquet(draft, whole)
            draft = whole
        draft.chmod(0o600)
        draft.replace(path)
    return count
