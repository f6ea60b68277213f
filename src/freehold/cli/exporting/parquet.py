"""JSON Lines into Parquet, by DuckDB (the extra `decide`), which streams it. Does not know records."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from freehold.cli.exporting.columns import COLUMNS
from freehold.cli.extras import install_hint
from freehold.errors import FreeholdError

INSTALL = install_hint("decide")

# Parquet's decimal has one scale for a whole column. With 24 places a rented cost is exact (a price has at
# most 12, and is divided by a million) and sums may reach 99 trillion USD; an owned cost, a quotient of 28
# digits, is rounded to them.
_MONEY = "DECIMAL(38, 24)"
_AMOUNTS = ("cost_usd", "original_cost_usd")


def is_installed() -> bool:
    return find_spec("duckdb") is not None


def write_parquet(rows: Path, to: Path) -> None:
    """Make the Parquet file `to` of a file of JSON Lines. Raises `FreeholdError`."""
    import duckdb  # noqa: PLC0415 - 65 MB that no other command needs, and only with an extra

    columns = ", ".join(f"\"{name}\": '{kind}'" for name, kind in COLUMNS.items())
    chosen = ", ".join(
        f'CAST("{name}" AS {_MONEY}) AS "{name}"' if name in _AMOUNTS else f'"{name}"' for name in COLUMNS
    )
    source = f"read_json({_quoted(rows)}, format = 'newline_delimited', columns = {{{columns}}})"
    sql = f"COPY (SELECT {chosen} FROM {source}) TO {_quoted(to)} (FORMAT parquet, COMPRESSION zstd)"  # noqa: S608 - our own columns, and paths quoted
    # Nothing is fetched: JSON and Parquet are in the wheel.
    offline: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    try:
        with duckdb.connect(":memory:", config=offline) as connection:
            connection.execute("SET threads = 1")  # each keeps a row group of its own in memory
            connection.execute(sql)
    except duckdb.Error as error:
        raise FreeholdError(f"{to}: DuckDB could not write it: {error}") from error


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
