"""Run by tests: append records to the ledger argv[1] until somebody kills us.

The ids begin with argv[2]; each is printed once it is acknowledged. Small journals and quick commits, so that
a kill may strike anywhere.
"""

from __future__ import annotations

import itertools
import os
import sys
from pathlib import Path

from tests.ledger.samples import a_record

from freehold.ledger import Ledger

with Ledger.open(Path(sys.argv[1]), ingest_seconds=0.001, journal_bytes=50_000) as ledger:
    for number in itertools.count():
        name = f"{sys.argv[2]}-{number}"
        ledger.append(a_record(name))
        os.write(1, f"{name}\n".encode())
