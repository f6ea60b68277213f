"""The console beside the gateway: what it is shown, and loaded with the first page that somebody opens."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from freehold import __version__
from freehold.access import KeyRing
from freehold.cli.bill import how_computed
from freehold.cli.compose import Workshop
from freehold.cli.drawing_board import Apart
from freehold.cli.masks import masked_spans
from freehold.cli.sorting import sorting_of
from freehold.cli.trying import try_text
from freehold.config import PrivacySettings
from freehold.console import (
    Asgi,
    ConsoleView,
    DetectorNow,
    ModelNow,
    Receive,
    Scope,
    Send,
    Tried,
    console,
    serves,
)
from freehold.errors import Refused
from freehold.gateway import Deployment, Inspector
from freehold.privacy import Label, Sorting, Span, detector_names, detector_types

_LEARNED, _PLUGGED = "what was learned", "a detector beside ours"


class Page:
    """Whatever is not the gateway's own path. Raises `Refused` (404) for what is not the console's either."""

    def __init__(self, url: str, ledger_path: Path, workshop: Workshop, keys: KeyRing) -> None:
        self._decider = Apart(workshop.settings.path, ledger_path)
        self._view = ConsoleView(
            url=url,
            version=__version__,
            ledger_path=ledger_path,
            settings=lambda: workshop.settings,
            models=lambda: _models(workshop),
            keys=keys,
            cost_explained=lambda record: how_computed(record, workshop.settings),
            masked_spans=masked_spans,
            decider=self._decider,
            detectors=lambda: _detectors(workshop.settings.privacy, workshop.house.inspector),
            try_text=partial(_try_text, workshop),
        )
        self._loading = asyncio.Lock()
        self._console: Asgi | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if not serves(path) and b"text/html" not in dict(scope["headers"]).get(b"accept", b""):
            raise Refused(404, f"Unknown request URL: {scope['method']} {path}.", code="unknown_url")
        await (await self._loaded())(scope, receive, send)

    async def close(self) -> None:
        await self._decider.close()

    async def _loaded(self) -> Asgi:
        async with self._loading:
            if self._console is None:
                self._console = await asyncio.to_thread(console, self._view)
        return self._console


def page_of(stack: AsyncExitStack, url: str, ledger_path: Path, workshop: Workshop, keys: KeyRing) -> Page:
    """The page, which ends with the stack."""
    page = Page(url, ledger_path, workshop, keys)
    stack.push_async_callback(page.close)
    return page


async def _try_text(workshop: Workshop, name: str, text: str) -> Tried:
    return await try_text(workshop.house, await workshop.inspector(), name, text)


def _detectors(settings: PrivacySettings, inspector: Inspector | None) -> tuple[DetectorNow, ...]:
    """Every type that can be found, what was learned included, and what it raises."""
    by: dict[str, list[str]] = {}
    for name in detector_names():
        for type_ in detector_types(name):
            by.setdefault(type_, []).append(name)
    if inspector is None:
        sorting = sorting_of(settings, frozenset((*settings.secret, *(settings.personal or ()))))
    else:
        sorting = inspector.sorting
        for type_ in inspector.learned:
            by.setdefault(type_, []).append(_LEARNED)
    for type_ in sorting.types - by.keys():
        by[type_] = [_PLUGGED]
    return tuple(
        DetectorNow(type_, tuple(names), _raises(type_, sorting, "value" if _LEARNED in names else ""))
        for type_, names in sorted(by.items())
    )


def _raises(type_: str, sorting: Sorting, known: str) -> str | None:
    """What one such span makes of a public request; `known` as a span has it."""
    label = sorting.label((Span(0, 0, type_, 1.0, known),), Label.PUBLIC)
    return None if label is Label.PUBLIC else label.word


def _models(workshop: Workshop) -> tuple[ModelNow, ...]:
    now = time.monotonic()
    return tuple(_model(workshop, deployment, now) for deployment in workshop.deployments.values())


def _model(workshop: Workshop, deployment: Deployment, now: float) -> ModelNow:
    engine = workshop.engines.get(deployment.name)
    return ModelNow(
        name=deployment.name,
        settings=workshop.settings.models[deployment.name],
        simulated=deployment.provider.simulated,
        down=deployment.down(now),
        in_flight=deployment.in_flight,
        ttft_seconds=deployment.ttft_seconds.value,
        price=deployment.price,
        engine=None if engine is None else engine.state,
        health=None if engine is None else engine.health,
    )
