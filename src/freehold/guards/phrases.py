"""Words and phrases found in one pass, by a tree of words. Knows no categories and no weights."""

from __future__ import annotations

from collections.abc import Iterable

from freehold.guards.text import Words

MOST_WORDS = 16


class _Node:
    """Where a phrase may go on from here, and the numbers of the phrases that end here."""

    __slots__ = ("ends", "next")

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.ends: list[int] = []


class Phrases:
    """Phrases by number.

    A phrase is found where its words stand in a row, whatever stands between them that is no word: `do it` is
    in `Do -- it!`, not in `redo it`.
    """

    def __init__(self, words: Words, phrases: Iterable[tuple[int, str]]) -> None:
        self._words = words
        self._root = _Node()
        for number, phrase in phrases:
            node = self._root
            for word in words.of(phrase):
                node = node.next.setdefault(word, _Node())
            node.ends.append(number)

    def find(self, text: str) -> set[int]:
        """The numbers of all phrases in `text`, which is normalised. At most `MOST_WORDS` steps a word."""
        found: set[int] = set()
        root = self._root.next
        under_way: list[_Node] = []
        for word in self._words.each(text):
            if not under_way and word not in root:
                continue
            reached = [node.next[word] for node in under_way if word in node.next]
            if word in root:
                reached.append(root[word])
            for node in reached:
                found.update(node.ends)
            under_way = [node for node in reached if node.next]
        return found
