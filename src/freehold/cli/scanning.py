"""Texts from files and streams, scanned, and what was found told line by line. Does not know detectors."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from freehold.cli.figures import counted
from freehold.cli.mask import mask
from freehold.cli.screen import Block, Part, Screen, Word, line
from freehold.errors import FreeholdError
from freehold.privacy import Label, Scanner, Sorting, Span

_STDIN = "-"
_GLANCE_BYTES = 8192
_LARGEST_BYTES = 32 * 1024 * 1024
_LONGEST_LINE = 160
_NOT_SEARCHED = frozenset({"node_modules", "__pycache__", "venv"})


@dataclass(frozen=True, slots=True)
class Finding:
    """A span and where a person looks for it; `line` and `column` begin with 1."""

    file: str
    line: int
    column: int
    span: Span

    def shape(self) -> dict[str, Any]:
        span = self.span
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "start": span.start,
            "end": span.end,
            "type": span.type,
            "score": span.score,
        }


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file's text; `None` where it is none. `named` where somebody asked for it, not for its folder."""

    name: str
    text: str | None
    named: bool = True

    def findings(self, scanner: Scanner) -> list[Finding]:
        """What is in it, from top to bottom."""
        text, found = self.text or "", []
        number, begin = 1, 0
        for span in scanner.spans(text):
            number += text.count("\n", begin, span.start)
            begin = max(begin, text.rfind("\n", begin, span.start) + 1)
            found.append(Finding(self.name, number, span.start - begin + 1, span))
        return found


def sheet_of(name: str, raw: bytes, *, named: bool = True) -> Sheet:
    """Bytes as text. What holds zero bytes at its beginning, or is very large, is none."""
    if b"\0" in raw[:_GLANCE_BYTES] or len(raw) > _LARGEST_BYTES:
        return Sheet(name, None, named)
    return Sheet(name, raw.decode("utf-8", errors="replace"), named)


def read_sheets(paths: Iterable[Path]) -> Iterator[Sheet]:
    """The texts of these files, of those in these folders, and of stdin for `-`."""
    for path in paths:
        if str(path) == _STDIN:
            yield sheet_of(_STDIN, sys.stdin.buffer.read())
        elif path.is_dir():
            yield from (sheet_of(str(file), file.read_bytes(), named=False) for file in _files(path))
        else:
            yield sheet_of(str(path), path.read_bytes())


def _files(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.is_symlink() or (entry.name.startswith(".") and entry.is_dir()):
            continue
        if entry.is_dir():
            if entry.name not in _NOT_SEARCHED:
                yield from _files(entry)
        elif entry.is_file():
            yield entry


def answer_lines_of(lines: Iterable[bytes], scanner: Scanner, sorting: Sorting) -> None:
    """Answer each line of JSON on stdout; one that cannot be read spoils no other."""
    for raw in lines:
        if raw.strip():
            sys.stdout.write(json.dumps(_answered(raw, scanner, sorting)) + "\n")
            sys.stdout.flush()


def _answered(raw: bytes, scanner: Scanner, sorting: Sorting) -> dict[str, Any]:
    try:
        asked = json.loads(raw)
    except (ValueError, RecursionError) as error:
        return _unread(None, f"not JSON: {error}")
    if not isinstance(asked, dict) or not isinstance(asked.get("text"), str):
        return _unread(asked.get("id") if isinstance(asked, dict) else None, 'no "text" in it')
    try:
        spans = scanner.spans(asked["text"])
    except FreeholdError as error:
        return _unread(asked.get("id"), error.message)
    return {
        "id": asked.get("id"),
        "label": sorting.label(spans, Label.INTERNAL).word,
        "spans": [{"start": s.start, "end": s.end, "type": s.type, "score": s.score} for s in spans],
    }


def _unread(id_: Any, why: str) -> dict[str, Any]:
    """What could not be looked at may hold anything."""
    return {"id": id_, "label": Label.SECRET.word, "spans": [], "error": why}


def told(findings: list[Finding], sheets: list[Sheet], *, masked: bool) -> Screen:
    """The lines with findings, what was found set off."""
    texts = {sheet.name: sheet.text or "" for sheet in sheets}
    blocks: list[Block] = []
    for finding in findings:
        place = f"{finding.file}:{finding.line}:{finding.column}"
        shown = _excerpt(texts[finding.file], finding.span, masked=masked)
        blocks.append(line(Word(place, "strong"), " ", Word(finding.span.type, "odd"), "  ", *shown))
    scanned = sum(sheet.text is not None for sheet in sheets)
    what = counted(len(findings), "finding")
    blocks.append(line(Word(what, "bad" if findings else "good"), f" in {counted(scanned, 'text')}"))
    named = not_looked_at(sheets)
    skipped = len(sheets) - scanned - len(named)
    if skipped:
        blocks.append(line(Word(f"{counted(skipped, 'file')} left out: no text, or too large", "faint")))
    blocks += (line(Word(f"not looked at: {why}", "bad")) for why in named)
    return blocks


def not_looked_at(sheets: Iterable[Sheet]) -> list[str]:
    """Those that were asked for by name and could not be searched, and why."""
    most = f"{_LARGEST_BYTES // 1024**2} MiB"
    return [
        f"{'standard input' if sheet.name == _STDIN else sheet.name} is no text, or larger than {most}"
        for sheet in sheets
        if sheet.text is None and sheet.named
    ]


def _excerpt(text: str, span: Span, *, masked: bool) -> tuple[Part, ...]:
    if masked:
        return (Word(mask(text[span.start : span.end]), "bad"),)
    begin = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", span.end)
    before = text[max(begin, span.start - _LONGEST_LINE // 2) : span.start].lstrip()
    after = text[span.end : len(text) if end < 0 else end][: _LONGEST_LINE // 2].rstrip()
    return (before, Word(" ".join(text[span.start : span.end].split()), "bad"), after)
