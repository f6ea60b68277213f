"""What the console is shown, and its front door. Loads no framework, nor the rooms whose values it names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the data path imports this module, and needs none of these for it
    from freehold.access import KeyRing
    from freehold.config import ModelSettings, Settings
    from freehold.console.decided import Decider
    from freehold.costs import Price
    from freehold.engine import EngineHealth, EngineState
    from freehold.ledger import LedgerReader, Record

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

LOGIN, LOGOUT = "/login", "/logout"
_PLACES = ("login", "logout", "requests", "requests.csv", "playground", "privacy", "rent-or-own", "assets")


@dataclass(frozen=True, slots=True)
class ModelNow:
    """A model at this moment. `down` says why it cannot be asked, in words that follow its name.

    `price` is a rented model's, `None` where unknown; an owned one has its hourly cost in the settings.
    `engine` and `health` belong to models that our own engine runs.
    """

    name: str
    settings: ModelSettings
    simulated: bool
    down: str | None
    in_flight: int
    ttft_seconds: float | None
    price: Price | None
    engine: EngineState | None = None
    health: EngineHealth | None = None


@dataclass(frozen=True, slots=True)
class DetectorNow:
    """A type of private value: which detectors look for it, and the label that it raises, `None` for none."""

    type: str
    by: tuple[str, ...]
    raises: str | None


@dataclass(frozen=True, slots=True)
class TriedSpan:
    """A value that was found: its place in code points, its type, and how sure that is (0 to 1)."""

    start: int
    end: int
    type: str
    score: float


@dataclass(frozen=True, slots=True)
class MaskedSpan:
    """Where a value of a request stands, in code points of what is at `place`, and signs in its stead.

    `start` is `None` where it has no single place.
    """

    type: str
    place: str
    start: int | None
    length: int
    masked: str

    @property
    def where(self) -> str:
        """In words."""
        if self.start is None:
            return f"{self.place}, over several strings"
        return f"{self.place}, signs {self.start + 1}–{self.start + self.length}"


@dataclass(frozen=True, slots=True)
class Received:
    """What one model would get of a text: `text`, `redacted` or as it is; or nothing, and `why_not`."""

    model: str
    tenure: str
    clearance: str
    simulated: bool
    text: str | None
    redacted: bool
    why_not: str | None


@dataclass(frozen=True, slots=True)
class Tried:
    """What would become of a text on a route. Spans are in order and apart.

    `label` is `None` where nobody would look: every model may receive everything. `failed`: a detector failed
    or took too long, so that it would count as secret.
    """

    label: str | None
    floor: str
    private: str
    spans: tuple[TriedSpan, ...]
    failed: bool
    homes: tuple[Received, ...]


@dataclass(frozen=True, slots=True)
class ConsoleView:
    """What the pages tell about a running gateway. The functions are asked anew for every page.

    `url` is the gateway's, without `/v1`. `cost_explained` says in one sentence how a record's cost came
    about; it may read files, so it is called in a thread. `masked_spans` says where in a record's request
    something was found. `detectors` is called in one, too. `try_text` takes
    a route or model, and a text that it neither keeps nor sends. `decider` answers the page `Rent or own`.
    """

    url: str
    version: str
    ledger_path: Path
    settings: Callable[[], Settings]
    models: Callable[[], tuple[ModelNow, ...]]
    cost_explained: Callable[[Record], str]
    masked_spans: Callable[[Record, LedgerReader], tuple[MaskedSpan, ...]]
    keys: KeyRing
    detectors: Callable[[], tuple[DetectorNow, ...]]
    try_text: Callable[[str, str], Awaitable[Tried]]
    decider: Decider | None = None


def serves(path: str) -> bool:
    """Whether the console has something at this path."""
    return path == "/" or path.split("/", 2)[1] in _PLACES


def console(view: ConsoleView) -> Asgi:
    """The pages as an ASGI application. Loads Starlette and Jinja2: make it in a thread, when first asked."""
    from freehold.console.app import build  # noqa: PLC0415 - nobody pays for pages that nobody opens

    return build(view)
