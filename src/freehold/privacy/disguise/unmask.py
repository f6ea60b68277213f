"""Which disguises may be there, and what stands beneath. Knows each by one function and its cheap test."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator
from typing import Final

from freehold.privacy.disguise.encoded import decoded
from freehold.privacy.disguise.escapes import unescaped
from freehold.privacy.disguise.fold import folded
from freehold.privacy.disguise.markup import unmarked
from freehold.privacy.disguise.numbers import joined, may_join, unspelled
from freehold.privacy.disguise.stretch import Stretch
from freehold.privacy.reading import Reading
from freehold.privacy.span import Span

# An encoding within an encoding within an encoding; whoever goes further is not talking to a model.
_DEEPEST: Final = 3


def unmasked(
    text: Stretch, reading: Reading, found: Collection[Span], depth: int = 0
) -> Iterator[tuple[Stretch, Reading]]:
    """The texts beneath this one, which was read as `reading`.

    `found` are the spans that were seen in it already, as they are located.
    """
    for view in (unescaped(text), *(decoded(text, reading) if depth < _DEEPEST else ())):
        if view is None:
            continue
        clear = _refolded(view.near_changes())
        read = Reading(clear.text, disguised=True)
        yield clear, read
        if depth < _DEEPEST:
            yield from unmasked(clear, read, (), depth + 1)
    bare = unmarked(text) if reading.has_digit else None
    if bare is not None:
        text, reading = bare, Reading(bare.text)
        yield _respelled(bare)
    spoken = unspelled(text, reading.lower)
    if spoken is not None:
        text, reading = spoken, Reading(spoken.text)
        yield _respelled(spoken)
    if reading.has_number or (reading.has_digit and may_join(reading.text)):
        close = joined(text, found)
        if close is not None:
            yield _respelled(close)


def _respelled(view: Stretch) -> tuple[Stretch, Reading]:
    near = view.near_changes()
    return near, Reading(near.text, disguised=True, respelled=True)


def _refolded(view: Stretch) -> Stretch:
    if view.text.isascii():
        return view
    plain = folded(view.text)
    if plain.starts is None or plain.ends is None or view.starts is None or view.ends is None:
        return view
    return Stretch(
        plain.text,
        [view.starts[at] for at in plain.starts],
        [view.ends[at - 1] for at in plain.ends],
        tuple((bisect_left(plain.starts, at), bisect_left(plain.starts, end)) for at, end in view.changed),
    )
