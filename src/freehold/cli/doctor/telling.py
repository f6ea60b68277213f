"""What the facts about one model mean: checks with a hint each. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from freehold.cli.doctor.facts import GATEWAY_KNOWS_NOT, GATEWAY_REFUSED, Facts
from freehold.cli.doctor.first_token import Heard
from freehold.cli.doctor.listing import Listing, cannot, context_of
from freehold.cli.doctor.report import Check, Group
from freehold.cli.figures import duration
from freehold.config import ModelSettings
from freehold.errors import FreeholdError, UpstreamError

_REJECTED, _UNKNOWN = "upstream_rejected_key", "upstream_not_found"
_UNREACHED = ("upstream_unreachable", "upstream_tls")
_TOLD_ELSEWHERE = (_REJECTED, _UNKNOWN, *_UNREACHED)


def tell(
    name: str, model: ModelSettings, facts: Facts, can: frozenset[str], promise_seconds: float | None
) -> Iterator[Check]:
    """Everything but price and weights.

    `can` is what the model is asked for, `promise_seconds` the shortest TTFT that a route promises.
    """
    group = Group(f"model {name}")
    if model.url is not None:
        reachable = _reachable(group, model, facts)
        yield reachable
        if reachable.verdict != "bad":  # or nothing more can be known
            yield from _key(group, model, facts)
            yield _known(group, model, facts)
            yield from _limits(group, model, facts, can)
    if facts.answer is not None:
        yield from _first_token(group, facts, promise_seconds)


def _reachable(group: Group, model: ModelSettings, facts: Facts) -> Check:
    failure = next((f for f in (facts.listing, facts.answer) if _is_unreached(f)), None)
    if isinstance(failure, FreeholdError) and not facts.answered:
        hint = f"is it up, and is {model.url} its address?"
        if isinstance(failure, UpstreamError) and failure.code == "upstream_tls":
            hint = "its certificate must be valid for this name, and trusted on this machine"
        return group.bad("reachable", failure.message, hint)
    if isinstance(facts.listing, Listing) and _is_no_api(facts.listing) and not facts.answered:
        hint = "an API of OpenAI's kind mostly begins at a path that ends in /v1: check url"
        return group.bad("reachable", f"{model.url} answers, and not as such an API does", hint)
    if facts.listing is None and facts.answer is None:
        return group.skipped("reachable", "nobody was asked")
    return group.good("reachable", f"{model.url} answers")


def _is_unreached(found: object) -> bool:
    return isinstance(found, UpstreamError) and found.code in _UNREACHED


def _is_no_api(listing: Listing) -> bool:
    return listing.status == 200 and listing.models is None


def _key(group: Group, model: ModelSettings, facts: Facts) -> Iterator[Check]:
    has_key = model.secret() is not None
    if facts.failure_code == _REJECTED or (facts.list_status == 401 and not facts.answered):
        if has_key:
            yield group.bad("key", "the upstream does not accept it", f"put a valid one into {_place(model)}")
        else:
            hint = f'name it in [models.{group.name.removeprefix("model ")}]: key_env = "NAME"'
            yield group.bad("key", "the upstream asks for one, and the config names none", hint)
    elif not has_key:
        return
    elif facts.answered:
        yield group.good("key", "accepted")
    elif facts.list_status == 200:
        yield group.good("key", "accepted, as far as a list of models shows")
    else:
        yield group.skipped("key", "nothing has shown whether it is accepted")


def _place(model: ModelSettings) -> str:
    return model.key_env or str(model.key_file)


def _known(group: Group, model: ModelSettings, facts: Facts) -> Check:
    if facts.answered:
        return group.good("model", f"{model.model} answers")
    listing = facts.listing if isinstance(facts.listing, Listing) else None
    if facts.failure_code == _UNKNOWN:
        near = None if listing is None else _near(model.model, listing)
        hint = near or "check model, and whether url is where the API begins"
        return group.bad("model", f"the upstream does not know {model.model}", hint)
    if listing is None or listing.models is None:
        return group.skipped("model", f"nothing has shown whether the upstream knows {model.model}")
    if listing.find(model.model) is not None:
        return group.good("model", f"the upstream lists {model.model}")
    if model.provider in ("llamacpp", "llama-server"):
        return group.good("model", "a llama-server answers with the model that it has, by whatever name")
    hint = _near(model.model, listing) or "check model, or what this key may use"
    return group.bad("model", f"the upstream does not list {model.model}", hint)


def _near(name: str, listing: Listing) -> str | None:
    found = get_close_matches(name, listing.names, n=1)
    if found:
        return f"did you mean {found[0]}?"
    return f"it has {', '.join(listing.names[:5])}" if 0 < len(listing.names) <= 5 else None


def _limits(group: Group, model: ModelSettings, facts: Facts, can: frozenset[str]) -> Iterator[Check]:
    """What the upstream says that its model cannot, and the config counts on."""
    entry = facts.listing.find(model.model) if isinstance(facts.listing, Listing) else None
    if entry is None:
        return
    context = context_of(entry)
    if context is not None and model.context_tokens is not None and model.context_tokens > context:
        said = f"the upstream takes {context:,} tokens, the config says {model.context_tokens:,}"
        yield group.odd("context", said, f"context_tokens = {context}")
    lacks = cannot(entry) & can
    if lacks:
        said = f"the upstream says that it cannot do {', '.join(sorted(lacks))}, and is asked for it here"
        yield group.odd("can", said, "name in `can` what it does")


def _first_token(group: Group, facts: Facts, promise_seconds: float | None) -> Iterator[Check]:
    answer = facts.answer
    by = ", through the gateway" if facts.through_gateway else ""
    if isinstance(answer, FreeholdError):
        if facts.failure_code == GATEWAY_REFUSED:
            said = "the gateway that runs here does not let this key of ours ask it"
            yield group.bad(
                "first token", said, "--key KEY or FREEHOLD_KEY; `freehold keys list` shows its rights"
            )
        elif facts.failure_code == GATEWAY_KNOWS_NOT:
            hint = "it runs on an older config: its log says why it does not use the one that is here"
            yield group.bad("first token", "the gateway that runs here does not know this model", hint)
        elif facts.failure_code not in _TOLD_ELSEWHERE:
            yield group.bad("first token", f"no answer{by}: {_said(answer)}", answer.hint or _hint(answer))
    elif isinstance(answer, Heard) and answer.ttft_seconds is None:
        yield group.good("first token", f"answers in {duration(answer.seconds)}{by}")
    elif isinstance(answer, Heard):
        seconds = answer.ttft_seconds
        said = f"after {duration(seconds)}{by}"
        if promise_seconds is not None and seconds is not None and seconds > promise_seconds:
            slow = f"{said}; a route promises {duration(promise_seconds)}"
            yield group.odd(
                "first token", slow, "one request is no proof: see `freehold bench`", seconds=seconds
            )
        else:
            yield group.good("first token", said, seconds=seconds)


def _said(error: FreeholdError) -> str:
    """With the upstream's own words where it has sent some."""
    body = error.body if isinstance(error, UpstreamError) else None
    return error.message if body is None else f"{error.message} {body.decode('utf-8', 'replace')}"


def _hint(error: FreeholdError) -> str | None:
    status = error.status if isinstance(error, UpstreamError) else None
    if status == 429:
        return "its rate or its credit is used up: the provider's console says which"
    if status == 504:
        return "--timeout SECONDS waits longer"
    return None
