"""Records as rows of a file that other tools read: JSON Lines, CSV, Parquet. Does not know who asked."""

from freehold.cli.exporting.destination import FORMATS, to_file, to_stdout
from freehold.cli.exporting.parquet import INSTALL, is_installed

__all__ = ["FORMATS", "INSTALL", "is_installed", "to_file", "to_stdout"]
