"""Simulated embeddings: words hashed into a vector ("feature hashing"), so texts that share words lie near.

The hashing trick is that of Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", 2009.
"""

from __future__ import annotations

import base64
import math
import re
import struct
import zlib
from typing import Any

import msgspec

from freehold.errors import Refused
from freehold.providers.stand_in.exchange import Exchange
from freehold.providers.stand_in.tokens import count
from freehold.wire import Ask, invalid_type

DIMENSIONS = 256
_MOST_TEXTS = 2048
_WORD = re.compile(r"\w+")
_STEM_LETTERS = 5
_STEM_WEIGHT = 0.5
# Short words are mostly grammar.
_SHORT_LETTERS = 3
_SHORT_WEIGHT = 0.3


def embedded(text: str, dimensions: int = DIMENSIONS) -> list[float]:
    """A vector of length 1, the same for the same text on any machine."""
    vector = [0.0] * dimensions
    for word in _WORD.findall(text.lower()) or [text]:
        weight = _SHORT_WEIGHT if len(word) <= _SHORT_LETTERS and word.isalpha() else 1.0
        _add(vector, word, weight)
        _add(vector, f"{word[:_STEM_LETTERS]}~", weight * _STEM_WEIGHT)  # "order" lies near "orders"
    length = math.sqrt(sum(value * value for value in vector))
    if length == 0:  # the words cancelled each other out
        vector[zlib.crc32(text.encode()) % dimensions] = length = 1.0
    return [value / length for value in vector]


def _add(vector: list[float], feature: str, weight: float) -> None:
    digest = zlib.crc32(feature.encode("utf-8", "surrogatepass"))
    # One bit of the digest gives the sign, so that collisions cancel out on average.
    vector[(digest >> 1) % len(vector)] += weight if digest & 1 else -weight


async def answer(exchange: Exchange, ask: Ask, first_token_seconds: float) -> None:
    """Answer `/v1/embeddings`. Raises `Refused` (400) for what it does not take."""
    texts = _texts(ask.value("input"))
    dimensions, as_base64 = _dimensions(ask.value("dimensions")), _base64(ask.value("encoding_format"))
    await exchange.pause(first_token_seconds)
    data = []
    for index, text in enumerate(texts):
        vector = embedded(text, dimensions)
        data.append(
            {"object": "embedding", "index": index, "embedding": _packed(vector) if as_base64 else vector}
        )
    tokens = sum(count(text) for text in texts)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    body = {"object": "list", "data": data, "model": f"{ask.model}-simulated", "usage": usage}
    await exchange.reply(200, msgspec.json.encode(body))


def _packed(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _texts(value: Any) -> list[str]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise invalid_type("input", "a string or an array of strings (a simulated model has no token ids)")
    if not texts or not all(texts):
        raise Refused(400, "Invalid 'input': it must not be empty.", param="input", code="empty_string")
    if len(texts) > _MOST_TEXTS:
        raise Refused(400, f"Invalid 'input': at most {_MOST_TEXTS} texts can be given.", param="input")
    return texts


def _dimensions(value: Any) -> int:
    if value is None:
        return DIMENSIONS
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= DIMENSIONS:
        raise invalid_type("dimensions", f"an integer from 1 to {DIMENSIONS}")
    return value


def _base64(value: Any) -> bool:
    if value not in (None, "float", "base64"):
        raise invalid_type("encoding_format", '"float" or "base64"')
    return bool(value == "base64")
