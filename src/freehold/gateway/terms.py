"""What one request may use and cost at most: rate limits at the door, the worst case of each attempt.

Knows no HTTP. Everything here is for keys and routes with limits or budgets; the others pass by.
"""

from __future__ import annotations

import math
import time
from decimal import Decimal

import msgspec

from freehold.access import Key
from freehold.costs import slot_cost, worst_cost
from freehold.errors import Refused
from freehold.gateway.deployment import Deployment
from freehold.gateway.draft import Draft
from freehold.gateway.house import House, Route
from freehold.wire import Ask, Endpoint, invalid_type

_OUTPUT_BOUNDS = ("max_completion_tokens", "max_tokens")
_LONGEST_COUNT = 20  # characters
_CHOICES = frozenset({"n", "best_of"})
# What a model reads without its tokens showing in the bytes of the request.
_UNSEEN_INPUT = (b'"image_url"', b'"input_audio"', b'"file"')
# An attempt that runs into its deadline gives its slot back a moment after it.
_LETTING_GO_SECONDS = 1.0
_WHY_OUT = {
    "insufficient_quota": "may cost more than a budget has left",
    "cost_unbounded": "has no known worst case that a budget could hold",
}


def admit(house: House, key: Key | None, route: Route, ask: Ask, draft: Draft) -> None:
    """Count the request against its rate limits and open its hold. Raises `Refused` (429)."""
    if (
        route.rate is None
        and route.budget is None
        and (key is None or (key.rate is None and key.budget is None))
    ):
        return
    admission = house.rates.admission(key, route.name, route.rate)
    if admission is not None:
        draft.admission = admission  # first: a refusal shows its headers too
        admission.enter(_likely_tokens(ask, route), time.monotonic())
    draft.hold = house.budgets.hold(key, route.name, route.budget, draft.at)
    if draft.hold is not None:
        draft.text_bytes = _text_bytes(ask)


def _likely_tokens(ask: Ask, route: Route) -> int:
    """A first guess, corrected by the usage that the answer reports."""
    bound = ask.max_output_tokens
    made = route.max_output_tokens if bound is None else bound
    if made is None or made < 0 or not ask.endpoint.makes_tokens:
        return ask.input_tokens_estimate
    return ask.input_tokens_estimate + made


def bounded(ask: Ask, most: int, deployment: Deployment) -> Ask:
    """The request with the route's `max_output_tokens` where the client set no bound of its own."""
    if not ask.endpoint.makes_tokens or any(map(ask.has, _OUTPUT_BOUNDS)):
        return ask
    field = deployment.provider.output_bound if ask.endpoint is Endpoint.CHAT else "max_tokens"
    return msgspec.structs.replace(ask, fields=ask.fields | {field: msgspec.Raw(b"%d" % most)})


def worst_usd(ask: Ask, draft: Draft, route: Route, deployment: Deployment, seconds: float) -> Decimal:
    """The most that one attempt of at most `seconds` can cost. Raises `Refused` where nothing bounds it."""
    if deployment.slots is not None:
        return _worst_of_slot(deployment, seconds)
    given = _most_input_tokens(draft.text_bytes, deployment)
    made = _most_output_tokens(ask, route, deployment.candidate.context_tokens)
    worst = worst_cost(given, made, deployment.price, batch=deployment.batch)
    if worst is None:
        raise _unbounded(
            f"nobody knows what {deployment.name} costs",
            f"[models.{deployment.name}] input_usd_per_million and output_usd_per_million",
        )
    return worst


def why_out(refusal: Refused) -> str:
    """Why a budget removed a model, in words that follow its name."""
    return _WHY_OUT.get(refusal.code or "", "needs max_tokens, so that a budget can hold its worst case")


def _worst_of_slot(deployment: Deployment, seconds: float) -> Decimal:
    """An owned model costs by the time that it is used, which the deadline bounds."""
    slots, hourly = deployment.slots, deployment.hourly_cost_usd
    if slots is None or hourly is None:
        setting = f"[models.{deployment.name}] hourly_cost_usd"
        raise _unbounded(f"nobody knows what {deployment.name} costs", setting)
    return slot_cost(math.ceil((seconds + _LETTING_GO_SECONDS) * 1_000_000), slots.count, hourly)


def _most_input_tokens(text_bytes: int | None, deployment: Deployment) -> int:
    """At most one token a byte, since a tokenizer that knows every byte makes no more of them.

    The bytes are those of the whole request: what a chat template adds is outweighed by JSON's own marks. A
    prompt that an upstream adds by itself shows in what it reports, and is added from then on.
    """
    context = deployment.candidate.context_tokens
    if text_bytes is None:
        if context is None:
            setting = f"[models.{deployment.name}] context_tokens"
            raise _unbounded("nothing tells how many tokens an image, a recording or a file has", setting)
        return context
    most = text_bytes + deployment.added_input_tokens
    return most if context is None else min(most, context)


def _text_bytes(ask: Ask) -> int | None:
    """The request's size, `None` where its bytes do not tell how much a model reads."""
    messages = bytes(ask.fields.get("messages", b""))
    if b'"type"' in messages and any(mark in messages for mark in _UNSEEN_INPUT):
        return None
    return ask.size_bytes


def _most_output_tokens(ask: Ask, route: Route, context: int | None) -> int:
    """What the client bounds it to, else the route, else the context; for each answer that it asked for."""
    if not ask.endpoint.makes_tokens:
        return 0
    stated = [most for name in _OUTPUT_BOUNDS if (most := _whole(ask, name)) is not None]
    unstated = context if route.max_output_tokens is None else route.max_output_tokens
    most = max(stated) if stated else unstated
    if most is None:
        route_setting = f"[routes.{route.name}] max_output_tokens"
        setting = f"[models.{route.name}] context_tokens" if route.is_model else route_setting
        raise Refused(
            400,
            "Missing required parameter: 'max_tokens'. A budget holds the worst case of a request, and"
            f" nothing bounds its answer. Send max_tokens, or have {setting} set in Freehold's config.",
            code="missing_required_parameter",
            param="max_tokens",
        )
    return most * _answers(ask)


def _answers(ask: Ask) -> int:
    """How many answers are made: the choices, for each prompt of a completion request."""
    choices = 1
    if not _CHOICES.isdisjoint(ask.fields):
        choices = max([1, *(count for name in _CHOICES if (count := _whole(ask, name)) is not None)])
    if ask.endpoint is not Endpoint.COMPLETIONS:
        return choices
    prompt = ask.value("prompt")
    if isinstance(prompt, list) and prompt and not isinstance(prompt[0], int):  # token ids are one prompt
        return choices * len(prompt)
    return choices


def _whole(ask: Ask, name: str) -> int | None:
    """A field that must be a count, `None` where the client left it out."""
    raw = ask.fields.get(name)
    if raw is None:
        return None
    text = bytes(raw)
    if text.isdigit() and len(text) < _LONGEST_COUNT:
        return int(text)
    if text == b"null":
        return None
    raise invalid_type(name, "a whole number that is not negative, since a budget holds its worst case")


def _unbounded(why: str, setting: str) -> Refused:
    return Refused(
        403,
        f"This request counts against a budget, and {why}, so its worst case cannot be held. Whoever runs"
        f" this Freehold can set {setting}.",
        type_="permission_error",
        code="cost_unbounded",
    )
