"""Who runs this command, for events. Does not know what they do."""

from __future__ import annotations

import getpass
import os


def who() -> str:
    """The user's name, or the number where there is no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"  # a container without names
