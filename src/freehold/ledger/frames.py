r"""How one entry stands in the journal: `<crc32, 8 hex digits><letter><JSON>\n`.

JSON escapes line ends, so a line is an entry. A write cut short has no line end; a line that was altered
has another checksum. Does not know files or what the letters mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

_CRC_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Frames:
    """What a piece of a journal held.

    `entries` are (letter, JSON) in order; `used` counts the bytes they took. Where `corrupt` is true the
    line that begins at `used` is whole and yet not what was written.
    """

    entries: list[tuple[int, bytes]]
    used: int
    corrupt: bool


def frame(letter: bytes, body: bytes) -> bytes:
    """One line of the journal."""
    content = letter + body
    return b"%08x%b\n" % (crc32(content), content)


def read_frames(piece: bytes) -> Frames:
    """Every whole line of `piece`, up to the first that is corrupt."""
    lines = piece.split(b"\n")
    lines.pop()  # what follows the last line end is not a line yet
    entries: list[tuple[int, bytes]] = []
    used = 0
    for line in lines:
        content = line[_CRC_DIGITS:]
        if not content or line[:_CRC_DIGITS] != b"%08x" % crc32(content):
            return Frames(entries, used, corrupt=True)
        entries.append((content[0], content[1:]))
        used += len(line) + 1
    return Frames(entries, used, corrupt=False)
