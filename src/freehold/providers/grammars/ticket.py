"""The grammar ``ticket``: compact JSON with intent, priority, and an order id that stands in this ticket.

A small model copies numbers unsurely; here it only has to choose among those that the text contains, or null.
It does not know which of them is the order id.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

INTENTS = ("refund", "replacement", "delivery", "invoice", "cancellation", "account", "technical", "other")
PRIORITIES = ("urgent", "high", "normal", "low")
MOST_IDS = 32
_LONGEST_ID = 40
_SHORTEST_ID = 3  # shorter ones are counts ("2 mugs") unless a # or a word such as "order" stands before them
_MOST_TEXT = 65_536  # characters read; a ticket is shorter, and a longer text must not cost more

# Letters and digits, joined singly by - / _ inside, or by a dot before a digit: 48213, ORD-2024-113.
# Linear: no character can be matched in two ways.
_ID = re.compile(r"[^\W_]+(?:(?:[-/_]|\.(?=[0-9]))[^\W_]+)*")
_GLUED = re.compile(
    r"(?:order|number|num|nr|no|ref)\.?(?=[0-9])|[^\W\d_]+\.", re.IGNORECASE
)  # no.55-1234, order48213
_NO_ID = re.compile(  # ordinals, times of day, days of the year: never an id unless a word says so
    r"[0-9]{1,2}(?:st|nd|rd|th|am|pm)|[0-9]{1,2}[/.-][0-9]{1,2}(?:[/.-](?:[0-9]{2}){1,2})?|20[0-9]{2}-[01][0-9]-[0-3][0-9]",
    re.IGNORECASE,
)
_MONEY = "£$€+"  # a price follows, or a telephone number
_TWO_WORDS = re.compile(r"(?<![^\W_])(?!PO |NO |NR |ID |REF )[A-Z]{1,4} (?=[0-9])")  # "GB 7712"
_ANNOUNCED = re.compile(
    r"(?:#|№|n[o°]\.?|nr\.?|num(?:ber|mer)?|order|id|ref(?:erence)?\.?|purchase|po|booking|:)[ :#]*$",
    re.IGNORECASE,
)
_BEFORE = 16  # characters looked at before a candidate for a word that announces it


def grammar(text: str) -> str:
    """GBNF for the answer to this ticket, at most 32 order ids long."""
    return "\n".join(
        (
            r'root ::= "{\"intent\":\"" intent "\",\"priority\":\"" priority "\",\"order_id\":" order "}"',
            f"intent ::= {_choice(INTENTS)}",
            f"priority ::= {_choice(PRIORITIES)}",
            f"order ::= {_choice(('null', *(_json_string(found) for found in order_ids(text))))}",
            "",
        )
    )


def order_ids(text: str) -> list[str]:
    """What may be an order id, each as written and once; those that a word announces come first."""
    candidates = sorted(_candidates(text[:_MOST_TEXT]), key=lambda candidate: not candidate[1])
    return list(dict.fromkeys(found for found, _ in candidates))[:MOST_IDS]


def _candidates(text: str) -> Iterator[tuple[str, bool]]:
    """Pairs of an id and whether a word announces it."""
    for hit in _ID.finditer(text):
        found = hit[0]
        if len(found) > _LONGEST_ID or not _has_digit(found) or text[max(0, hit.start() - 1)] in _MONEY:
            continue
        announced = _ANNOUNCED.search(text, max(0, hit.start() - _BEFORE), hit.start()) is not None
        if announced or (len(found) >= _SHORTEST_ID and not _NO_ID.fullmatch(found)):
            yield found, announced
        glued = _GLUED.match(found)  # a blank was left out: the id is what stands behind
        if glued and len(found) - glued.end() >= _SHORTEST_ID:
            yield found[glued.end() :], True
    for hit in _TWO_WORDS.finditer(text):
        number = _ID.match(text, hit.end())
        if number and len(hit[0]) + len(number[0]) <= _LONGEST_ID:
            yield hit[0] + number[0], False


def _has_digit(text: str) -> bool:
    return any("0" <= character <= "9" for character in text)


def _json_string(text: str) -> str:
    return f'"{text}"'


def _choice(literals: tuple[str, ...]) -> str:
    """GBNF alternatives; each literal in quotes, its own quotes and backslashes escaped."""
    escaped = (literal.replace("\\", "\\\\").replace('"', '\\"') for literal in literals)
    return " | ".join(f'"{literal}"' for literal in escaped)
