from __future__ import annotations

import io

import pytest

from freehold.cli.screen import Column, Screen, Table, Word, line, show, to_copy

SCREEN: Screen = [
    line(Word("Title", "title"), " and more", indent=2),
    Table(
        (
            Column("id", whole=True),
            Column("extra", leaves=1),
            Column("detail", leaves=2),
            Column("n", right=True),
        ),
        [("a", "x" * 20, "y" * 20, "1"), (("b", Word("!", "bad")), "x", "y", "1,000")],
    ),
]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_a_terminal(screen: Screen, columns: int, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm-256color")
    terminal = Terminal()
    show(screen, terminal)
    return terminal.getvalue()


def test_elsewhere_than_on_a_terminal_it_is_plain_text_in_columns() -> None:
    stream = io.StringIO()
    show(SCREEN, stream)
    assert stream.getvalue().splitlines() == [
        "  Title and more",
        "id  extra                 detail                    n",
        "a   xxxxxxxxxxxxxxxxxxxx  yyyyyyyyyyyyyyyyyyyy      1",
        "b!  x                     y                     1,000",
    ]


def test_a_terminal_gets_colours_unless_no_color_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[1;31m!" in on_a_terminal(SCREEN, 100, monkeypatch)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "31m" not in on_a_terminal(SCREEN, 100, monkeypatch)


@pytest.mark.parametrize(
    ("columns", "there", "gone"),
    [(80, {"extra", "detail"}, set()), (40, {"detail"}, {"extra"}), (15, set(), {"extra", "detail"})],
)
def test_a_narrow_terminal_loses_columns_in_their_order(
    columns: int, there: set[str], gone: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = on_a_terminal(SCREEN, columns, monkeypatch)
    assert {title for title in ("extra", "detail") if title in shown} == there
    assert all(title not in shown for title in gone)
    assert "1,000" in shown


def test_a_line_of_code_is_never_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "curl " + " ".join(f"word{number}" for number in range(40))
    assert code in on_a_terminal([to_copy(code, indent=4)], 40, monkeypatch)
    assert code not in on_a_terminal([line(code)], 40, monkeypatch)
