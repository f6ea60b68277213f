"""The composition root: from settings to a furnished house. Every part is made and handed over here.

What stays the same over a reload stays as it is: engines keep running, circuits and averages keep their
memory. Does not serve anything; see `running`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from freehold.access import Budgets, KeyRing, Rates
from freehold.cli.house_rules import InRules
from freehold.cli.last_hours import LastHours
from freehold.cli.learning import Stamps
from freehold.cli.places import (
    InEngine,
    InSandbox,
    Place,
    Remote,
    WithEntra,
    capabilities,
    engine_spec,
    entra_credentials,
)
from freehold.cli.placing import placed
from freehold.cli.prices import price_at, price_file
from freehold.cli.sorting import search_of, stamps_of
from freehold.cli.views import routes_of
from freehold.config import ModelSettings, PrivacySettings, Settings
from freehold.costs import IdleSpan, Meter, PriceFile
from freehold.egress import Client, Timeouts
from freehold.engine import Engine, EngineState
from freehold.errors import ConfigError
from freehold.gateway import Circuit, Deployment, House, Inspector, Observer, Route, Slots, Tracing, now_us
from freehold.ledger import Idle, Ledger
from freehold.privacy import Label
from freehold.providers import EntraTokens, load_provider
from freehold.routing import Candidate

log = logging.getLogger("freehold")

_DRAIN_POLL_SECONDS = 0.2
# What a model has at once at most, where the config does not say it.
_REQUESTS_PER_SLOT = 64
_REQUESTS_RENTED = 1024  # as many connections are kept to one host


@dataclass(frozen=True, slots=True)
class _Running:
    """One model as it runs: what it was made from, and the parts."""

    settings: ModelSettings
    prices: PriceFile
    place: Place
    deployment: Deployment


class Workshop:
    """Everything with a lifetime behind the house: engines, sandboxes, meters."""

    def __init__(
        self,
        ledger: Ledger,
        client: Client,
        errands: Client,
        keys: KeyRing,
        hours: LastHours,
        observers: tuple[Observer, ...] = (),
        tracing: Tracing | None = None,
    ) -> None:
        self._observers = observers
        self._tracing = tracing
        self._ledger = ledger
        self._client = client
        self._errands = errands
        self._keys = keys
        self._hours = hours
        self._write(hours.left())
        self._budgets = Budgets()
        self._rates = Rates()
        self._settings: Settings | None = None
        self._running: dict[str, _Running] = {}
        self._retiring: set[asyncio.Task[None]] = set()
        self.learned: Stamps = ()  # as the last house knows it
        self._looking: tuple[tuple[PrivacySettings, Path, Stamps], Inspector] | None = None
        self._house: House | None = None

    @property
    def engines(self) -> dict[str, Engine]:
        """The engines by model."""
        return {n: r.place.engine for n, r in self._running.items() if isinstance(r.place, InEngine)}

    @property
    def deployments(self) -> dict[str, Deployment]:
        """The models that run, by name."""
        return {name: running.deployment for name, running in self._running.items()}

    @property
    def rules(self) -> tuple[InRules, ...]:
        """The models whose rules are files."""
        return tuple(r.place for r in self._running.values() if isinstance(r.place, InRules))

    @property
    def settings(self) -> Settings:
        """Those of the last house."""
        if self._settings is None:
            raise RuntimeError("nothing has been furnished yet")
        return self._settings

    @property
    def house(self) -> House:
        """The last one."""
        if self._house is None:
            raise RuntimeError("nothing has been furnished yet")
        return self._house

    async def inspector(self) -> Inspector:
        """Who looks at requests; one of their own for who asks where no route has any looked at."""
        if self.house.inspector is not None:
            return self.house.inspector
        return await self._inspector_for(self.settings, self.learned)

    async def furnish(self, settings: Settings) -> House:
        """A house for these settings. On a mistake it raises, and everything stays as it was."""
        prices = price_file(settings)
        lessons = stamps_of(settings)
        fresh: list[Place] = []
        try:
            running = await self._all_running(settings, prices, fresh)
            names = routes_of(settings, {name: r.deployment.candidate for name, r in running.items()})
            await self._open_accounts(settings.ledger.path, names)
            inspector = await self._inspector(settings, names, lessons)
        except BaseException:
            await asyncio.gather(*(place.stop() for place in fresh))
            raise
        self._adopt(running)
        self.account()
        self._settings = settings
        self.learned = lessons
        self._house = House(
            names=names,
            deployments={name: r.deployment for name, r in running.items()},
            keys=self._keys,
            ledger=self._ledger,
            ledger_path=settings.ledger.path,
            client=self._client,
            max_body_bytes=settings.server.max_body_bytes,
            budgets=self._budgets,
            rates=self._rates,
            observers=self._observers,
            tracing=self._tracing,
            inspector=inspector,
            own_only=settings.server.own_only,
            made_at=_written_at(settings.path),
        )
        return self._house

    async def _inspector(
        self, settings: Settings, names: Mapping[str, Route], lessons: Stamps
    ) -> Inspector | None:
        """Who looks at requests, where some route wants it. What it remembers outlives a reload."""
        if not any(route.scans for route in names.values()):
            return None
        return await self._inspector_for(settings, lessons)

    async def _inspector_for(self, settings: Settings, lessons: Stamps) -> Inspector:
        key = settings.privacy, settings.ledger.path, lessons
        if self._looking is None or self._looking[0] != key:
            self._looking = key, await asyncio.to_thread(_inspector, settings)  # those under way keep theirs
        return self._looking[1]

    async def _open_accounts(self, ledger: Path, names: Mapping[str, Route]) -> None:
        """What keys and routes with a budget have spent so far is read from the ledger."""
        budgets = {name: route.budget for name, route in names.items() if route.budget is not None}
        await asyncio.to_thread(self._budgets.load, ledger, list(self._keys.keys), budgets, time.time())

    def account(self) -> None:
        """Write down the idle time since the last call, and what stands open from here on."""
        for meter in self._meters():
            self._write(meter.checkpoint(now_us()))
        self._note()

    def beat(self) -> None:
        """A sign of life: the hours of owned models are paid for up to here, whatever happens next."""
        self._hours.beat(now_us())

    def _meters(self) -> list[Meter]:
        slots = [running.deployment.slots for running in self._running.values()]
        return [one.meter for one in slots if one is not None]

    def _note(self) -> None:
        standings = [meter.standing() for meter in self._meters()]
        self._hours.note((standing for standing in standings if standing is not None), now_us())

    async def take_in_corrections(self) -> None:
        """Requests that another process priced again count so in budgets, too."""
        while corrections := await asyncio.to_thread(self._budgets.repriced):
            self._budgets.correct(corrections)

    async def close(self) -> None:
        """End engines and sandboxes, and account for their last hours."""
        for running in self._running.values():
            self._end_meter(running.deployment)
        self._note()
        await asyncio.gather(*(r.place.stop() for r in self._running.values()), *self._retiring)
        self._budgets.close()

    async def _all_running(
        self, settings: Settings, prices: PriceFile, fresh: list[Place]
    ) -> dict[str, _Running]:
        """Every model of the settings: as it runs already where nothing changed, new otherwise."""
        starting = [self._one(n, m, settings, prices, fresh) for n, m in settings.models.items()]
        outcomes = await asyncio.gather(*starting, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, ConfigError):
                raise placed(settings.path, outcome) from outcome
            if isinstance(outcome, BaseException):
                raise outcome
        return dict(zip(settings.models, (o for o in outcomes if isinstance(o, _Running)), strict=True))

    async def _one(
        self, name: str, model: ModelSettings, settings: Settings, prices: PriceFile, fresh: list[Place]
    ) -> _Running:
        old = self._running.get(name)
        stale = old is not None and isinstance(old.place, InRules) and old.place.stale
        if old is not None and not stale and (old.settings, old.prices) == (model, prices):
            return old
        place = await self._place(name, model, settings.base, fresh)
        return _Running(model, prices, place, _deployment(name, model, place, prices))

    async def _place(self, name: str, model: ModelSettings, base: Path, fresh: list[Place]) -> Place:
        provider = load_provider(model.provider)
        can = capabilities(model, provider)
        entra = entra_credentials(model)
        spec = engine_spec(name, model, base)
        if spec is not None:
            old = self.engines.get(name)
            if old is not None and old.spec == spec:
                return InEngine(model, old, provider, can)
            engine = Engine(spec, partial(_tell, name))
            await engine.start()
            fresh.append(InEngine(model, engine, provider, can))
        elif model.rules is not None:
            fresh.append(InRules(name, model, base, can))
        elif model.provider == "sandbox":
            sandbox = InSandbox(name, model, provider, can)
            await sandbox.start()
            fresh.append(sandbox)
        elif entra is not None:
            tokens = EntraTokens(self._errands, entra)
            await tokens.start()
            fresh.append(WithEntra(name, model, can, tokens))
        else:
            fresh.append(Remote(name, model, provider, can))
        return fresh[-1]

    def _adopt(self, running: dict[str, _Running]) -> None:
        """From now on these run; what went out of use stops once its last request is done."""
        engines = {id(r.place.engine) for r in running.values() if isinstance(r.place, InEngine)}
        for name, old in self._running.items():
            if running.get(name) is not old:
                shared = isinstance(old.place, InEngine) and id(old.place.engine) in engines
                self._later(self._retire(old, stop=not shared))
        self._running = running

    def _later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    async def _retire(self, old: _Running, *, stop: bool) -> None:
        while old.deployment.in_flight:  # noqa: ASYNC110 - the hot path pays for no event that a reload alone needs
            await asyncio.sleep(_DRAIN_POLL_SECONDS)
        self._end_meter(old.deployment)
        if stop:
            await old.place.stop()

    def _end_meter(self, deployment: Deployment) -> None:
        if deployment.slots is not None:
            self._write(deployment.slots.meter.end(now_us()))

    def _write(self, spans: Iterable[IdleSpan]) -> None:
        for span in spans:
            self._ledger.append(
                Idle(
                    model=span.model,
                    hour=span.hour,
                    from_=span.from_,
                    to=span.to,
                    slots=span.slots,
                    slot_microseconds=span.slot_microseconds,
                    cost_usd=span.cost_usd,
                )
            )


def _inspector(settings: Settings) -> Inspector:
    """Takes a moment: detectors, their tables and what was learned are loaded."""
    search = search_of(settings)
    return Inspector(search.scanner(), search.sorting, settings.privacy.scan_cpu_seconds)


def _written_at(config: Path) -> int:
    """When the config was last changed, unix seconds; now, where it is gone already."""
    try:
        return int(config.stat().st_mtime)
    except OSError:
        return int(time.time())


def _tell(name: str, state: EngineState) -> None:
    """An engine that dies or comes back is the operator's business, beside the clients' errors."""
    if state.status == "restarting":
        log.warning("the engine of %s is restarting: %s", name, state.reason)
    elif state.status == "ready" and state.restarts:
        log.warning("the engine of %s is ready again, after %d restarts", name, state.restarts)


def _deployment(name: str, model: ModelSettings, place: Place, prices: PriceFile) -> Deployment:
    provider = load_provider(model.provider)
    owned = model.tenure == "owned"
    return Deployment(
        name=name,
        provider_name=model.provider,
        provider=provider,
        candidate=Candidate(
            model=name,
            tenure=model.tenure,
            clearance=Label.parse(model.clearance),
            can=place.can,
            context_tokens=place.context_tokens,
            simulated=provider.simulated,
            region=model.region,
        ),
        locate=place.locate,
        why_down=place.why_down,
        timeouts=Timeouts(
            first_byte_seconds=model.timeout_seconds,
            between_bytes_seconds=model.timeout_seconds,
            total_seconds=model.attempt_seconds,
        ),
        retries=model.retries,
        circuit=Circuit(enabled=model.breaker),
        price=None if owned else price_at(name, model, prices, datetime.now(UTC)),
        region=model.region,
        batch=model.batch,
        hourly_cost_usd=model.hourly_cost_usd,
        slots=_slots(name, model) if owned else None,
        most_requests=None if owned else model.max_requests or _REQUESTS_RENTED,
        comes_back=place.comes_back if isinstance(place, InEngine) else bool,
        within=place.answer if isinstance(place, InRules) else None,
    )


def _slots(name: str, model: ModelSettings) -> Slots:
    meter = Meter(name, slots=model.slots, hourly_cost_usd=model.hourly_cost_usd)
    meter.begin(now_us())
    most = model.slots * _REQUESTS_PER_SLOT if model.max_requests is None else model.max_requests
    return Slots(model.slots, meter, most_waiting=max(0, most - model.slots))
