"""Reads memory for a moment and says how fast, in bytes a second. Run by its path, one a processor."""

from __future__ import annotations

import sys
import time
from typing import Final

POOL_BYTES: Final = 64 << 20
"""Larger than most caches' share of one processor, so that what is read comes from memory."""

_SECONDS: Final = 0.15


def main() -> None:
    pool = bytearray(b"\x01") * POOL_BYTES
    begun = time.perf_counter()
    rounds, seconds = 0, 0.0
    while seconds < _SECONDS:
        pool.find(b"\x02")  # the C library's memchr: it reads every byte and finds nothing
        rounds += 1
        seconds = time.perf_counter() - begun
    sys.stdout.write(f"{rounds * POOL_BYTES / seconds}\n")


if __name__ == "__main__":
    main()
