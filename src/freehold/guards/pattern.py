r"""Regular expressions of which we know, before they run, how long they can take.

Python's `re` tries one way after another, and some patterns have more ways than the text has atoms. Here a
pattern may hold literals, `.`, `\d \w \s \b` and their opposites, classes, groups, `|`, and repetitions
with an upper bound. Then its longest match and the steps it may take at one place are numbers that can be
read off it, and the whole search is linear in the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from freehold.guards.text import normalised

LONGEST_PATTERN = 500
MOST_STEPS = 256
WIDEST_MATCH = 500
_MOST_DEPTH = 20
# One call of `re` holds up all other threads; this many places a call keep it below a few milliseconds.
_PLACES_PER_CALL = 1024
_REPEAT = re.compile(r"\?|\{(?P<least>\d{1,4})(?P<to>,(?P<most>\d{1,4})?)?\}")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\\[])*\]", re.DOTALL)
_ESCAPES = frozenset("dDwWsStn")
_EDGES = frozenset("bB")


class Pattern:
    """A checked expression. Raises `ValueError`, in words for a person, for one that is not bounded.

    At one place it may take `most_steps`.
    """

    def __init__(self, source: str, most_steps: int = MOST_STEPS) -> None:
        self.cost = cost_of(source, most_steps)
        try:
            self._compiled = re.compile(source, re.IGNORECASE)
        except re.error as error:
            raise ValueError(f"is not a pattern: {error}") from None
        if self._compiled.match("") is not None:
            raise ValueError("matches the empty text, and so every text")

    @property
    def expression(self) -> re.Pattern[str]:
        """As `re` runs it, without regard to case."""
        return self._compiled

    def found_in(self, text: str) -> bool:
        """Whether it is anywhere in `text`, which is normalised. In pieces, so that other threads get on."""
        for start in range(0, len(text), _PLACES_PER_CALL):
            end = start + _PLACES_PER_CALL
            # One more than the widest match, so that an edge at its end is seen with what follows.
            match = self._compiled.search(text, start, end + self.cost.width + 1)
            if match is not None and match.start() < end:
                return True
        return False


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one part of a pattern: its longest match, the ways it can match at one place, the steps to try all.

    `first` is the one letter that it must begin with, `None` where that is not known.
    """

    width: int
    ways: int
    steps: int
    first: str | None = None

    def then(self, other: Cost) -> Cost:
        steps = self.steps + self.ways * other.steps
        first = other.first if self.width == 0 else self.first
        return Cost(self.width + other.width, self.ways * other.ways, steps, first)

    def repeated(self, least: int, most: int, most_steps: int = MOST_STEPS) -> Cost:
        """Between `least` and `most` times: the ways and steps of each count, added up."""
        ways, steps, reached = (1 if least == 0 else 0), 1, 1
        for count in range(1, most + 1):
            steps += reached * self.steps
            reached *= self.ways
            ways += reached if count >= least else 0
            if steps > most_steps:
                raise _too_slow(most_steps)
        return Cost(self.width * most, ways, steps, None if least == 0 else self.first)


_NOTHING = Cost(0, 1, 0)
_CHARACTER = Cost(1, 1, 1)
_EDGE = Cost(0, 1, 1)


def _any_of(choices: list[Cost]) -> Cost:
    """Of choices that begin with different letters only those of one letter can match at one place."""
    if len(choices) == 1:
        return choices[0]
    groups: dict[str | None, list[Cost]] = {}
    for choice in choices:
        groups.setdefault(choice.first, []).append(choice)
    together = [choices] if None in groups else list(groups.values())
    return Cost(
        max(choice.width for choice in choices),
        max(sum(choice.ways for choice in group) for group in together),
        len(choices) + max(sum(choice.steps for choice in group) for group in together),
    )


