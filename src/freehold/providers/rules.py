"""Rules that people wrote down, applied within this process: no connection, no model, nothing leaves."""

from __future__ import annotations

from freehold.providers import _speech


class Provider(_speech.Provider):
    can = frozenset({"moderations"})
