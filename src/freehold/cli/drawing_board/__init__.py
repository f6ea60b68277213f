"""Who answers the page `Rent or own`: a process of its own, asked line by line.

The console hands over a form's fields and gets an answer in words and drawings. The traffic of the gateway
pays nothing for it: NumPy and the simulation live in the other process, which ends when nobody asks.
"""

from freehold.cli.drawing_board.apart import Apart

__all__ = ["Apart"]
