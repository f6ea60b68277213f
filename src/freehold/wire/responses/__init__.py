"""`/v1/responses` for models that only speak chat: request, answer and stream, translated. Pure."""

from freehold.wire.responses.answer import to_response
from freehold.wire.responses.chat import to_chat
from freehold.wire.responses.items import Item
from freehold.wire.responses.kept import (
    deleted,
    input_items,
    item_list,
    previous_response_not_found,
    response_not_found,
)
from freehold.wire.responses.request import ResponseAsk, read_response_ask
from freehold.wire.responses.stream import ResponseStream

__all__ = [
    "Item",
    "ResponseAsk",
    "ResponseStream",
    "deleted",
    "input_items",
    "item_list",
    "previous_response_not_found",
    "read_response_ask",
    "response_not_found",
    "to_chat",
    "to_response",
]
