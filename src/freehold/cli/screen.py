"""What a command shows a person: lines and tables, dressed up on a terminal and plain elsewhere.

Styles are named for what they mean. Does not know what the words say.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TextIO

if TYPE_CHECKING:
    from rich.console import Console  # loaded for a terminal alone
    from rich.table import Table as RichTable
    from rich.text import Text

Meaning = Literal["title", "faint", "strong", "good", "bad", "odd", "rented", "owned", "simulated", "code"]

_GAP = 2  # between columns
_LOOKS = {
    "title": "bold",
    "faint": "dim",
    "strong": "bold",
    "good": "green",
    "bad": "bold red",
    "odd": "yellow",
    "rented": "magenta",
    "owned": "cyan",
    "simulated": "italic yellow",
    "code": "green",
}


@dataclass(frozen=True, slots=True)
class Word:
    """Text that means something, beyond what it says."""

    text: str
    meaning: Meaning


Part = str | Word
Cell = Part | tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line; a long one wraps under its own beginning, unless it is to be copied (`whole`)."""

    parts: tuple[Part, ...]
    indent: int = 0
    whole: bool = False


def line(*parts: Part, indent: int = 0) -> Line:
    return Line(parts, indent)


def to_copy(text: str, *, indent: int = 0) -> Line:
    """A line of code: the terminal may fold it, we never do."""
    return Line((Word(text, "code"),), indent, whole=True)


@dataclass(frozen=True, slots=True)
class Column:
    """`whole` cells are never broken over lines; `right` ones are figures.

    On a terminal too narrow for all, columns leave in the order of `leaves`, 1 first; 0 stays.
    """

    title: str
    right: bool = False
    whole: bool = False
    leaves: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns. The last `totals` rows are set apart. Without titles it is a list of facts."""

    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Cell]]
    totals: int = 0
    indent: int = 0


Block = Line | Table
Screen = Sequence[Block]


def show(screen: Screen, stream: TextIO | None = None) -> None:
    """Print it, on stdout unless another stream is given."""
    stream = sys.stdout if stream is None else stream
    if is_terminal(stream):
        console = terminal(stream)
        for block in screen:
            _show_dressed(block, console)
    else:
        stream.writelines(text.rstrip() + "\n" for block in screen for text in _plain(block))
    stream.flush()


def is_terminal(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def terminal(stream: TextIO) -> Console:
    """A console in our looks. It obeys NO_COLOR (https://no-color.org) by itself."""
    from rich.console import Console  # noqa: PLC0415 - a program that reads us needs none of it
    from rich.theme import Theme  # noqa: PLC0415 - likewise

    return Console(file=stream, theme=Theme(dict(_LOOKS)), highlight=False, soft_wrap=False)


def dressed(cell: Cell) -> Text:
    """A cell as rich shows it."""
    from rich.text import Text  # noqa: PLC0415 - as above

    text = Text()
    for part in _parts(cell):
        if isinstance(part, Word):
            text.append(part.text, style=part.meaning)
        else:
            text.append(part)
    return text


def plain(cell: Cell) -> str:
    return "".join(part.text if isinstance(part, Word) else part for part in _parts(cell))


def _parts(cell: Cell) -> tuple[Part, ...]:
    return cell if isinstance(cell, tuple) else (cell,)


def _show_dressed(block: Block, console: Console) -> None:
    from rich.padding import Padding  # noqa: PLC0415 - as above

    if isinstance(block, Line) and block.whole:
        console.print(dressed((" " * block.indent, *block.parts)), soft_wrap=True)
        return
    if isinstance(block, Line):
        what: Text | RichTable = dressed(block.parts)
    else:
        what = _dressed_table(_fitted(block, console.width - block.indent))
    console.print(Padding(what, (0, 0, 0, block.indent)) if block.indent else what)


def _fitted(table: Table, width: int) -> Table:
    """The table without the columns that there is no room for."""
    kept = list(range(len(table.columns)))
    widths = _widths(table)
    for _, place in sorted(
        (column.leaves, place) for place, column in enumerate(table.columns) if column.leaves
    ):
        if sum(widths[here] + _GAP for here in kept) - _GAP <= width:
            break
        kept.remove(place)
    columns = tuple(table.columns[place] for place in kept)
    rows = [[row[place] for place in kept] for row in table.rows]
    return Table(columns, rows, table.totals, table.indent)


def _widths(table: Table) -> list[int]:
    return [
        max([len(column.title), *(len(plain(row[place])) for row in table.rows)])
        for place, column in enumerate(table.columns)
    ]


def _dressed_table(block: Table) -> RichTable:
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - as above
    from rich.table import Table as Made  # noqa: PLC0415 - as above

    titled = any(column.title for column in block.columns)
    table = Made(
        box=SIMPLE_HEAD if titled else None,
        show_header=titled,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0) if titled else (0, _GAP, 0, 0),
        header_style="dim",
        border_style="dim",
    )
    for column in block.columns:
        justify: Literal["left", "right"] = "right" if column.right else "left"
        table.add_column(column.title, justify=justify, no_wrap=column.whole, overflow="fold")
    first_total = len(block.rows) - block.totals
    for number, row in enumerate(block.rows):
        if block.totals and number == first_total:
            table.add_section()
        table.add_row(*(dressed(cell) for cell in row))
    return table


def _plain(block: Block) -> Iterator[str]:
    indent = " " * block.indent
    if isinstance(block, Line):
        yield indent + plain(block.parts)
        return
    rows = [[plain(cell) for cell in row] for row in block.rows]
    titles = [column.title for column in block.columns]
    if any(titles):
        rows.insert(0, titles)
    widths = _widths(block)
    for row in rows:
        cells = zip(row, widths, block.columns, strict=True)
        yield indent + (" " * _GAP).join(
            text.rjust(width) if column.right else text.ljust(width) for text, width, column in cells
        )
