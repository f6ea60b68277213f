"""Reads the code blocks of Markdown files, with what stands above them. Does not run them.

A comment right above a block says how it is meant: `<!-- not run: REASON -->` or `<!-- read as prices -->`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

LANGUAGES = ("bash", "python", "toml", "json", "text", "ini", "mermaid")

_FENCE = re.compile(r"```(?P<language>\w*)\s*")
_COMMENT = re.compile(r"<!-- (?P<said>.*?) -->")
_TABLE = re.compile(r"^\[(?P<name>[^\]]+)\]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """One block. `note` is the comment above it, `line` where its code begins."""

    file: Path
    line: int
    language: str
    code: str
    note: str | None

    @property
    def why_not_run(self) -> str | None:
        """The reason given for not running it, `None` where it runs."""
        if self.note is None or not self.note.startswith("not run: "):
            return None
        return self.note.removeprefix("not run: ")


def blocks_in(file: Path) -> list[Block]:
    """The blocks of a file in their order."""
    found: list[Block] = []
    above, begun, language, code = "", 0, "", ""
    for number, line in enumerate(file.read_text().splitlines(), start=1):
        fence = _FENCE.fullmatch(line)
        if fence is None:
            code += f"{line}\n"
            above = above if begun or not line else line
        elif begun:
            note = _COMMENT.fullmatch(above)
            found.append(Block(file, begun, language, code, note["said"] if note else None))
            above, begun = "", 0
        else:
            begun, language, code = number + 1, fence["language"], ""
    return found


def completed(fragment: str, sample: str) -> str:
    """A fragment of a config, with those tables of `sample` that it does not have itself."""
    own = set(_TABLE.findall(fragment))
    starts = [found.start() for found in _TABLE.finditer(sample)]
    tables = [sample[a:b] for a, b in zip(starts, [*starts[1:], len(sample)], strict=True)]
    rest = [table for table in tables if _TABLE.match(table)["name"] not in own]  # type: ignore[index]  # it begins so
    return "\n".join([fragment, *rest])
