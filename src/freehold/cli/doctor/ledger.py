"""The ledger: it opens, is whole, and keeps up with the gateway that writes it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from freehold.cli.doctor.report import Check, Group
from freehold.cli.figures import moment
from freehold.ledger import LedgerError, LedgerMissing, check_up

_GROUP = Group("ledger")
_SLOW_SECONDS = 1.0


def check_ledger(path: Path, seconds: float) -> Iterator[Check]:
    """May take `seconds` and a few more for a ledger of many gigabytes."""
    began = time.monotonic()
    try:
        found = check_up(path, seconds=seconds)
    except LedgerMissing as error:
        if path.exists() or list(path.parent.glob(f"{path.name}.journal-*")):
            yield _GROUP.bad("file", error.message, error.hint)
        else:
            yield _GROUP.good("file", f"there is none yet at {path}: the first start makes it")
        return
    except LedgerError as error:
        yield _GROUP.bad("file", error.message, error.hint)
        return
    newest = "no request yet" if found.newest_at is None else f"newest request {moment(found.newest_at)} UTC"
    yield _GROUP.good("file", f"{path} opens: {_mib(found.size_bytes)}, {newest}")
    if found.is_whole:
        yield _GROUP.good("integrity", "every page is whole", seconds=time.monotonic() - began)
    else:
        yield _GROUP.skipped("integrity", f"not all of it could be looked at in {seconds:g} seconds")
    yield _lag(found.catch_up_seconds, found.journal_bytes)


def _lag(seconds: float, journal_bytes: int) -> Check:
    said = f"its tables follow its journal ({_mib(journal_bytes)}) within {max(seconds, 0.01):.2f} s"
    if seconds > _SLOW_SECONDS:
        return _GROUP.odd("lag", said, "its disk is slow, or the machine is busy", seconds=seconds)
    return _GROUP.good("lag", said, seconds=seconds)


def _mib(size: int) -> str:
    return f"{size / 2**20:,.1f} MiB"
