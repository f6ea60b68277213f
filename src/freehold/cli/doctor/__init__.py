"""The doctor: looks at everything that a config names, and says how each is and what would mend it."""

from freehold.cli.doctor.examine import Wishes, examine
from freehold.cli.doctor.patience import Patience
from freehold.cli.doctor.report import Check, Verdict

__all__ = ["Check", "Patience", "Verdict", "Wishes", "examine"]
