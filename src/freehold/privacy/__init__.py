"""Labels and the check that lets content out. Does not know networks or files."""

from freehold.privacy.label import Label
from freehold.privacy.permit import Permit, clear

__all__ = ["Label", "Permit", "clear"]
