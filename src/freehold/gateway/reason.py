"""The reason in one plain sentence: the same in the header, the ledger, `explain` and on the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from freehold.gateway.deployment import Deployment
from freehold.gateway.house import Route
from freehold.routing import Choice

# Limits that remove on every such request, because the client or the config asked for it: no news.
_EXPECTED = ("tenure", "stand_in")


def reason_for(
    route: Route,
    choice: Choice,
    answered: Deployment | None,
    failed: Sequence[tuple[str, str]],
    hidden: Sequence[str] = (),
) -> str:
    """Who answered and why; whom the limits removed; who failed before. Plain ASCII, for a header.

    `failed` are models and what a client may be told of their failures; `hidden` the types of the values that
    it received as pseudonyms.
    """
    said = [_who(route, choice, answered)]
    if hidden:
        said.append(f"pseudonyms stood for what it may not receive ({', '.join(hidden)})")
    said += [f"{r.model} was out: it {r.why}" for r in choice.removed if r.limit not in _EXPECTED]
    said += _failures(failed) if failed else ()
    sentence = "; ".join(said) + "."
    return plain(sentence)


def _failures(failed: Sequence[tuple[str, str]]) -> list[str]:
    """Each failure once, with how often it was met: a retry that fails alike is no news."""
    times = Counter((model, said.rstrip(".")) for model, said in failed)
    often = {key: "" if count == 1 else f" {count} times" for key, count in times.items()}
    return [f"{model} failed{often[model, error]}: {error}" for model, error in times]


def _who(route: Route, choice: Choice, answered: Deployment | None) -> str:
    first = choice.order[0]
    if answered is None:
        return f"No model of {route.name} answered"
    kind = f"{answered.tenure}, simulated" if answered.provider.simulated else answered.tenure
    if route.is_model:
        return f"{answered.name} ({kind}) answered because the request named it"
    if answered.name == first.model:
        return f"{answered.name} ({kind}) answered because {choice.why}"
    return (
        f"{answered.name} ({kind}) answered in place of {first.model}, which was first because {choice.why}"
    )


def plain(sentence: str) -> str:
    """The sentence as a header may hold it: printable ASCII."""
    if sentence.isascii() and sentence.isprintable():
        return sentence
    kept = sentence.encode("ascii", "replace").decode()
    return "".join(c if c.isprintable() else " " for c in kept)
