"""An answer in which pseudonyms become what they stand for again: whole, or event by event.

A stream's text is held back only where it may be the beginning of a pseudonym, and what is held is told
before the choice is finished. Does not know who answered.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from itertools import pairwise
from typing import Any

import msgspec

from freehold.errors import UpstreamError
from freehold.gateway.events import EventReader
from freehold.privacy import Restorer, restore
from freehold.wire import EventSplitter, Usage, data_of, describe

_encode = msgspec.json.Encoder().encode
_ARGUMENTS = "arguments"  # of a tool: a text that is JSON itself
_IDENTITY = frozenset({"id", "type", "role", "index", "name", "finish_reason"})
# Tokens of the pseudonyms themselves, with their bytes: there are none for what the client is told instead.
_LOGPROBS = "logprobs"
_UNSAID = "[a pseudonym]"  # in what is written down of an error, which names nobody


class Restoring:
    """One answer's way back. `in_json`: its content is JSON, because the client asked for JSON."""

    def __init__(self, originals: Mapping[str, str], *, in_json: bool = False) -> None:
        self._originals = originals
        self._in_json = in_json
        self._open: dict[tuple[Any, ...], Restorer] = {}
        self._last: dict[Any, dict[str, Any]] = {}  # a choice's latest event, as a form for what is held

    def whole(self, body: bytes) -> bytes:
        """A plain answer. One that cannot be decoded here holds nothing to restore: it was refused before."""
        answer = msgspec.json.decode(body)
        if isinstance(answer, dict) and "choices" in answer:
            answer["choices"] = self._restored(answer["choices"], "")
        return _encode(answer)

    def failure(self, error: UpstreamError) -> None:
        """What an upstream says of its failure may repeat what it was asked.

        The client is told it in its own words; what is written down names neither those nor pseudonyms.
        """
        error.body = _encode(self._restored(msgspec.json.decode(describe(error)[1]), ""))
        unsaid = dict.fromkeys(self._originals, _UNSAID)
        error.message, error.said = restore(error.message, unsaid), restore(error.said, unsaid)
        error.args = (error.message,)

    def _restored(self, value: Any, key: str) -> Any:
        if isinstance(value, str):
            return value if key in _IDENTITY else restore(value, self._originals, in_json=self._is_json(key))
        if isinstance(value, dict):
            return {
                name: None if name == _LOGPROBS else self._restored(inner, name)
                for name, inner in value.items()
            }
        if isinstance(value, list):
            return [self._restored(inner, key) for inner in value]
        return value

    def _is_json(self, key: str) -> bool:
        return key == _ARGUMENTS or (self._in_json and key in ("content", "text"))

    def events(self, raw: bytes) -> bytes:
        """Whole events, restored as far as is certain."""
        return b"".join(self._event(event) for event in EventSplitter().feed(raw))

    def end(self) -> bytes:
        """What a stream held back that ended without finishing its choices."""
        return b"".join(self._flush(choice) for choice in list(self._last))

    def _event(self, event: bytes) -> bytes:
        data = data_of(event)
        if not data:
            return event
        chunk = msgspec.json.decode(data)
        choices = chunk.get("choices") if isinstance(chunk, dict) else None
        if not isinstance(choices, list) or not choices:
            return event
        for choice in choices:
            if isinstance(choice, dict):
                self._in_choice(choice, chunk)
        return b"data: " + _encode(chunk) + b"\n\n"

    def _in_choice(self, choice: dict[str, Any], chunk: dict[str, Any]) -> None:
        index = choice.get("index", 0)
        about = {name: value for name, value in chunk.items() if name not in ("choices", "usage")}
        self._last[index] = about | {"index": index, "text": "text" in choice}
        finished = choice.get("finish_reason") is not None
        if _LOGPROBS in choice:
            choice[_LOGPROBS] = None
        for name in ("delta", "text"):
            if name in choice:
                choice[name] = self._pushed(choice[name], name, (index,))
        if finished:
            self._append_rest(choice, index)
            self._last.pop(index, None)

    def _pushed(self, value: Any, key: str, place: tuple[Any, ...]) -> Any:
        """Each text of a delta through the restorer of its place."""
        if isinstance(value, str):
            if key in _IDENTITY:
                return value
            where = (*place, key)
            if where not in self._open:
                self._open[where] = Restorer(self._originals, in_json=self._is_json(key))
            return self._open[where].push(value)
        if isinstance(value, dict):
            inner = (*place, key)
            return {name: self._pushed(each, name, inner) for name, each in value.items()}
        if isinstance(value, list):
            return [
                self._pushed(each, f"#{each.get('index', n) if isinstance(each, dict) else n}", (*place, key))
                for n, each in enumerate(value)
            ]
        return value

    def _append_rest(self, choice: dict[str, Any], index: Any) -> None:
        """What is held for a choice goes into its last event."""
        for place in [place for place in self._open if place[0] == index]:
            rest = self._open.pop(place).end()
            if rest:
                _put(choice, place[1:], rest)

    def _flush(self, index: Any) -> bytes:
        about = self._last.pop(index)
        choice: dict[str, Any] = {"index": about.pop("index"), "finish_reason": None}
        name = "text" if about.pop("text") else "delta"
        choice[name] = "" if name == "text" else {}
        before = _encode(choice)
        self._append_rest(choice, index)
        return (
            b"" if _encode(choice) == before else b"data: " + _encode(about | {"choices": [choice]}) + b"\n\n"
        )


class RestoringReader:
    """An `EventReader` whose events come out restored."""

    __slots__ = ("_reader", "_restoring")

    def __init__(self, reader: EventReader, restoring: Restoring) -> None:
        self._reader = reader
        self._restoring = restoring

    @property
    def usage(self) -> Usage | None:
        return self._reader.usage

    @property
    def model(self) -> str | None:
        return self._reader.model

    async def pieces(self) -> AsyncIterator[bytes]:
        """As the reader's own."""
        try:
            async for events in self._reader.pieces():
                restored = self._restoring.events(events)
                if restored:
                    yield restored
        except UpstreamError as error:
            self._restoring.failure(error)
            raise
        rest = self._restoring.end()
        if rest:
            yield rest

    async def finish(self) -> None:
        await self._reader.finish()

    def close(self) -> None:
        self._reader.close()


Reader = EventReader | RestoringReader


def _put(choice: dict[str, Any], path: tuple[Any, ...], rest: str) -> None:
    """Append `rest` to the text at `path`, making the places on the way that this event does not have."""
    target: Any = choice
    for step, after in pairwise(path):
        if step.startswith("#"):
            number = int(step[1:])
            found = next(
                (each for each in target if isinstance(each, dict) and each.get("index") == number), None
            )
            if found is None:
                found = {"index": number}
                target.append(found)
            target = found
        else:
            if target.get(step) is None:
                target[step] = [] if after.startswith("#") else {}
            target = target[step]
    target[path[-1]] = (target.get(path[-1]) or "") + rest
