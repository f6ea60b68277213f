from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.config.lines import KeyPath, scan


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("# one\n\n[a]\nb = 1", ("a", "b"), 4),
        ("a.b.c = 1\na.b.d = 2", ("a", "b", "d"), 2),
        ("[a.b]\n[a]\nc = 1", ("a", "c"), 3),
        ("[a.b]\nc = 1", ("a",), 1),
        ("[ a . 'b.c' ]\n\"d e\" = 1", ("a", "b.c", "d e"), 2),
        ('"\\u0061" = 1', ("a",), 1),
        ("a = { b = 1, c = { d = 2 } }\ne = 3", ("a", "c", "d"), 1),
        ("a = [\n  1, # one ]\n\n  2,\n]\nb = 1", ("a", 1), 4),
        ("a = [\n  1,\n]\nb = 1", ("b",), 4),
        ("a = [\n[1,\n2],\n{ b =\t3 }]", ("a", 1, "b"), 4),
        ('a = """\n[x]\nb = 1\n"""\nb = 2', ("b",), 5),
        ('a = """x\\""""\nb = 2', ("b",), 2),
        ('a = """x"""""\nb = 2', ("b",), 2),
        ("a = '''\n'' \\ '''''\nb = 2", ("b",), 3),
        ("a = '\\'\nb = 2", ("b",), 2),
        ('a = "# no = comment" # a comment = "\nb = 2', ("b",), 2),
        ("a = 1979-05-27 07:32:00 # then\nb = 2", ("b",), 2),
        ("a = []\nb = {}\nc = 1", ("c",), 3),
        ("[[a]]\nb = 1\n[[a]]\nc = 2", ("a", 1, "c"), 4),
        ("[[a]]\nb = 1\n[a.d]\n[[a]]\n[a.d]\nc = 2", ("a", 1, "d", "c"), 6),
        ("a = 1\r\nb = 2\r\n", ("b",), 2),
    ],
)
def test_a_key_stands_on_its_line(text: str, path: KeyPath, line: int) -> None:
    tomllib.loads(text)
    assert scan(text).find(path) == line


def test_a_missing_key_stands_at_the_nearest_table() -> None:
    lines = scan("x = 1\n[a.b]\nc = 1")
    assert lines.find(("a", "b", "gone")) == 2
    assert lines.find(("a", "gone")) == 2
    assert lines.find(("gone",)) is None


_KEYS = st.one_of(st.from_regex(r"[a-z0-9_-]{1,6}", fullmatch=True), st.text(max_size=5))
_TREES = st.recursive(
    st.just(0),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, min_size=1, max_size=4)
    ),
    max_leaves=12,
)


class _Layout:
    """Writes a tree as TOML in a layout drawn by hypothesis; each number in it is unique."""

    def __init__(self, draw: Any) -> None:
        self._draw = draw
        self._count = 0

    def choose(self, *options: str) -> str:
        return str(self._draw(st.sampled_from(options)))

    def key(self, key: str) -> str:
        if key and key.isascii() and key.replace("-", "").replace("_", "").isalnum():
            return self.choose(key, f'"{key}"', f"'{key}'")
        return '"' + "".join(f"\\U{ord(letter):08X}" for letter in key) + '"'

    def number(self) -> str:
        self._count += 1
        return str(1_000_000 + self._count)

    def value(self, tree: Any) -> str:
        if isinstance(tree, list):
            blank = self.choose("", " ", "\n", " # ]}\n\n", "\r\n\t")
            return "[" + blank + f",{blank}".join(self.value(item) + blank for item in tree) + "]"
        if isinstance(tree, dict):
            pairs = (f"{self.key(key)} = {self.value(value)}" for key, value in tree.items())
            return "{ " + ", ".join(pairs) + " }"
        return self.number()

    def table(self, tree: dict[str, Any], header: str) -> str:
        own, below = [], []
        for key, value in tree.items():
            written = self.key(key)
            if isinstance(value, dict) and self.choose("below", "here") == "below":
                below.append(self.table(value, f"{header} . {written}" if header else written))
            else:
                own.append(f"{written}{self.choose('', ' ', '  ')}= {self.value(value)} # {written!r} = 1\n")
        gap = self.choose("", "\n", "# [x]\n", "text = 1\n" if not header and "text" not in tree else "")
        return (f"[{header}]\n" if header else "") + gap + "".join(own) + "".join(below)


def _leaves(tree: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, int]]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from _leaves(value, (*path, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from _leaves(value, (*path, index))
    else:
        yield path, tree


@given(st.data(), st.dictionaries(_KEYS, _TREES, max_size=4))
def test_in_any_layout_each_value_stands_on_the_line_that_was_found(
    data: st.DataObject, tree: dict[str, Any]
) -> None:
    text = _Layout(data.draw).table(tree, "")
    lines = scan(text)
    for path, value in _leaves(tomllib.loads(text)):
        line = lines.find(path)
        assert line is not None
        assert str(value) in text.split("\n")[line - 1]
