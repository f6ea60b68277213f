"""Figures in a person's words: the console's, so that the terminal says them as the page does."""

from __future__ import annotations

from freehold.console import UNKNOWN, counted, duration, exact, iso, moment, money, short_moment, tokens

__all__ = ["UNKNOWN", "counted", "duration", "exact", "iso", "moment", "money", "short_moment", "tokens"]
