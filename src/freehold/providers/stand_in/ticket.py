"""A support ticket sorted by keyword rules into intent, priority and order id. Rules, not a model.

The rules are few and plain on purpose: they stand in for what a rented model would answer, well enough to
see two homes of one route side by side, and are no measure of any model.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

# In order: where two intents match equally often, the earlier one is meant more often.
_INTENTS: Final = {
    "cancellation": r"cancel\w*|call off|stop (?:the|my) (?:order|subscription)|no longer (?:want|need)",
    "replacement": r"replac\w+|exchange\w*|swap|wrong (?:item|size|colou?r|product)|new one|another one"
    r"|broken|damaged|cracked|smashed|defective|faulty|missing part\w*",
    "refund": r"refund\w*|money back|reimburs\w+|sent (?:it|them) back|charge ?back|return(?:ed|ing)? it",
    "invoice": r"invoice\w*|receipt\w*|bill(?:ed|ing|s)?|vat|tax|charged|statement",
    "delivery": r"deliver\w*|parcel|package|ship\w*|tracking|courier|arriv\w+|in transit|where is my",
    "account": r"account|log ?[io]n|sign ?in|password|e-?mail address|profile|username|locked out",
    "technical": r"error\w*|crash\w*|bug|app|website|page|screen|button|update|install\w*|freez\w+"
    r"|won't (?:load|start|open)",
}
_URGENT = (
    r"urgent\w*|emergency|immediately|right now|right away|asap|today|tonight|smok\w+|fire|burn\w*|sparks?"
    r"|danger\w*|shock|injur\w+|within the hour"
)
_HIGH = (
    r"tomorrow|by (?:mon|tues|wednes|thurs|fri|satur|sun)day|deadline|before the|by the \d|again|third|second"
    r" time|still (?:no|not|waiting)|already (?:wrote|called|asked|told)|for the last time|complain\w*|weeks"
)
_LOW = (
    r"no (?:rush|hurry)|not urgent|whenever|when you (?:have|get) (?:a moment|time|a chance)|take your time"
)

_ORDER_WORD = re.compile(
    r"(?:order|reference|ref|number|no|nr)\b[ .:]*(?:(?:number|no|nr|id|is)\b[ .:]*)*#?\s*"
    r"([A-Z]{0,5}-?\d[\w-]*\d)",
    re.IGNORECASE,
)
_HASH = re.compile(r"#\s?([A-Za-z0-9][\w-]*\d[\w-]*)")
_CODE = re.compile(r"\b([A-Z]{1,5}-?\d{3,}(?:-\w+)*|\d{5,})\b")


def _found(rule: str, text: str) -> int:
    return len(re.findall(rf"\b(?:{rule})\b", text, re.IGNORECASE))


def _intent(text: str) -> str:
    matches = {intent: _found(rule, text) for intent, rule in _INTENTS.items()}
    best = max(matches, key=lambda intent: matches[intent])
    return best if matches[best] else "other"


def _priority(text: str) -> str:
    if _found(_LOW, text):
        return "low"
    if _found(_URGENT, text):
        return "urgent"
    return "high" if _found(_HIGH, text) else "normal"


def _order_id(text: str) -> str | None:
    for rule in (_HASH, _ORDER_WORD, _CODE):
        match = rule.search(text)
        if match is not None:
            return match[1]
    return None


def triage(text: str) -> str:
    """Compact JSON `{"intent", "priority", "order_id"}`; the id as written, without a leading #, or null."""
    ticket: dict[str, Any] = {
        "intent": _intent(text), "priority": _priority(text), "order_id": _order_id(text)
    }  # fmt: skip
    return msgspec.json.encode(ticket).decode()
