"""OpenAI's shapes: requests, usage, errors, server-sent events. Does not know any I/O."""

from freehold.wire.ask import Ask, Endpoint, read_ask
from freehold.wire.errors import (
    describe,
    error_body,
    incorrect_api_key,
    invalid_type,
    missing_api_key,
    missing_parameter,
    model_not_found,
    unparseable_body,
)
from freehold.wire.folding import Folding
from freehold.wire.moderations import MODERATION_CATEGORIES, moderation_answer, moderation_texts
from freehold.wire.passages import Passage, is_word, passages
from freehold.wire.responses import (
    Item,
    ResponseAsk,
    ResponseStream,
    deleted,
    input_items,
    item_list,
    previous_response_not_found,
    read_response_ask,
    response_not_found,
    to_chat,
    to_response,
)
from freehold.wire.sse import DONE, EventSplitter, EventTooLong, data_of, event_of
from freehold.wire.usage import Content, Usage, check_object, read_answer, read_whole

__all__ = [
    "DONE",
    "MODERATION_CATEGORIES",
    "Ask",
    "Content",
    "Endpoint",
    "EventSplitter",
    "EventTooLong",
    "Folding",
    "Item",
    "Passage",
    "ResponseAsk",
    "ResponseStream",
    "Usage",
    "check_object",
    "data_of",
    "deleted",
    "describe",
    "error_body",
    "event_of",
    "incorrect_api_key",
    "input_items",
    "invalid_type",
    "is_word",
    "item_list",
    "missing_api_key",
    "missing_parameter",
    "model_not_found",
    "moderation_answer",
    "moderation_texts",
    "passages",
    "previous_response_not_found",
    "read_answer",
    "read_ask",
    "read_response_ask",
    "read_whole",
    "response_not_found",
    "to_chat",
    "to_response",
    "unparseable_body",
]
