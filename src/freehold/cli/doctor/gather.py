"""Goes and looks at one model: its upstream's list, then one tiny question. Says nothing of what it means."""

from __future__ import annotations

import time

import msgspec

from freehold.cli.doctor.facts import GATEWAY_KNOWS_NOT, GATEWAY_REFUSED, Facts
from freehold.cli.doctor.first_token import Heard, hear, question
from freehold.cli.doctor.listing import Listing, list_models, list_request
from freehold.cli.doctor.reach import at_its_address, reached
from freehold.cli.doctor.visit import Visit
from freehold.cli.house_rules import InRules
from freehold.cli.places import capabilities
from freehold.config import ConfigErrors, ModelSettings
from freehold.errors import FreeholdError, UpstreamError
from freehold.providers import load_provider
from freehold.wire import Endpoint, read_ask

# What a bare 401, 403 or 404 is taken for, and means where the gateway said it: upstreams' it answers as 502.
_ITS_OWN = {"upstream_rejected_key": GATEWAY_REFUSED, "upstream_not_found": GATEWAY_KNOWS_NOT}
_NO_WAY_ON = ("upstream_unreachable", "upstream_tls")


async def gather(name: str, visit: Visit) -> Facts:
    """Never raises what an upstream does wrong; ends within the visit's patience."""
    model = visit.settings.models[name]
    through = visit.goes_through_gateway(model)
    listing = await _listing(name, model, visit)
    can_be_asked = visit.asks and question(capabilities(model, load_provider(model.provider))) is not None
    if not can_be_asked or (not through and (name in visit.unkeyed or _is_hopeless(listing))):
        return Facts(listing)
    return Facts(listing, await _answer(name, visit, through=through), through)


async def _listing(name: str, model: ModelSettings, visit: Visit) -> Listing | UpstreamError | None:
    if model.url is None or model.entra_tenant_id is not None or name in visit.unkeyed:
        return None
    upstream = at_its_address(name, model)
    request = list_request(upstream.target, visit.patience.timeouts)
    if request is None:
        return None
    try:
        return await list_models(visit.client, upstream.clearance, request)
    except UpstreamError as error:
        return error


def _is_hopeless(listing: Listing | UpstreamError | None) -> bool:
    """Whether a question would only hear the same again."""
    if isinstance(listing, UpstreamError):
        return listing.code in _NO_WAY_ON
    return listing is not None and listing.status == 401


async def _answer(name: str, visit: Visit, *, through: bool) -> Heard | FreeholdError | None:
    try:
        if visit.settings.models[name].rules is not None and not through:
            return await _judge(name, visit)
        async with reached(name, visit) as there:
            return await hear(
                visit.client, there.clearance, there.provider, there.target, visit.patience.timeouts
            )
    except UpstreamError as error:
        return _as_the_gateway_said(error) if through else error
    except ConfigErrors as errors:
        return FreeholdError(errors.message, hint="`freehold check` tells each")
    except FreeholdError as error:
        return error


async def _judge(name: str, visit: Visit) -> Heard:
    """Rules answer within a process, here in this one. Raises `FreeholdError` for a file that is wrong."""
    model = visit.settings.models[name]
    began = time.perf_counter()
    place = InRules(name, model, visit.settings.base, capabilities(model, load_provider(model.provider)))
    try:
        await place.answer(read_ask(Endpoint.MODERATIONS, b'{"input":"ok"}'))
    finally:
        await place.stop()
    return Heard(None, time.perf_counter() - began, None)


def _as_the_gateway_said(error: UpstreamError) -> UpstreamError:
    """The failure that the gateway met, out of the error object that it answered with; or its own refusal."""
    own = _ITS_OWN.get(error.code)
    if own is not None and error.body is None:
        return UpstreamError(error.message, status=error.status, code=own)
    try:
        said = msgspec.json.decode(error.body or b"")["error"]
        return UpstreamError(str(said["message"]), status=error.status, code=str(said["code"]))
    except (msgspec.DecodeError, KeyError, TypeError):
        return error
