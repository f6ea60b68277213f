"""What hides a value from a reader of plain text, taken off, with the way back to where it stood.

Each disguise looks first whether it can be there at all; a plain text costs little. Knows no detector.
"""

from freehold.privacy.disguise.fold import folded
from freehold.privacy.disguise.stretch import Stretch
from freehold.privacy.disguise.unmask import unmasked

__all__ = ["Stretch", "folded", "unmasked"]
