"""What people look at: the pages in a browser, and the words for figures that page and terminal share.

Does not know how anything is computed: the composition root hands it a `ConsoleView`, and the ledger has the
rest. Importing this room loads no web framework; `console` does, with the first page. `charts` draws
decisions, `board` reports on them; both load when somebody asks.
"""

from freehold.console.decided import Decider, Measured, Offered, Row, Told, Way
from freehold.console.figures import (
    UNKNOWN,
    counted,
    duration,
    exact,
    iso,
    moment,
    money,
    short_moment,
    sum_of_money,
    tokens,
)
from freehold.console.view import (
    Asgi,
    ConsoleView,
    DetectorNow,
    MaskedSpan,
    ModelNow,
    Receive,
    Received,
    Scope,
    Send,
    Tried,
    TriedSpan,
    console,
    serves,
)

__all__ = [
    "UNKNOWN",
    "Asgi",
    "ConsoleView",
    "Decider",
    "DetectorNow",
    "MaskedSpan",
    "Measured",
    "ModelNow",
    "Offered",
    "Receive",
    "Received",
    "Row",
    "Scope",
    "Send",
    "Told",
    "Tried",
    "TriedSpan",
    "Way",
    "board",
    "charts",
    "console",
    "counted",
    "duration",
    "exact",
    "iso",
    "moment",
    "money",
    "serves",
    "short_moment",
    "sum_of_money",
    "tokens",
]
