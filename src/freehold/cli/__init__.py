"""The commands, and the composition root. Knows every room and does the work of none."""

from freehold.cli.entry import command_line, main

__all__ = ["command_line", "main"]
