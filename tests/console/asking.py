"""A console over a ledger and a config of the test's own, asked without a socket, and its pages read back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from freehold.access import KeyRing, revoke_key, rotate_key
from freehold.cli.masks import masked_spans
from freehold.config import Settings, parse
from freehold.console import (
    Asgi,
    ConsoleView,
    Decider,
    DetectorNow,
    ModelNow,
    Received,
    Tried,
    TriedSpan,
    console,
)
from freehold.ledger import Attempt, EventFeed, Ledger, Record
from freehold.wire import Usage

CONFIG = """\
[server]
port = 0

[models.gpt]
tenure = "rented"
provider = "openai"
key_env = "OPENAI_API_KEY"

[models.play]
tenure = "rented"
provider = "sandbox"

[models.llama]
tenure = "owned"
provider = "compatible"
url = "http://127.0.0.1:9/v1"
hourly_cost_usd = 0.6

[routes.support]
rent = ["gpt", "play"]
own = "llama"
home = "own"
"""
SECRET = "sk-live-this-must-never-be-shown"
DETECTORS = (
    DetectorNow("EMAIL_ADDRESS", ("email_address",), "personal"),
    DetectorNow("IBAN_CODE", ("iban",), "personal"),
    DetectorNow("SECRET", ("secret", "labelled"), "secret"),
    DetectorNow("URL", ("url",), None),
)
HERE = ("127.0.0.1", 50_000)
BEGAN = 1_790_000_000.0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str
    cookies: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Site:
    """A console and what it shows. `down` and `explained` may be changed while it runs."""

    folder: Path
    settings: Settings
    down: dict[str, str] = field(default_factory=dict)
    decider: Decider | None = None
    tried: list[tuple[str, str]] = field(default_factory=list)
    _app: Asgi | None = None
    _keys: KeyRing | None = None

    @property
    def ledger(self) -> Path:
        return self.folder / "freehold.db"

    def wrote(self, *records: Record) -> None:
        with Ledger.open(self.ledger) as ledger:
            for record in records:
                ledger.append(record)

    def keys(self) -> KeyRing:
        """The keys of the ledger, followed as a gateway does."""
        if self._keys is None:
            self._keys = KeyRing(EventFeed(self.ledger, "key."), required=False)
        return self._keys

    def end_key(self, id_: str, *, replaced: bool = False) -> None:
        """Take a key away, or give it another secret at once; the gateway has noticed."""
        if replaced:
            rotate_key(self.ledger, id_, grace=timedelta(0), who="test")
        else:
            revoke_key(self.ledger, id_, who="test")
        self.keys().refresh()

    def app(self) -> Asgi:
        if self._app is None:
            self._app = self._made()
        return self._app

    def _made(self) -> Asgi:
        return console(
            ConsoleView(
                url="http://127.0.0.1:8400",
                version="9.9.9",
                ledger_path=self.ledger,
                settings=lambda: self.settings,
                models=lambda: tuple(self._model(name) for name in self.settings.models),
                keys=self.keys(),
                cost_explained=lambda record: f"the cost of {record.request_id} explained",
                masked_spans=masked_spans,
                decider=self.decider,
                detectors=lambda: DETECTORS,
                try_text=self._try,
            )
        )

    async def _try(self, name: str, text: str) -> Tried:
        self.tried.append((name, text))
        span = TriedSpan(0, min(4, len(text)), "EMAIL_ADDRESS", 0.875)
        own = Received("llama", "owned", "secret", simulated=False, text=text, redacted=False, why_not=None)
        rent = Received("gpt", "rented", "internal", simulated=False, text=None, redacted=False, why_not="No")
        return Tried("personal", "internal", "keep", (span,), failed=False, homes=(rent, own))

    def _model(self, name: str) -> ModelNow:
        settings = self.settings.models[name]
        return ModelNow(
            name=name,
            settings=settings,
            simulated=settings.provider == "sandbox",
            down=self.down.get(name),
            in_flight=0,
            ttft_seconds=None,
            price=None,
        )

    def get(self, path: str, **more: Any) -> Answer:
        return asyncio.run(get(self.app(), path, **more))


def site(folder: Path, config: str = CONFIG, providers: tuple[str, ...] = ()) -> Site:
    settings = parse(
        config,
        source="freehold.toml",
        base=folder,
        environ={"OPENAI_API_KEY": SECRET},
        providers=("openai", "sandbox", "compatible", *providers),
        policies=("home", "cheapest"),
        grammars=(),
    )
    made = Site(folder, settings)
    made.wrote()
    return made


async def get(
    app: Asgi,
    path: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    client: tuple[str, int] | None = HERE,
    server: tuple[str, int] = ("127.0.0.1", 8400),
    scheme: str = "http",
    body: bytes = b"",
) -> Answer:
    """One request and its whole answer, as a server would hand it over."""
    path, _, query = path.partition("?")
    said = {"host": "127.0.0.1:8400"} | dict(headers or {})
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": scheme,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in said.items()],
        "client": client,
        "server": server,
    }
    sent: list[Any] = []

    requests = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> dict[str, Any]:
        for request in requests:
            return request
        await asyncio.Event().wait()  # the client stays
        raise AssertionError

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    head = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    shown = b"".join(message.get("body", b"") for message in sent[1:])
    cookies = [value.decode() for name, value in sent[0]["headers"] if name == b"set-cookie"]
    return Answer(sent[0]["status"], head, shown.decode(), cookies)


def record(request_id: str, **fields: Any) -> Record:
    """A good answer of the owned model, unless said otherwise."""
    usual: dict[str, Any] = {
        "request_id": request_id,
        "at": BEGAN,
        "endpoint": "chat/completions",
        "route": "support",
        "key": None,
        "model": "llama",
        "tenure": "owned",
        "provider": "compatible",
        "upstream_model": "llama-3",
        "status": 200,
        "stream": True,
        "label": "internal",
        "usage": Usage(100, 20),
        "cost_usd": Decimal("0.0001"),
        "simulated": False,
        "attempts": (attempt(),),
        "reason": "llama (owned) answered because the home of support is own.",
        "seconds": 1.5,
        "ttft_seconds": 0.5,
    }
    return Record(**(usual | fields))


def attempt(**fields: Any) -> Attempt:
    usual: dict[str, Any] = {
        "model": "llama",
        "tenure": "owned",
        "provider": "compatible",
        "started_seconds": 0.1,
        "seconds": 1.4,
        "outcome": "ok",
        "status": 200,
        "ttft_seconds": 0.4,
    }
    return Attempt(**(usual | fields))


def nobody(request_id: str, **fields: Any) -> Record:
    """A request that no model answered."""
    usual: dict[str, Any] = {
        "model": None,
        "tenure": None,
        "provider": None,
        "upstream_model": None,
        "status": 403,
        "usage": None,
        "cost_usd": Decimal(0),
        "attempts": (),
        "reason": "No model is cleared for it.",
        "ttft_seconds": None,
    }
    return record(request_id, **(usual | fields))


class Reader(HTMLParser):
    """The text of a page, its tables as rows of cells, and its links."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tables: list[list[list[str]]] = []
        self.links: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag == "a":
            self.links += [value for name, value in attrs if name == "href" and value is not None]
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self._in_cell:
            self.tables[-1][-1][-1] += data

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


def ids(page: str) -> list[str]:
    """The requests that a page lists, in its order."""
    found = (link.removeprefix("/requests/") for link in read(page).links if link.startswith("/requests/"))
    return list(dict.fromkeys(found))


def numbered(records: Iterable[dict[str, Any]]) -> list[Record]:
    return [record(f"req_{number:04}", **fields) for number, fields in enumerate(records)]
