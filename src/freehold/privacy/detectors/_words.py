"""Words beside a value that tell what it is, as one expression. Knows no value."""

from __future__ import annotations

import re


def words(*alternatives: str) -> re.Pattern[str]:
    """Any of these, at word edges, for text in small letters. Literals, but `*` stands for more letters."""
    parts = [re.escape(word).replace(r"\*", r"\w*") for word in alternatives]
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)")