def cost_of(source: str, most_steps: int = MOST_STEPS) -> Cost:
    """The cost of a pattern. Raises `ValueError` where it is not bounded, or by too much."""
    if len(source) > LONGEST_PATTERN:
        raise ValueError(f"is longer than {LONGEST_PATTERN} characters")
    walk = _Walk(source, most_steps)
    cost = walk.either(0)
    if walk.at < len(source):
        raise ValueError(f"has a ) too many, at character {walk.at + 1}")
    if cost.steps > most_steps:
        raise _too_slow(most_steps)
    if cost.width > WIDEST_MATCH:
        raise ValueError(f"can match more than {WIDEST_MATCH} characters")
    return cost


def _too_slow(most_steps: int) -> ValueError:
    return ValueError(
        f"can take more than {most_steps} steps at one place: repeat less, and nothing that itself repeats"
    )


class _Walk:
    def __init__(self, source: str, most_steps: int) -> None:
        self._source = source
        self._most_steps = most_steps
        self.at = 0

    def either(self, depth: int) -> Cost:
        if depth > _MOST_DEPTH:
            raise ValueError(f"nests groups more than {_MOST_DEPTH} deep")
        choices = [self._sequence(depth)]
        while self._peek() == "|":
            self.at += 1
            choices.append(self._sequence(depth))
        return _any_of(choices)

    def _sequence(self, depth: int) -> Cost:
        cost = _NOTHING
        while self.at < len(self._source) and self._peek() not in "|)":
            cost = cost.then(self._repeated(self._item(depth)))
            if cost.steps > self._most_steps:
                raise _too_slow(self._most_steps)
        return cost

    def _repeated(self, item: Cost) -> Cost:
        char = self._peek()
        if char in ("*", "+"):
            instead = "{0,20}" if char == "*" else "{1,20}"
            raise ValueError(f"repeats without end ({char} at character {self.at + 1}): write {instead}")
        found = _REPEAT.match(self._source, self.at)
        if found is None:
            return item
        self.at = found.end()
        if found.group() == "?":
            return item.repeated(0, 1, self._most_steps)
        if found["to"] is not None and found["most"] is None:
            raise ValueError("repeats without end ({n,}): write both bounds, as {1,20}")
        least = int(found["least"])
        most = least if found["most"] is None else int(found["most"])
        return item.repeated(least, most, self._most_steps)

    def _item(self, depth: int) -> Cost:
        char = self._peek()
        if char == "(":
            return self._group(depth)
        if char == "[":
            found = _CLASS.match(self._source, self.at)
            if found is None:
                raise ValueError(f"has a class without its ], at character {self.at + 1}")
            self.at = found.end()
            return _CHARACTER
        if char == "\\":
            return self._escape()
        if char in "?{":
            raise ValueError(f"repeats nothing, at character {self.at + 1}")
        self.at += 1
        if char in ".^$":
            return _CHARACTER if char == "." else _EDGE
        return Cost(1, 1, 1, char.casefold())

    def _group(self, depth: int) -> Cost:
        opened = self.at
        self.at += 1
        if self._source.startswith("?:", self.at):
            self.at += 2
        elif self._peek() == "?":
            raise ValueError(f"has a (?…) at character {opened + 1}; only (…) and (?:…) are taken")
        cost = self.either(depth + 1)
        if self._peek() != ")":
            raise ValueError(f"has a group without its ), at character {opened + 1}")
        self.at += 1
        return cost

    def _escape(self) -> Cost:
        char = self._source[self.at + 1 : self.at + 2]
        self.at += 2
        if char in _EDGES and char:
            return _EDGE
        if not char or (char.isalnum() and char not in _ESCAPES):
            raise ValueError(rf"has \{char} at character {self.at - 1}, which is not taken")
        return _CHARACTER

    def _peek(self) -> str:
        return self._source[self.at : self.at + 1]


def pattern_of(text: str) -> Pattern:
    """The pattern as it is written in a file, in the spelling of the text that it is matched with."""
    return Pattern(text if text.isascii() else "".join(map(_spelled, text)))


def _spelled(char: str) -> str:
    """A letter's own normal form where that is one letter: a class or a bound keeps its shape."""
    normal = normalised(char)
    return normal if not char.isascii() and len(normal) == 1 and normal.isalnum() else char
