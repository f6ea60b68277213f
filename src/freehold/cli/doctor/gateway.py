"""The gateway that writes this ledger: is it there, does it answer, which version is it."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from freehold import __version__
from freehold.cli.doctor.machine import check_port
from freehold.cli.doctor.patience import Patience
from freehold.cli.doctor.report import Check, Group
from freehold.config import Settings
from freehold.egress import Client, Origin, Request
from freehold.errors import UpstreamError
from freehold.ledger import who_holds
from freehold.privacy import Label, clear

_GROUP = Group("gateway")
_LONGEST_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Running:
    """A gateway that answers. `url` is without `/v1`."""

    url: str
    ready: bool


async def check_gateway(
    client: Client, settings: Settings, patience: Patience
) -> tuple[Running | None, list[Check]]:
    """The gateway if one answers, and what there is to say about it."""
    holder = who_holds(settings.ledger.path)
    url = None if holder is None else holder["note"].get("url")
    if holder is None or not isinstance(url, str):
        none = _GROUP.good("running", "none runs on this ledger; `freehold up` starts one")
        return None, [none, check_port(settings)]
    try:
        status, why = await _readiness(client, url, patience)
    except UpstreamError as error:
        hint = f"process {holder['pid']} holds the ledger and hangs: stop it, and start again"
        if error.code == "upstream_tls":
            hint = "it shows another certificate than [server] tls_cert, or one that has expired: see its log"
        return None, [_GROUP.bad("running", f"it does not answer: {error.message}", hint)]
    checks = [_GROUP.good("running", f"process {holder['pid']} answers at {url}")]
    if status == 200:
        checks.append(_GROUP.good("ready", "it takes requests"))
    else:
        hint = "its log says more; a model that does not start keeps it from being ready"
        checks.append(_GROUP.bad("ready", f"it takes no requests: {why or status}", hint))
    return Running(url, ready=status == 200), [*checks, _version(holder["note"].get("version"))]


async def _readiness(client: Client, url: str, patience: Patience) -> tuple[int, str | None]:
    origin, prefix = Origin.parse(url)
    permit = clear(Label.PUBLIC, Label.SECRET, origin.text, policy="doctor")
    request = Request(origin, "GET", f"{prefix}/readyz", (), b"", patience.timeouts)
    response = await client.send(permit, request)
    body = await response.read(_LONGEST_BYTES)
    try:
        said = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return response.status, None
    return response.status, str(said["reason"]) if isinstance(said, dict) and "reason" in said else None


def _version(running: object) -> Check:
    if running == __version__:
        return _GROUP.good("version", f"it is of this version, {__version__}")
    older = "one that does not say its version" if running is None else str(running)
    return _GROUP.odd("version", f"it is {older}, this is {__version__}", "restart it to run this version")
