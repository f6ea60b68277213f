"""Whether a value that stands where a secret would stand is one: a literal, not a placeholder, not a name.

Knows values only; where they stand is another part's.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Final

_PLACEHOLDER: Final = re.compile(
    r"[<\[{(%$#@&*]|https?:|\.\.\.|…|x{3,}|\*{2,}|your|example|sample|placeholder|changeme|change_me|dummy|insert|enter"
    r"|redacted|replace|todo|none|null|nil|undefined|true|false|secret_?key|api_?key|my_?secret|my_?token|token_?here"
    r"|test_?key|fake|lorem|foobar|process\.env|os\.environ|getenv|config|settings|self\.|this\.|request\.|abcdef"
    r"|required|optional|invalid|string|encrypted|default|password|passwd|12345|00000|-----",
    re.IGNORECASE,
)
_NAME: Final = re.compile(r"[A-Za-z]+(?:[_\-. /:][A-Za-z]+)*|[a-z]+(?:[A-Z][a-z]+)+|[A-Z_]+|[\w.]+\(.*")
_UUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_HEX: Final = re.compile(r"[0-9a-fA-F]+")
_SHORTEST_KEY: Final = 12
_SHORTEST_PASSWORD: Final = 5
_LEAST_BITS: Final = 3.0
_LEAST_HEX_BITS: Final = 2.8


def entropy_bits(value: str) -> float:
    """Shannon's entropy per character."""
    count = len(value)
    return -sum(n / count * math.log2(n / count) for n in Counter(value).values())


def is_key(value: str) -> bool:
    """A value of a key, token or secret: long, of high entropy, no name and no placeholder."""
    if len(value) < _SHORTEST_KEY or " " in value or _PLACEHOLDER.search(value) or _NAME.fullmatch(value):
        return False
    if _UUID.fullmatch(value) is not None:
        return False
    if not any(sign.isdigit() for sign in value):
        return len(value) > 2 * _SHORTEST_KEY and entropy_bits(value) > _LEAST_BITS + 1
    least = _LEAST_HEX_BITS if _HEX.fullmatch(value) else _LEAST_BITS
    return entropy_bits(value) >= least


def is_password(value: str) -> bool:
    """A value of a password: a literal with something that no word has."""
    if len(value) < _SHORTEST_PASSWORD or " " in value or _NAME.fullmatch(value):
        return False
    if _PLACEHOLDER.match(value) is not None or _PLACEHOLDER.fullmatch(value) is not None:
        return False
    kinds = sum((any(map(str.isdigit, value)), any(map(str.isupper, value)), any(map(str.islower, value))))
    odd = any(not sign.isalnum() and sign not in "_-./:" for sign in value)
    code = any(sign in "()[]{}=<>" for sign in value)
    return (kinds + odd) > 1 and not code and any(sign.isalpha() for sign in value)


def is_plainly_one(value: str) -> bool:
    """Whether a value looks like a password even where no word says that it follows."""
    odd = any(not sign.isalnum() and sign not in "_-./:'" for sign in value)
    return odd and any(map(str.isdigit, value)) and any(map(str.isalpha, value))
