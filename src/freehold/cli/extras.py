"""What an optional part needs installed, and how that is done. Does not install."""

from __future__ import annotations


def install_hint(extra: str) -> str:
    """For whoever has a wheel, and for whoever works in a clone."""
    return f'pip install "freehold[{extra}]"; in a clone: .venv/bin/pip install -e ".[{extra}]"'
