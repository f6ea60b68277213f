"""Which keys fit which model: by tenure, by provider, and by whether our own engine runs its weights.

Works on the table as written, so that one mistake does not hide the next. Knows no other model and no route.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from freehold.config.findings import Findings
from freehold.config.kinds import is_loopback
from freehold.config.lines import KeyPath
from freehold.config.settings import OPENAI_URL
from freehold.config.words import unknown_word

# Default values of a model's keys by the provider's name: where a known host is, and what its key is called.
Presets = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class _Shape:
    """What decides about the rest: `None` where it is missing or of the wrong kind."""

    tenure: str | None
    provider: str | None
    has_weights: bool
    has_url: bool


@dataclass(frozen=True, slots=True)
class _Fit:
    """Keys that mean something only to some models."""

    keys: tuple[str, ...]
    means: Callable[[_Shape], bool]
    message: str
    hint: str | None = None


_FITS = (
    _Fit(
        ("ttft_seconds", "tokens_per_second", "plays"),
        lambda shape: shape.provider in {"sandbox", None},
        'is for provider = "sandbox" alone',
    ),
    _Fit(
        ("url", "key_env", "key_file"),
        lambda shape: shape.provider != "sandbox",
        "means nothing to the sandbox, which calls nobody",
        "take it out, or name the provider that is to be called",
    ),
    _Fit(
        ("rules",),
        lambda shape: shape.provider in {"rules", None},
        'is for provider = "rules" alone',
    ),
    _Fit(
        ("url", "key_env", "key_file"),
        lambda shape: shape.provider != "rules",
        "means nothing to rules, which call nobody",
        "take it out, or name the provider that is to be called",
    ),
    _Fit(
        ("api_version", "entra_tenant_id", "entra_client_id", "entra_authority"),
        lambda shape: shape.provider in {"azure", None},
        'is for provider = "azure" alone',
    ),
    _Fit(
        ("weights",),
        lambda shape: shape.provider in {"llamacpp", None},
        'is for provider = "llamacpp" alone',
    ),
    _Fit(
        ("threads", "gpu_layers", "embeddings"),
        lambda shape: shape.has_weights or shape.provider is None,
        "is for the embedded engine alone, which runs a model with weights",
    ),
    _Fit(
        ("slots",),
        lambda shape: shape.tenure != "rented",
        "is for owned models alone",
    ),
    _Fit(
        ("hourly_cost_usd",),
        lambda shape: shape.tenure != "rented",
        "is for owned models alone; a rented one is paid by the token",
        "use input_usd_per_million and output_usd_per_million",
    ),
    _Fit(
        ("batch",),
        lambda shape: shape.tenure != "owned",
        "is for rented models alone; an owned one costs by the hour",
        "use hourly_cost_usd",
    ),
)

_TOKEN_PRICES = (
    "input_usd_per_million",
    "cached_input_usd_per_million",
    "output_usd_per_million",
    "price_as",
)


def with_defaults(name: str, table: Mapping[str, Any], presets: Presets) -> dict[str, Any]:
    """The table of model `name` with those defaults that depend on its other keys."""
    defaults: dict[str, Any] = {
        "model": name,
        "clearance": "secret" if table.get("tenure") == "owned" else "internal",
    }
    if table.get("provider") == "openai":
        defaults["url"] = OPENAI_URL
    if table.get("provider") == "rules":
        defaults["hourly_cost_usd"] = 0  # they run within the gateway, on no machine of their own
    provider = table.get("provider")
    preset = presets.get(provider, {}) if isinstance(provider, str) else {}
    own_key = "key_env" in table or "key_file" in table
    # A key's default name belongs to the preset's own address: another server must never be sent it.
    hidden = ("key_env",) if own_key or "url" in table else ()
    return defaults | {key: value for key, value in preset.items() if key not in hidden} | dict(table)


def check_model(
    table: Mapping[str, Any], path: KeyPath, providers: Collection[str], findings: Findings
) -> None:
    """Every rule about one model that spans more than one of its keys."""
    provider = table.get("provider")
    if isinstance(provider, str) and provider and provider not in providers:
        findings.wrong((*path, "provider"), *unknown_word(provider, "provider", providers))
        provider = None
    shape = _shape(table, provider)
    for fit in _FITS:
        for key in fit.keys:
            if key in table and not fit.means(shape):
                findings.wrong((*path, key), fit.message, fit.hint)
    _check_provider(table, path, shape, findings)
    _warn(table, path, shape, findings)


def _shape(table: Mapping[str, Any], provider: object) -> _Shape:
    tenure = table.get("tenure")
    return _Shape(
        tenure=tenure if tenure in ("rented", "owned") else None,
        provider=provider if isinstance(provider, str) else None,
        has_weights="weights" in table,
        has_url="url" in table,
    )


def _check_provider(table: Mapping[str, Any], path: KeyPath, shape: _Shape, findings: Findings) -> None:
    if shape.provider == "sandbox" and shape.tenure == "owned":
        hint = 'write tenure = "rented"'
        findings.wrong((*path, "tenure"), "the sandbox stands in for a rented model", hint)
    elif shape.provider == "rules":
        _check_rules(table, path, shape, findings)
    elif shape.provider == "llamacpp":
        _check_llamacpp(path, shape, findings)
    elif shape.provider == "azure":
        _check_azure(table, path, shape, findings)
    elif shape.provider == "compatible" and not shape.has_url:
        findings.wrong((*path, "url"), "url is missing", 'such as url = "http://127.0.0.1:8000/v1"')
    elif shape.provider == "openai" and not shape.has_url:
        _check_openai(table, path, shape, findings)


def _check_rules(table: Mapping[str, Any], path: KeyPath, shape: _Shape, findings: Findings) -> None:
    if shape.tenure == "rented":
        findings.wrong((*path, "tenure"), "rules that run here are owned", 'write tenure = "owned"')
    if "rules" not in table:
        hint = 'such as rules = "moderation.toml", or rules = "builtin:starter" to try it'
        findings.wrong((*path, "rules"), "rules is missing", hint)
    elif table["rules"] == "builtin:starter":
        hint = "what it does not flag is not thereby harmless; write your own"
        findings.odd((*path, "rules"), "is a starter, not a classifier", hint)


def _check_llamacpp(path: KeyPath, shape: _Shape, findings: Findings) -> None:
    if shape.has_weights and shape.has_url:
        message = "weights are run by the embedded engine, url names a server that is already there"
        findings.wrong((*path, "url"), message, "keep one of them")
    elif not shape.has_weights and not shape.has_url:
        hint = 'weights = "model.gguf" runs it here; url = "http://host:8080/v1" asks a llama-server'
        findings.wrong((*path, "weights"), "a llamacpp model needs weights or a url", hint)
    elif shape.has_weights and shape.tenure == "rented":
        findings.wrong((*path, "tenure"), "weights that run here are owned", 'write tenure = "owned"')


def _check_azure(table: Mapping[str, Any], path: KeyPath, shape: _Shape, findings: Findings) -> None:
    if not shape.has_url:
        findings.wrong((*path, "url"), "url is missing", 'such as url = "https://NAME.openai.azure.com"')
    if "key_env" not in table and "key_file" not in table:
        findings.wrong((*path, "key_env"), "Azure takes a key", 'write key_env = "AZURE_OPENAI_API_KEY"')
    for one, other in (("entra_tenant_id", "entra_client_id"), ("entra_client_id", "entra_tenant_id")):
        if one in table and other not in table:
            findings.wrong((*path, other), f"{other} is missing", f"{one} needs it")


def _check_openai(table: Mapping[str, Any], path: KeyPath, shape: _Shape, findings: Findings) -> None:
    if shape.tenure == "owned":
        hint = 'name your own server with url, or write tenure = "rented"'
        findings.wrong((*path, "tenure"), "OpenAI's models are rented", hint)
    elif "key_env" not in table and "key_file" not in table:
        findings.wrong((*path, "key_env"), "OpenAI's API takes a key", 'write key_env = "OPENAI_API_KEY"')


def _warn(table: Mapping[str, Any], path: KeyPath, shape: _Shape, findings: Findings) -> None:
    if shape.tenure == "owned":
        if "hourly_cost_usd" not in table and shape.provider != "rules":
            hint = "hourly_cost_usd is hardware, power and people, all in"
            findings.odd((*path, "hourly_cost_usd"), "what it costs is unknown and is shown as unknown", hint)
        for key in _TOKEN_PRICES:
            if key in table:
                message = "is not used: an owned model costs by the hour"
                findings.odd((*path, key), message, "use hourly_cost_usd")
    elif shape.tenure == "rented" and _in_the_clear(table.get("url")):
        findings.odd((*path, "url"), "requests and keys travel unencrypted", "use https")


def _in_the_clear(url: object) -> bool:
    if not isinstance(url, str) or not url.startswith("http://"):
        return False
    try:
        return not is_loopback(urlsplit(url).hostname or "")
    except ValueError:  # not a URL: said where its kind is read
        return False
