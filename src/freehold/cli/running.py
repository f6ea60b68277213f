"""The serving process: ledger, house, server, signals, reload. Foreground, until SIGTERM or SIGINT.

Does not print; `announce` is told once that the gateway is ready.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from freehold import __version__
from freehold.access import KeyRing
from freehold.cli.certificate import pair_of
from freehold.cli.changes import changed_keys
from freehold.cli.compose import Workshop
from freehold.cli.errands import errand_client
from freehold.cli.front_door import refuse_open_door
from freehold.cli.keeping import keep_days
from freehold.cli.last_hours import LastHours
from freehold.cli.learning import Stamps
from freehold.cli.logs import log_to_stderr
from freehold.cli.metrics import metrics_of
from freehold.cli.notary import Notary
from freehold.cli.page import page_of
from freehold.cli.reading import read_settings
from freehold.cli.sorting import stamps_of
from freehold.cli.tls import Stamp, Tls, address_of, serving_tls, stamp, url_to_show
from freehold.cli.watching import watching_of
from freehold.config import Settings
from freehold.egress import Client, forbid_other_connections
from freehold.engine import Engine
from freehold.errors import FreeholdError
from freehold.gateway import App, Bodies, Server, Valve, bind, open_files_allowed
from freehold.ledger import EventFeed, Ledger, LedgerError

log = logging.getLogger("freehold")

_LOOK_SECONDS = 0.5  # how soon a revoked key or a changed config takes effect
_OBJECTS_BEFORE_COLLECTING = 20_000
# How long a thread that scans a long text may hold the interpreter while a request waits for it. Each request
# waits several times; Python's own turn of 5 ms is made for threads that nobody waits for.
_TURN_SECONDS = 0.0005
_OTHER_FILES = 2048  # connections to models, the ledger, engines
_ACCOUNT_SECONDS = 5.0  # how often idle time is written down


@dataclass(frozen=True, slots=True)
class Running:
    """What a gateway tells when it is ready. `stop` drains it, as SIGTERM does."""

    url: str
    ca_file: Path | None  # what a client has to be given to trust the certificate
    settings: Settings
    engines: Mapping[str, Engine]
    config_path: Path
    ledger_path: Path
    stop: Callable[[], None]


def serve(
    config_path: Path, *, host: str | None, port: int | None, announce: Callable[[Running], None]
) -> int:
    """Serve the config at `config_path` until a signal ends it; the exit code.

    `host` and `port` outrank the config's. Raises `FreeholdError` where it cannot start.
    """
    import uvloop  # noqa: PLC0415 - only the serving process needs it

    settings = read_settings(config_path)
    log_to_stderr(settings.server.log_format)
    refuse_open_door(settings, host or settings.server.host)
    if settings.server.strict_egress:
        forbid_other_connections([sys.executable])
    listener = _listen(host or settings.server.host, settings.server.port if port is None else port)
    return uvloop.run(run(config_path, settings, listener, announce))


def _listen(host: str, port: int) -> socket.socket:
    try:
        return bind(host, port)
    except OSError as error:
        raise FreeholdError(
            f"cannot listen on {host}:{port}: {error.strerror or error}",
            hint="another program may use the port; choose one with --port",
        ) from error


async def run(
    config_path: Path, settings: Settings, listener: socket.socket, announce: Callable[[Running], None]
) -> int:
    """The gateway on a listener that is bound already; see `serve`."""
    async with AsyncExitStack() as stack:
        stack.callback(listener.close)
        tls = serving_tls(settings)
        host, port = listener.getsockname()[:2]
        shown = url_to_show(host, port, tls)
        ledger_path = settings.ledger.path
        note = {"url": address_of(host, port, tls), "version": __version__}
        ledger = Ledger.open(ledger_path, sync=settings.ledger.sync, note=note)
        stack.callback(ledger.close)
        feed = EventFeed(ledger_path, "key.")
        stack.callback(feed.close)
        client = Client()
        stack.push_async_callback(client.close)
        errands = errand_client(ledger_path)
        stack.push_async_callback(errands.close)
        keys = KeyRing(feed, required=settings.server.require_keys)
        watching = watching_of(settings, errands, stack)
        hours = LastHours(ledger_path)
        workshop = Workshop(ledger, client, errands, keys, hours, watching.observers, watching.tracing)
        stack.push_async_callback(workshop.close)
        notary = Notary(ledger, settings, errands, lambda: workshop.settings)
        stack.push_async_callback(notary.close)
        server: Server | None = None
        valve, bodies = Valve(), Bodies(settings.server.max_held_bytes)
        deployments = await workshop.furnish(settings)
        app = App(
            deployments,
            lambda: _why_not_ready(server, workshop),
            elsewhere=page_of(stack, shown, ledger_path, workshop, keys),
            metrics=metrics_of(settings, watching.counters, valve, bodies),
        )
        server = Server(
            app,
            drain_seconds=settings.server.drain_seconds,
            request_seconds=settings.server.request_seconds,
            most_connections=_most_connections(settings.server.max_connections),
            valve=valve,
            bodies=bodies,
            tls=None if tls is None else tls.context,
        )
        farewell = Farewell(lambda: sum(d.in_flight for d in workshop.deployments.values()))
        leave = partial(_leave, server, farewell)
        _on_signals(leave)
        _beside(stack, _look_after(config_path, settings, app, workshop, keys, listener, tls))
        _beside(stack, notary.run())
        if settings.ledger.keep_days is not None:
            _beside(stack, keep_days(ledger_path, settings.ledger.keep_days))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        _settle()
        ca_file = None if tls is None or not tls.certificate.signs_itself else tls.pair.cert
        announce(Running(shown, ca_file, settings, workshop.engines, config_path, ledger_path, leave))
        await serving
        log.info("stopped; %s", farewell.said())
    return 0


def _beside(stack: AsyncExitStack, work: Coroutine[None, None, None]) -> None:
    """Goes on until the stack is left."""
    stack.callback(asyncio.create_task(work).cancel)


def _most_connections(wanted: int) -> int:
    """As many as the config says, or as there may be open files."""
    most = open_files_allowed() - _OTHER_FILES
    if wanted <= most:
        return wanted
    log.warning(
        "at most %d connections are served at once, not %d ([server] max_connections): this process may have"
        " %d files open (ulimit -Hn)", max(1, most), wanted, most + _OTHER_FILES,
    )  # fmt: skip
    return max(1, most)


def _settle() -> None:
    """Threads take short turns. What was loaded to start with stays: the collector need not look at it again.

    The requests in flight alone exceed Python's threshold of 700 objects, so that it would search them over
    and over for cycles, of which a request leaves none.
    """
    sys.setswitchinterval(_TURN_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTING)


def _why_not_ready(server: Server | None, workshop: Workshop) -> str | None:
    if server is None or server.should_exit:
        return "draining"
    down = [f"{name}: {engine.state.status}" for name, engine in workshop.engines.items() if not engine.ready]
    return ", ".join(down) or None


class Farewell:
    """How many requests were under way when the gateway was told to stop, and how many were left to cut."""

    def __init__(self, under_way: Callable[[], int]) -> None:
        self._under_way = under_way
        self._then: int | None = None

    def begin(self, drain_seconds: float) -> None:
        """Said at once where somebody has to wait."""
        if self._then is None:
            self._then = self._under_way()
            if self._then:
                log.info("stopping: %d under way may finish for %g s", self._then, drain_seconds)

    def said(self) -> str:
        then = self._then or 0
        return f"drained {then} request{'' if then == 1 else 's'}"


def _leave(server: Server, farewell: Farewell) -> None:
    """The first call drains, the second cuts what is left."""
    farewell.begin(server.config.timeout_graceful_shutdown or 0)
    server.force_exit = server.should_exit
    server.should_exit = True


def _on_signals(leave: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, leave)


async def _look_after(
    config_path: Path,
    settings: Settings,
    app: App,
    workshop: Workshop,
    keys: KeyRing,
    listener: socket.socket,
    tls: Tls | None,
) -> None:
    """Follow keys, config and certificate, and account for idle time, for as long as the gateway runs."""
    loop = asyncio.get_running_loop()
    again = asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, again.set)
    seen = _stamps(config_path, workshop)
    accounted = loop.time()
    while True:
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                await again.wait()
        except TimeoutError:
            pass  # nobody asked; look anyway
        try:
            keys.refresh()
            await workshop.take_in_corrections()
            if loop.time() - accounted >= _ACCOUNT_SECONDS:
                accounted = loop.time()
                workshop.account()
        except LedgerError as error:
            log.warning("%s", error)
        found = _stamps(config_path, workshop)
        if found != seen or again.is_set():
            again.clear()
            settings = await _reload(config_path, settings, app, workshop, keys, listener)
            seen = (found[0], *_stamps(config_path, workshop)[1:])  # other rules may be meant now
        pair = pair_of(settings.server)
        if tls is not None and pair is not None:
            tls.follow(pair)


async def _reload(
    config_path: Path,
    old: Settings,
    app: App,
    workshop: Workshop,
    keys: KeyRing,
    listener: socket.socket,
) -> Settings:
    """Take the changed config over, or say why not and stay with the one that runs."""
    try:
        settings = read_settings(config_path)
        rules = [place.name for place in workshop.rules if place.stale]
        lessons = stamps_of(settings) != workshop.learned
        if settings.source_digest == old.source_digest and not rules and not lessons:
            return old
        refuse_open_door(settings, listener.getsockname()[0])
        app.house = await workshop.furnish(settings)
    except FreeholdError as error:
        log.error("the changed config is not used, the one before keeps running: %s", error)  # noqa: TRY400 - a sentence, no traceback
        return old
    keys.required = settings.server.require_keys
    changed = [*changed_keys(old, settings), *(f"the rules of {name}" for name in rules)]
    changed += ["what is searched for"] if lessons else []
    keys_changed = ", ".join(changed) or "nothing but its text"
    log.info("the changed config is in use: %s", keys_changed)
    if _needs_restart(old, settings):
        log.warning(
            "changes under [server] and [ledger] other than require_keys, max_body_bytes and the files of a"
            " certificate need a restart"
        )
    return settings


def _stamps(config_path: Path, workshop: Workshop) -> tuple[Stamp | Stamps, ...]:
    """Of the config, of what was learned, and of the files of rules that it names."""
    rules = (stamp(place.file) for place in workshop.rules if place.file is not None)
    return stamp(config_path), stamps_of(workshop.settings), *rules


def _needs_restart(old: Settings, new: Settings) -> bool:
    followed = {"require_keys", "max_body_bytes"}
    if pair_of(old.server) is not None and pair_of(new.server) is not None:
        followed |= {"tls_cert", "tls_key"}
    servers = old.server.model_dump(exclude=followed), new.server.model_dump(exclude=followed)
    return servers[0] != servers[1] or new.ledger != old.ledger
