"""The output of a Response as it grows: items, their parts, and the events that tell of each step.

One way for plain answers and streams: a plain answer is a stream of one piece. Events are dicts without
sequence numbers. Order and names: OpenAI's API reference, `ResponseStreamEvent`. Knows no I/O.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from freehold.wire.responses.said import Choice, Logprob, ToolCall, malformed

Event = dict[str, Any]

# The field that holds a part's text, and the events that tell of it, by the part's type.
_TEXT_FIELD = {"output_text": "text", "refusal": "refusal", "reasoning_text": "text"}


@dataclass(slots=True)
class Part:
    """A piece of a message or of reasoning, still growing."""

    type: str
    texts: list[str] = field(default_factory=list)
    logprobs: list[dict[str, Any]] = field(default_factory=list)

    def beside(self, logprobs: list[dict[str, Any]]) -> dict[str, Any]:
        """What only text carries."""
        return {"logprobs": logprobs} if self.type == "output_text" else {}

    def shape(self) -> dict[str, Any]:
        shape: dict[str, Any] = {"type": self.type, _TEXT_FIELD[self.type]: "".join(self.texts)}
        if self.type == "output_text":
            shape |= {"annotations": [], "logprobs": list(self.logprobs)}
        return shape


@dataclass(slots=True)
class Spoken:
    """A message, or reasoning: parts one after another, the last of them open."""

    id: str
    index: int
    type: str
    parts: list[Part] = field(default_factory=list)
    status: str = "in_progress"

    def shape(self, status: str | None = None) -> dict[str, Any]:
        content = [part.shape() for part in self.parts]
        shape: dict[str, Any] = {
            "id": self.id,
            "type": self.type,
            "status": status or self.status,
            "content": content,
        }
        more: dict[str, Any] = {"role": "assistant"} if self.type == "message" else {"summary": []}
        return shape | more

    def say(self, type_: str, text: str, logprobs: list[dict[str, Any]]) -> list[Event]:
        events: list[Event] = []
        if not self.parts or self.parts[-1].type != type_:
            events += self._close_part()
            self.parts.append(Part(type_))
            events.append(self._event("response.content_part.added", part=self.parts[-1].shape()))
        part = self.parts[-1]
        part.logprobs += logprobs
        if text:
            part.texts.append(text)
            events.append(self._event(f"response.{type_}.delta", delta=text, **part.beside(logprobs)))
        return events

    def close(self, status: str) -> list[Event]:
        events = self._close_part()
        self.status = status
        return [*events, _item_event("done", self.index, self.shape())]

    def _close_part(self) -> list[Event]:
        if not self.parts:
            return []
        part = self.parts[-1]
        name = _TEXT_FIELD[part.type]
        shape = part.shape()
        return [
            self._event(f"response.{part.type}.done", **{name: shape[name]}, **part.beside(part.logprobs)),
            self._event("response.content_part.done", part=shape),
        ]

    def _event(self, type_: str, **more: Any) -> Event:
        place = {"item_id": self.id, "output_index": self.index, "content_index": len(self.parts) - 1}
        return {"type": type_, **place, **more}


@dataclass(slots=True)
class Call:
    """A function call. It becomes an item when its name is known; arguments that came before wait."""

    id: str
    call_id: str
    name: str = ""
    index: int | None = None
    arguments: list[str] = field(default_factory=list)
    status: str = "in_progress"

    def shape(self, status: str | None = None) -> dict[str, Any]:
        return {
            "id": self.id,
            "type": "function_call",
            "status": status or self.status,
            "arguments": "".join(self.arguments),
            "call_id": self.call_id,
            "name": self.name,
        }

    def open(self, index: int) -> list[Event]:
        self.index = index
        waited = self.arguments
        self.arguments = []
        added = _item_event("added", index, self.shape())
        return [added, *(event for piece in waited for event in self.say(piece))]

    def say(self, piece: str) -> list[Event]:
        if not piece:
            return []
        self.arguments.append(piece)
        return [] if self.index is None else [self._event("delta", delta=piece)]

    def close(self, status: str) -> list[Event]:
        arguments = "".join(self.arguments)
        self.status = status
        done = self._event("done", name=self.name, arguments=arguments)
        return [done, _item_event("done", self.index, self.shape())]

    def _event(self, step: str, **more: Any) -> Event:
        place = {"item_id": self.id, "output_index": self.index}
        return {"type": f"response.function_call_arguments.{step}", **place, **more}


def _item_event(step: str, index: int | None, item: dict[str, Any]) -> Event:
    return {"type": f"response.output_item.{step}", "output_index": index, "item": item}


class Output:
    """All items of one Response. `stem` makes their ids."""

    __slots__ = ("_by_index", "_calls", "_items", "_logprobs", "_speaking", "_stem", "_wants_logprobs")

    def __init__(self, stem: str, *, wants_logprobs: bool) -> None:
        self._stem = stem
        self._wants_logprobs = wants_logprobs
        self._items: list[Spoken | Call] = []
        self._speaking: Spoken | None = None  # the message or reasoning that is open
        self._calls: list[Call] = []
        self._by_index: dict[int, Call] = {}
        self._logprobs: list[dict[str, Any]] = []  # of tokens that have no text yet (half a character)

    def shapes(self, unfinished: str | None = None) -> list[dict[str, Any]]:
        """The items as they are; with `unfinished` that is the status of those still open."""
        return [item.shape(unfinished if item.status == "in_progress" else None) for item in self._items]

    def take(self, choice: Choice) -> list[Event]:
        """What one chunk, or a whole answer, adds. Raises `UpstreamError` where it cannot be placed."""
        if self._wants_logprobs and choice.logprobs is not None:
            self._logprobs += [_logprob(entry) for entry in choice.logprobs.content or ()]
        said = choice.said
        thought, text = said.texts()
        events: list[Event] = []
        if thought:
            events += self._speak("reasoning", "reasoning_text", thought)
        if text:
            events += self._speak("message", "output_text", text)
        if said.refusal:
            events += self._speak("message", "refusal", said.refusal)
        for position, call in enumerate(said.tool_calls or ()):
            events += self._take_call(call, position if choice.message is not None else call.index)
        return events

    def close(self, status: str) -> list[Event]:
        """Closes what is open. The last item has the Response's `status`; those before it are complete.

        A Response is never without an item: clients look for the message. Raises `UpstreamError` where a
        call never got its name.
        """
        events: list[Event] = []
        if any(call.index is None for call in self._calls):
            raise malformed("a tool call without the name of its function")
        if not self._items:
            events += self._speak("message", "output_text", "")
        self._settle_logprobs()
        for item in self._items:
            if item.status == "in_progress":
                events += item.close(status if item is self._items[-1] else "completed")
        return events

    def _speak(self, item_type: str, part_type: str, text: str) -> list[Event]:
        events: list[Event] = []
        if self._speaking is None or self._speaking.type != item_type:
            events += self._hush()
            prefix = "msg" if item_type == "message" else "rs"
            index = len(self._items)
            self._speaking = Spoken(f"{prefix}_{self._stem}{index:02x}", index, item_type)
            self._items.append(self._speaking)
            events.append(_item_event("added", index, self._speaking.shape()))
        logprobs: list[dict[str, Any]] = []
        if part_type == "output_text":
            logprobs, self._logprobs = self._logprobs, []
        return events + self._speaking.say(part_type, text, logprobs)

    def _hush(self) -> list[Event]:
        """Closes the open message or reasoning, because something else begins."""
        if self._speaking is None:
            return []
        self._settle_logprobs()
        events = self._speaking.close("completed")
        self._speaking = None
        return events

    def _settle_logprobs(self) -> None:
        """Tokens whose text never came belong to the text before them."""
        if self._speaking is not None and self._speaking.parts[-1].type == "output_text":
            self._speaking.parts[-1].logprobs += self._logprobs
            self._logprobs = []

    def _take_call(self, piece: ToolCall, index: int | None) -> list[Event]:
        if piece.function is None:
            if not piece.id:
                return []
            raise malformed("a tool call that is not of a function")
        call = self._call_of(piece, index)
        events: list[Event] = []
        if call.index is None:
            call.name = piece.function.name or ""
            if call.name:
                events += self._hush()
                events += call.open(len(self._items))
                self._items.append(call)
        arguments = piece.function.arguments
        if isinstance(arguments, dict):
            arguments = msgspec.json.encode(arguments).decode()
        return events + call.say(arguments or "")

    def _call_of(self, piece: ToolCall, index: int | None) -> Call:
        """The call that a piece belongs to: by its index, else by its id, else the latest.

        Some hosts number every call 0: a new id together with a name is a new call all the same.
        """
        if index is not None:
            known = self._by_index.get(index)
        elif piece.id:
            known = next((call for call in self._calls if call.call_id == piece.id), None)
        else:
            known = self._calls[-1] if self._calls else None
        named = piece.function is not None and bool(piece.function.name)
        if known is not None and not (named and piece.id and piece.id != known.call_id):
            return known
        number = len(self._calls)
        call = Call(f"fc_{self._stem}{number:02x}", piece.id or f"call_{self._stem}{number:02x}")
        self._calls.append(call)
        if index is not None:
            self._by_index[index] = call
        return call


def _logprob(entry: Logprob) -> dict[str, Any]:
    """A Response has no null for the bytes of a token that has none."""
    top = [{"token": t.token, "logprob": t.logprob, "bytes": t.bytes or []} for t in entry.top_logprobs or ()]
    return {
        "token": entry.token,
        "logprob": entry.logprob,
        "bytes": entry.bytes or [],
        "top_logprobs": top,
    }
