"""A request's private values replaced by pseudonyms, looked at again, in a few rounds.

A model of names reads what stands around a word, so the changed text may show it another one: that is
replaced too. What is still found after the last round stays in the label. Does not know who may receive what,
nor how a text is scanned.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from freehold.privacy import NAME_TYPES, Book, Echoes, Span, replace_everywhere, replace_spans
from freehold.wire import Ask, Passage, is_word, passages

_anything = msgspec.json.Decoder(Any)
# The first replaces what was found, the others what the changed text shows beside it: nearly always nothing.
_ROUNDS = 4


class Looked(msgspec.Struct, frozen=True):
    """What is in a passage: `within` its text, and `across` the seams between its parts, in no one part."""

    within: tuple[Span, ...]
    across: tuple[Span, ...] = ()

    @property
    def all(self) -> tuple[Span, ...]:
        return self.within + self.across


Look = Callable[[Passage], Looked]
Places = Mapping[str, Collection[Span]]
"""Of a text that stands somewhere in a request: what is to be replaced in it."""


def replaced(ask: Ask, look: Look, book: Book) -> tuple[Ask, tuple[Span, ...]]:
    """`ask` with a pseudonym for whatever can be replaced, and what is found in it nevertheless.

    Raises what `look` raises, and `NoPseudonym`.
    """
    masks = _Masks(book)
    lasting: tuple[Span, ...] = ()
    for _ in range(_ROUNDS):
        left, places = _found(ask, look, masks)
        # A pseudonym in place of a document's part does not make the rest of the document anybody's.
        lasting += tuple(span for span in left if span.known == "document")
        if not places:
            return ask, left + lasting
        ask = masks.replaced(ask, places)
    left, _ = _found(ask, look, masks)
    return ask, left + lasting


def _found(ask: Ask, look: Look, masks: _Masks) -> tuple[tuple[Span, ...], Places]:
    """Everything that is found where no pseudonym stands, and as much of it as can be replaced."""
    left: list[Span] = []
    places: dict[str, set[Span]] = {}
    asked = passages(ask)
    for passage in asked:
        hidden = Passage(tuple(map(masks.hide, passage.parts)))
        looked = look(hidden)
        left += looked.all
        if looked.within:
            for at, span in _in_parts(looked.within, hidden, look):
                places.setdefault(passage.parts[at], set()).add(span)
    _add_echoes(places, asked, masks)
    return tuple(left), places


def _in_parts(found: Iterable[Span], passage: Passage, look: Look) -> Iterator[tuple[int, Span]]:
    """Each span with the number of the part that it is in, its place counted from the part's beginning.

    What lies over the end of a part is no single text. Of a name each part's share is replaced; for anything
    else only what is found in the part alone.
    """
    at, start = 0, 0
    for span in sorted(found, key=lambda span: span.start):
        while span.start > start + len(passage.parts[at]):
            start += len(passage.parts[at]) + 1
            at += 1
        if span.end <= start + len(passage.parts[at]):
            yield at, _moved(span, -start)
        else:
            yield from _shares(_moved(span, -start), passage, at, look)


def _shares(span: Span, passage: Passage, at: int, look: Look) -> Iterator[tuple[int, Span]]:
    """A span that begins in the part `at` and ends in a later one."""
    while span.end > 0:
        part = passage.parts[at]
        if span.type in NAME_TYPES:
            share = Span(max(0, span.start), min(len(part), span.end), span.type, span.score, span.known)
            if share.end > share.start:
                yield at, share
        else:
            yield from ((at, own) for own in look(Passage((part,))).within)
        span = _moved(span, -len(part) - 1)
        at += 1


def _moved(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by, span.type, span.score, span.known)


def _add_echoes(places: dict[str, set[Span]], asked: Iterable[Passage], masks: _Masks) -> None:
    """A name that was found in one place is replaced wherever else it stands as it is written there."""
    echoes = Echoes()
    for text, spans in places.items():
        for span in spans:
            echoes.hear(text[span.start : span.end], span.type)
    if not echoes:
        return
    for text in {part for passage in asked for part in passage.parts}:
        again = echoes.find(masks.hide(text))
        if again:
            places.setdefault(text, set()).update(again)


class _Masks:
    """Texts with pseudonyms in them, and how they look with the pseudonyms hidden, sign for sign as long."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._hidden: dict[str, str] = {}

    def hide(self, text: str) -> str:
        return self._hidden.get(text, text)

    def replaced(self, ask: Ask, places: Places) -> Ask:
        made = {text: self._text(text, spans) for text, spans in places.items()}
        fields = {
            name if is_word(name) else made.get(name, name): self._field(name, raw, made)
            for name, raw in ask.fields.items()
        }
        return msgspec.structs.replace(ask, fields=fields)

    def _field(self, name: str, raw: msgspec.Raw, made: Mapping[str, str]) -> msgspec.Raw:
        if name == "model":
            return raw
        try:
            said = _anything.decode(raw)
        except msgspec.DecodeError:
            return raw  # has no texts in it: what is found in it stays in the label
        redacted = replace_everywhere(said, lambda text: made.get(text, text))
        return raw if redacted == said else msgspec.Raw(msgspec.json.encode(redacted))

    def _text(self, text: str, spans: Collection[Span]) -> str:
        hidden = self.hide(text)
        open_ = [part for span in spans for part in _beside_masks(span, text, hidden)]
        made = replace_spans(text, open_, self._book.issue)
        self._hidden[made] = replace_spans(hidden, open_, self._mask)
        return made

    def _mask(self, type_: str, value: str) -> str:
        """What stands for a pseudonym when the rest is looked at: a sign that belongs to no value."""
        return " …".ljust(len(self._book.issue(type_, value)))


def _beside_masks(span: Span, text: str, hidden: str) -> Iterator[Span]:
    """As much of a span as no pseudonym stands in."""
    if text[span.start : span.end] == hidden[span.start : span.end]:
        yield span
        return
    start = span.start
    for at in range(span.start, span.end + 1):
        if at == span.end or text[at] != hidden[at]:
            if any(map(str.isalnum, text[start:at])):
                yield Span(start, at, span.type, span.score, span.known)
            start = at + 1
