"""Tags and comments of HTML between the parts of one number. Knows no more of HTML than where a tag ends."""

from __future__ import annotations

import re
from typing import Final

from freehold.privacy.disguise.stretch import Stretch

_TAG: Final = re.compile(
    r"<(?:!--[^<>]{0,200}--|/?(?P<name>[A-Za-z][A-Za-z0-9]{0,15})(?![A-Za-z0-9])[^<>]{0,300})>"
)
# These do not part what they stand between.
_NAMES: Final = """
a abbr b bdi bdo big cite code data del dfn em font i ins kbd mark nobr q s samp small span strike strong sub
sup tt u var wbr
"""
_INLINE: Final = frozenset(_NAMES.split())


def unmarked(text: Stretch) -> Stretch | None:
    """Without tags, `None` where there are none. A tag that begins a line or a cell leaves a blank."""
    if "<" not in text.text or ">" not in text.text:
        return None
    return text.rewritten(_TAG, _nothing)


def _nothing(tag: re.Match[str]) -> str:
    name = tag["name"]
    return "" if name is None or name.lower() in _INLINE else " "
