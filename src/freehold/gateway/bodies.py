"""What the bodies of all requests under way may take together. Bytes only; knows no HTTP."""

from __future__ import annotations

from typing import Final

# A body of so much or less still finds room where large ones have taken theirs: a quarter on top is theirs.
_SMALL_BYTES: Final = 65_536


class Bodies:
    """`held` bytes are in memory, `most` is the bound; `refused` counts those that were given up for it."""

    __slots__ = ("held", "most", "refused")

    def __init__(self, most: int) -> None:
        self.held = 0
        self.most = most
        self.refused = 0

    def too_many(self, size: int) -> bool:
        """Whether a body that has grown to `size` is to be given up, where `held` has passed `most`."""
        return size > _SMALL_BYTES or self.held > self.most + self.most // 4
