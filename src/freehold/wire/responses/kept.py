"""Responses that a route keeps: their items, and what is said where there are none. Shapes only; no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from freehold.errors import Refused
from freehold.wire.responses.items import Item
from freehold.wire.responses.request import ResponseAsk

_PREFIXES = {"message": "msg", "function_call": "fc", "function_call_output": "fco", "reasoning": "rs"}


def input_items(ask: ResponseAsk, id_: str, stored: Mapping[str, Item] | None = None) -> list[Item]:
    """The input of the response `id_` as items with ids, as they are listed and as `history` takes them.

    References become the items in `stored` that they name. `history` of a response that continues this one is
    its own history, these items, and its output.
    """
    stem, known = id_.removeprefix("resp_"), stored or {}
    named = [known.get(item["id"]) if _is_reference(item) else item for item in ask.items]
    return [_listed(item, f"{stem}i{n:02x}") for n, item in enumerate(named) if item is not None]


def _is_reference(item: Item) -> bool:
    return item.get("type") == "item_reference" or set(item) <= {"id", "type"}


def _listed(item: Item, stem: str) -> Item:
    """An item with all that the document wants of one that is read back; an id that is there stays."""
    type_ = item.get("type") or "message"
    more = _content(item) if type_ == "message" else {}
    id_ = item.get("id") or f"{_PREFIXES[type_]}_{stem}"
    return item | more | {"type": type_, "id": id_, "status": item.get("status") or "completed"}


def _content(item: Item) -> dict[str, Any]:
    said = item["role"] == "assistant"
    content = item["content"]
    if isinstance(content, str):
        content = [{"type": "output_text" if said else "input_text", "text": content}]
    return {"content": [_part(part, said=said) for part in content]}


def _part(part: dict[str, Any], *, said: bool) -> dict[str, Any]:
    if part["type"] == "input_image":
        return part if part.get("detail") else part | {"detail": "auto"}
    if said and part["type"] != "refusal":
        return {"type": "output_text", "text": part["text"], "annotations": [], "logprobs": []}
    return part


def item_list(items: Sequence[Item], *, has_more: bool = False) -> bytes:
    """A page of items. The ids of its ends are empty where it is."""
    return msgspec.json.encode(
        {
            "object": "list",
            "data": items,
            "has_more": has_more,
            "first_id": items[0]["id"] if items else "",
            "last_id": items[-1]["id"] if items else "",
        }
    )


def deleted(id_: str) -> bytes:
    return msgspec.json.encode({"id": id_, "object": "response", "deleted": True})


def response_not_found(id_: str) -> Refused:
    return Refused(404, f"Response with id '{id_[:100]}' not found.", param="response_id")


def previous_response_not_found(id_: str, setting: str | None = None) -> Refused:
    """404; `setting` says what would keep responses, where nothing does (`[routes.faq] store = true`)."""
    hint = "" if setting is None else f" Responses are not kept here: that needs `{setting}`."
    return Refused(
        404,
        f"Previous response with id '{id_[:100]}' not found.{hint}",
        code="previous_response_not_found",
        param="previous_response_id",
    )
