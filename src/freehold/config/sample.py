"""The text of a first `freehold.toml`, fitted to what was found and explained line by line.

Text in, text out: writes no file, and a test reads every sample back.
"""

from __future__ import annotations

from decimal import Decimal

from freehold.config.findings import quoted
from freehold.errors import FreeholdError

_MONTH_HOURS = 730

_HEAD = """\
# Freehold's one file: which models there are, who may be asked what, and where it is written down.
# `freehold check` reads it and tells every mistake; a running Freehold takes up changes without a restart.

[server]
host = "127.0.0.1"                  # this machine alone; 0.0.0.0 listens to the network (then require keys)
port = {port}
require_keys = false                # true: `freehold keys create` makes one for each application

[ledger]
path = "freehold.db"                # what happened, in SQLite; relative paths count from this file's folder
"""

_SANDBOX = """\
[models.gpt]                        # rented: an API that somebody else runs. This one is a stand-in:
tenure    = "rented"                # the sandbox calls nobody and its answers are SIMULATED. It is paced
provider  = "sandbox"               # and priced like the model below, its money totalled apart.
price_as  = "openai/gpt-4o-mini"
plays     = "ticket"
clearance = "internal"              # the default for rented: nothing personal, nothing secret

# To rent for real, put this in its place (`freehold init --rent openai` writes it so):
# [models.gpt]
# tenure    = "rented"
# provider  = "openai"
# model     = "gpt-4o-mini"
# key_env   = "OPENAI_API_KEY"      # the name of the variable; a key itself never stands in this file
# clearance = "internal"
"""

_SEEN = """\
# (OPENAI_API_KEY is set in this environment. That alone changes nothing: no key is used until named here.)
"""

_OPENAI = """\
[models.gpt]                        # rented: an API that somebody else runs
tenure    = "rented"
provider  = "openai"
model     = "gpt-4o-mini"
key_env   = "OPENAI_API_KEY"        # the name of the variable; the key itself never stands in this file
clearance = "internal"              # the default for rented: nothing personal, nothing secret
"""

_COMPATIBLE = """\
[models.gpt]                        # rented: an API that somebody else runs, on OpenAI's wire
tenure    = "rented"
provider  = "compatible"
url       = {url}
{model}# key_env = "UPSTREAM_API_KEY"      # the name of the variable; a key itself never stands in this file
# input_usd_per_million  = 0.15     # what it costs, from its price list; without it the cost is unknown
# output_usd_per_million = 0.60
clearance = "internal"              # the default for rented: nothing personal, nothing secret
"""

_MODEL_UNKNOWN = """\
model     = "gpt"                   # FILL IN what it is called there (GET {url}/models lists it)
"""

_OWNED = """\
[models.llama]                      # owned: weights on our machines
tenure    = "owned"
provider  = "llamacpp"
weights   = {weights}
slots     = 4                       # requests that it answers at once
clearance = "secret"                # the default for owned: nothing leaves the house
# All in: hardware, power, people. {cost} USD an hour is {monthly} a month ({hours} hours){reason}
hourly_cost_usd = {cost}
"""

_ROUTE = """\
[routes.triage]                     # applications ask for model = "triage"
{sides}label     = "internal"              # how private its requests are at least; a client can only raise it
"""

_RENT_SIDE = 'rent      = "gpt"                   # a name or a list, tried in order\n'
_OWN_SIDE = 'own       = "llama"\n'
_GRAMMAR = """\
grammar   = "ticket"                # binds the owned model's answer to the ticket at hand
"""


def render_sample(
    *,
    rent: str | None = None,
    rent_model: str | None = None,
    own_weights: str | None = "builtin:triage",
    hourly_cost_usd: Decimal | None = None,
    openai_key_seen: bool = False,
    port: int = 8400,
) -> str:
    """A commented config of one rented and one owned model behind the route `triage`.

    `rent` is `"openai"`, the URL of an API on OpenAI's wire (`rent_model` is its name for the model), or
    `None` for the sandbox. `own_weights` is a GGUF's path, or `None` for no owned model. Without
    `hourly_cost_usd` the sample assumes a price and says so. `openai_key_seen` adds a remark, no more.

    Raises:
        FreeholdError: `rent` is neither.
    """
    parts = [_HEAD.format(port=port), _rented(rent, rent_model, openai_key_seen=openai_key_seen)]
    if own_weights is not None:
        parts.append(_owned(own_weights, hourly_cost_usd))
    parts.append(_route(own_weights))
    return "\n".join(parts)


def _rented(rent: str | None, rent_model: str | None, *, openai_key_seen: bool) -> str:
    if rent is None:
        return _SANDBOX + (_SEEN if openai_key_seen else "")
    if rent == "openai":
        return _OPENAI
    if not rent.startswith(("https://", "http://")):
        message = f"cannot rent from {quoted(rent)}: it is neither a provider that this knows nor a URL"
        raise FreeholdError(message, hint='such as "openai" or "https://host/v1"')
    model = (
        _MODEL_UNKNOWN.format(url=rent.rstrip("/"))
        if rent_model is None
        else f"model     = {_string(rent_model)}\n"
    )
    return _COMPATIBLE.format(url=_string(rent), model=model)


def _owned(weights: str, hourly_cost_usd: Decimal | None) -> str:
    cost = Decimal("0.05") if hourly_cost_usd is None else hourly_cost_usd
    assumed = ",\n# about what a small virtual machine costs. It is an assumption: put your own figure."
    return _OWNED.format(
        weights=_string(weights),
        cost=f"{cost:f}",
        monthly=f"{cost * _MONTH_HOURS:.2f}",
        hours=_MONTH_HOURS,
        reason=assumed if hourly_cost_usd is None else ".",
    )


def _route(own_weights: str | None) -> str:
    if own_weights is None:
        return _ROUTE.format(sides=_RENT_SIDE)
    home = 'home      = "own"                   # asked first; a real model on the other side may stand in\n'
    grammar = _GRAMMAR if own_weights == "builtin:triage" else ""
    return _ROUTE.format(sides=_RENT_SIDE + _OWN_SIDE + home) + grammar


def _string(text: str) -> str:
    """A TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in escaped) + '"'
