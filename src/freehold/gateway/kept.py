"""Responses that a route keeps: continued, shown and deleted, by whoever's key made them.

They are payloads of the ledger; a response's id is its request's id under another prefix.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from freehold.access import Key
from freehold.gateway.house import Route
from freehold.ledger import LedgerReader, Payload, forget
from freehold.wire import (
    Item,
    ResponseAsk,
    deleted,
    input_items,
    item_list,
    previous_response_not_found,
    read_response_ask,
    response_not_found,
)

T = TypeVar("T")

History = tuple[list[Item], str | None, list[str | None]]

RESPONSES = "responses"

# A conversation longer than this is cut off at its beginning by no model's context anyway.
_LONGEST_CHAIN = 1000


def response_id(request_id: str) -> str:
    return "resp_" + request_id.removeprefix("req_")


def _request_id(id_: str) -> str:
    return "req_" + id_.removeprefix("resp_")


class Kept:
    """What is kept in the ledger at `path` and belongs to `key`. Reads run in a thread."""

    def __init__(self, path: Path, key: Key | None) -> None:
        self._path = path
        self._key = None if key is None else key.id

    async def history(self, asked: ResponseAsk, route: Route) -> History:
        """The items of what `asked` continues, oldest first; the first one's request; their labels.

        Raises `Refused` (404).
        """
        previous = asked.previous_response_id
        if previous is None:
            return [], None, []
        if not route.store:
            raise previous_response_not_found(previous, f"[routes.{route.name}] store = true")
        return await self._read(lambda reader: self._chain(reader, previous))

    async def show(self, id_: str) -> bytes:
        """The response as it was answered. Raises `Refused` (404)."""
        payload = await self._read(lambda reader: self._payload(reader, id_))
        if payload is None:
            raise response_not_found(id_)
        return payload.answer

    async def inputs(self, id_: str) -> bytes:
        """What it was made from, as a list of items. Raises `Refused` (404)."""
        payload = await self._read(lambda reader: self._payload(reader, id_))
        if payload is None:
            raise response_not_found(id_)
        return item_list(input_items(read_response_ask(payload.prompt), id_))

    async def delete(self, id_: str) -> bytes:
        """Forget its content; the record of the request stays. Raises `Refused` (404)."""
        await self.show(id_)
        who = "the client" if self._key is None else self._key
        await asyncio.to_thread(forget, self._path, _request_id(id_), who=who, why="deleted by its API")
        return deleted(id_)

    async def _read(self, work: Callable[[LedgerReader], T]) -> T:
        def run() -> T:
            reader = LedgerReader.open(self._path)
            try:
                return work(reader)
            finally:
                reader.close()

        return await asyncio.to_thread(run)

    def _chain(self, reader: LedgerReader, newest: str) -> History:
        turns: list[list[Item]] = []
        labels: list[str | None] = []
        first = newest
        id_: str | None = newest
        while id_ is not None and len(turns) < _LONGEST_CHAIN:
            payload = self._payload(reader, id_)
            record = reader.request(_request_id(id_))
            if payload is None or record is None:
                raise previous_response_not_found(id_)
            labels.append(record.label)
            asked = read_response_ask(payload.prompt)
            output = msgspec.json.decode(payload.answer)["output"]
            turns.append([*input_items(asked, id_), *output])
            first, id_ = id_, asked.previous_response_id
        return [item for turn in reversed(turns) for item in turn], _request_id(first), labels

    def _payload(self, reader: LedgerReader, id_: str) -> Payload | None:
        request_id = _request_id(id_)
        record = reader.request(request_id) if id_.startswith("resp_") else None
        if record is None or record.endpoint != RESPONSES or record.key != self._key:
            return None
        return reader.payload(request_id)
