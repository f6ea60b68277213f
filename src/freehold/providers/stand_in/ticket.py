"""A support ticket sorted by keyword rules into intent, priority and order id. Rules, not a model.

The rules are few and plain on purpose: they stand in for what a rented model would answer, well enough to
see two homes of one route side by side, and are no measure of any model.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from freehold.providers.grammars.ticket import order_ids

# In order: where two intents match equally often, the earlier one is meant more often.
_INTENTS: Final = {
    "cancellation": r"cancel\w*|call (?:it )?off|stop (?:the|my) (?:order|subscription)|unsubscribe"
    r"|no longer (?:want|need)|changed my mind|by mistake|don't want (?:it|them)|end my \w+",
    "replacement": r"replac\w+|exchange\w*|swap\w*|substitute|instead|wrong (?:item|size|colou?r|product|one)"
    r"|new one|another|spare|broken|damaged|crack\w*|smashed|torn|scratched|stained|leak\w*|in pieces"
    r"|defective|faulty|missing|too (?:small|big|large|short|long)",
    "refund": r"refund\w*|money|reimburs\w+|sent (?:it|them) back|pa(?:y|id) (?:me |it )?back"
    r"|charge ?back|return(?:ed|ing)? (?:it|them|the \w+)|credited|(?:double|twice|over)charged",
    "invoice": r"invoice\w*|receipts?|bills?|billed|billing|vat|tax|statement"
    r"|for my (?:books|files|accountant)",
    "delivery": r"deliver\w*|parcel\w*|packages?|ship\w*|track\w*|courier|driver|arriv\w+|transit|on its way"
    r"|neighbou?r|where(?:'s| is| are) (?:my|our)|dispatch\w*|doorstep|hasn't (?:come|turned up)",
    "account": r"accounts?|log(?:ging|ged)? ?(?:in|on)|sign(?:ing|ed)? ?in|passwords?|e-?mail address|profile"
    r"|user ?name|locked out|two-factor|phone number|my (?:name|address)|codes?|newsletter",
    "technical": r"errors?|crash\w*|bugs?|app|website|web ?site|page|screen|buttons?|updates?|install\w*"
    r"|fre?oze?n?|freez\w+|wi-?fi|bluetooth|firmware|driver|connect\w*|pair\w*|checkout|browser"
    r"|won't (?:\w+)|not work\w*|stopped working|how do i",
}
_URGENT = (
    r"urgent\w*|emergency|immediately|right now|right away|at once|asap|today|tonight"
    r"|smok\w+|fire|burn\w*|sparks?|danger\w*|shock\w*|injur\w+|gas|allerg\w+|within the hour|in \w+ hours?"
)
_HIGH = (
    r"tomorrow|(?:by|before|on) (?:mon|tues|wednes|thurs|fri|satur|sun)day|deadline|at the latest|before the"
    r"|by (?:the )?\d+|again|(?:third|second|fourth|\w+th) (?:time|message|e-?mail)|still (?:no|not|waiting)"
    r"|already (?:wrote|called|asked|told)|for the last time|complain\w*|nobody (?:answers|responds|replies)"
)
_LOW = (
    r"no (?:rush|hurry|pressure)|not urgent|isn't urgent|(?:no|not any) need to (?:rush|hurry)|whenever"
    r"|when (?:you|somebody|someone) (?:have|has|get|gets) (?:a |round )?\w+|take your time|not bothered when"
)
# Fewer digits make a count or an error code more often than an order.
_FEWEST_DIGITS = 4
_MOST_TEXT = 8_192  # characters read: a ticket is shorter, and the server shares its loop with others


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
    likely = (found for found in order_ids(text) if sum(map(str.isdigit, found)) >= _FEWEST_DIGITS)
    return next(likely, None)


def triage(text: str) -> str:
    """Compact JSON `{"intent", "priority", "order_id"}`; the id as written, without a leading #, or null."""
    text = text[:_MOST_TEXT]
    ticket: dict[str, Any] = {
        "intent": _intent(text), "priority": _priority(text), "order_id": _order_id(text)
    }  # fmt: skip
    return msgspec.json.encode(ticket).decode()
