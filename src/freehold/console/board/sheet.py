"""What a report consists of, as plain values: pages of texts, tables, tiles and charts. Does not know money.

Two templates lay the same values out, one as HTML, one as PDF.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from freehold.console.charts import Drawable

Look = Literal["own", "rent", ""]


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    note: str = ""
    kind: str = "heading"


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    faint: bool = False
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Points:
    """A list; each point with a word before it, or none."""

    entries: tuple[tuple[str, str], ...]
    kind: str = "points"


@dataclass(frozen=True, slots=True)
class Tiles:
    """Figures to see at a glance: the figure, what it is, and its range or origin."""

    entries: tuple[tuple[str, str, str], ...]
    kind: str = "tiles"


@dataclass(frozen=True, slots=True)
class Row:
    cells: tuple[str, ...]
    look: Look = ""


@dataclass(frozen=True, slots=True)
class Table:
    """`right`: which columns are figures; `codes`: which are names to be copied; `small`: many rows.

    `wide`: the columns that share what room is left.
    """

    head: tuple[str, ...]
    rows: tuple[Row, ...]
    right: tuple[int, ...] = ()
    codes: tuple[int, ...] = ()
    small: bool = False
    wide: tuple[int, ...] = (0,)
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class Picture:
    chart: Drawable
    caption: str = ""
    kind: str = "picture"


@dataclass(frozen=True, slots=True)
class Code:
    text: str
    kind: str = "code"


Part = Heading | Text | Points | Tiles | Table | Picture | Code


@dataclass(frozen=True, slots=True)
class Page:
    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """`warning` stands on every page: that something in it is simulated, say."""

    title: str
    sentence: str
    made: str
    pages: tuple[Page, ...]
    warning: str = ""
    lang: str = field(default="en")

    def plain(self, draw: Callable[[Drawable], str]) -> dict[str, Any]:
        """As a template takes it, with charts drawn."""
        return {
            "title": self.title,
            "sentence": self.sentence,
            "made": self.made,
            "warning": self.warning,
            "lang": self.lang,
            "pages": [{"title": page.title, "parts": list(_parts(page, draw))} for page in self.pages],
        }


def _parts(page: Page, draw: Callable[[Drawable], str]) -> Iterator[dict[str, Any]]:
    for part in page.parts:
        if isinstance(part, Picture):
            yield {
                "kind": part.kind,
                "says": part.chart.title,
                "caption": part.caption,
                "svg": draw(part.chart),
            }
        else:
            yield asdict(part)
