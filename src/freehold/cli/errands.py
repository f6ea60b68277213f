"""What is sent on nobody's request is written down: tokens, checkpoints, what commands ask and fetch.

A request's own attempts stand in its record; these have none, so each is an event, and with it a leaf. A
command writes into the ledger of its config, where there is one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from freehold.cli.finding import HERE
from freehold.cli.reading import settings_for_looking
from freehold.cli.who import who
from freehold.egress import Client
from freehold.errors import FreeholdError
from freehold.ledger import ERRAND, LedgerError, append_event
from freehold.privacy import Permit

Tell = Callable[[Permit], Awaitable[None]]


def errand_client(ledger: Path) -> Client:
    """The gateway's: sends nothing before the permit for it is in the ledger at `ledger`."""

    async def tell(permit: Permit) -> None:
        await asyncio.to_thread(append_event, ledger, ERRAND, _said([permit]), who="freehold")

    return Client(tell=tell)


def told_once(ledger: Path | None, *, whatever_happens: bool = False) -> Tell:
    """A command's: the same bytes for the same place under the same permit are told once, before they leave.

    With `whatever_happens` a ledger that cannot be written keeps nothing from being sent: for a command that
    is to find out what is wrong with it. Where there is no ledger nobody is told.
    """
    known: set[tuple[str, ...]] = set()

    async def tell(permit: Permit) -> None:
        alike = _kind(permit, permit.digest)
        if ledger is None or alike in known:
            return
        known.add(alike)
        try:
            await asyncio.to_thread(_write, ledger, [permit])
        except LedgerError:
            if not whatever_happens:
                raise

    return tell


class ToldTogether:
    """For measurements, which no write may disturb: what was sent is written down by `write`, all at once."""

    def __init__(self, ledger: Path | None) -> None:
        self._ledger = ledger
        self._permits: dict[tuple[str, ...], list[Permit]] = {}

    async def __call__(self, permit: Permit) -> None:
        self._permits.setdefault(_kind(permit), []).append(permit)

    def write(self) -> None:
        """Begins a ledger where there is none, as whoever measures keeps the result there. `LedgerError`."""
        if self._ledger is not None:
            for permits in self._permits.values():
                append_event(self._ledger, ERRAND, _said(permits), who=who(), create=True)
        self._permits.clear()


def ledger_of(config: Path | None) -> Path | None:
    """The ledger of the config that a command is given or stands beside; `None` where that names none."""
    if config is None and not HERE.is_file():
        return None
    try:
        return settings_for_looking(config).ledger.path
    except FreeholdError:
        return None  # `freehold check` tells what is wrong with it


def _write(ledger: Path, permits: list[Permit]) -> None:
    if ledger.exists():
        append_event(ledger, ERRAND, _said(permits), who=who())


def _kind(permit: Permit, *more: str) -> tuple[str, ...]:
    return (permit.destination, permit.label.word, permit.clearance.word, permit.policy, *more)


def _said(permits: list[Permit]) -> dict[str, object]:
    """The body of the event; of several alike permits with all their digests, in the order of sending."""
    first = permits[0]
    digests = [permit.digest for permit in permits]
    return {
        "destination": first.destination,
        "region": first.region,
        "label": first.label.word,
        "clearance": first.clearance.word,
        "policy": first.policy,
        **({"digest": first.digest} if len(digests) == 1 else {"digests": digests}),
    }
