"""How a command answers: JSON for programs, a screen for people. Does not know what it says."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from typing import Any

from freehold.cli.screen import Screen, show


def answer(data: Any, screen: Callable[[], Screen], *, as_json: bool) -> None:
    """Print `data` as one JSON value where asked to, else the screen. A flat object takes one line."""
    if not as_json:
        show(screen())
        return
    is_flat = isinstance(data, dict) and not any(isinstance(part, dict | list) for part in data.values())
    _write(json.dumps(data, ensure_ascii=False, indent=None if is_flat else 2))


def answer_lines(data: Iterable[Any], screen: Callable[[], Screen], *, as_json: bool) -> None:
    """Print JSON Lines, one value a line, where asked to, else the screen."""
    if not as_json:
        show(screen())
        return
    for value in data:
        _write(json.dumps(value, ensure_ascii=False), flush=False)
    sys.stdout.flush()


def _write(text: str, *, flush: bool = True) -> None:
    sys.stdout.write(text + "\n")
    if flush:
        sys.stdout.flush()
