"""The settings, as frozen values: every key of `freehold.toml`, its type, its default and what it means.

Knows no rule that spans two keys (see `fitting` and `routes`) and no file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, PrivateAttr, SecretStr

from freehold.config.kinds import (
    Capabilities,
    Delay,
    File,
    Home,
    Label,
    Money,
    Names,
    Pace,
    Place,
    Seconds,
    Split,
    Tenure,
    Text,
    Url,
    Weights,
)
from freehold.config.private import PrivacySettings
from freehold.config.section import Section
from freehold.config.telemetry import TelemetrySettings
from freehold.errors import ConfigError

OPENAI_URL = "https://api.openai.com/v1"


class ServerSettings(Section):
    """`[server]`: where Freehold listens, and whom it lets in."""

    host: Text = Field(default="127.0.0.1", description="The address to listen on.")
    port: int = Field(
        default=8400, ge=0, le=65_535, description="The port to listen on; 0 takes any free one."
    )
    require_keys: bool = Field(default=False, description="Whether every request needs a key of ours.")
    own_only: bool = Field(
        default=False, description="Whether owned models alone are asked: then nothing is rented, ever."
    )
    strict_egress: bool = Field(
        default=False,
        description="Whether the interpreter refuses every connection of this process that the door did not "
        "open, and every program but our own engine. Read at start.",
    )
    max_body_bytes: int = Field(
        default=20 * 1024 * 1024, ge=1, le=2**31, description="The largest request body that is read."
    )
    max_held_bytes: int = Field(
        default=256 * 1024 * 1024,
        ge=1,
        description="The most that the bodies of all requests under way may take together; a large one that "
        "would pass it is refused with 503.",
    )
    max_connections: int = Field(
        default=16_384,
        ge=1,
        le=1_000_000,
        description="The most clients' connections at once; one more is refused with 503. As many files must "
        "be allowed to be open, and 2,048 more.",
    )
    request_seconds: Seconds = Field(
        default=30.0, description="The longest that a request may take to arrive, its body included."
    )
    drain_seconds: Delay = Field(
        default=30.0,
        description="How long requests under way may finish after a SIGTERM, before they are cut.",
    )
    tls_cert: File | None = Field(
        default=None,
        description="The certificate to serve TLS with, and those that vouch for it, in PEM. "
        "A changed file is taken up.",
    )
    tls_key: File | None = Field(default=None, description="The private key of `tls_cert`, in PEM.")
    log_format: Literal["text", "json"] = Field(
        default="text", description="How the log on stderr is written: for people, or an object a line."
    )
    log_requests: bool = Field(
        default=False, description="Whether each request is a line of the log: figures and names, no content."
    )
    metrics: bool = Field(
        default=True, description="Whether `/metrics` is answered: to this machine, and to the key below."
    )
    metrics_key_file: File | None = Field(
        default=None, description="A file with the key that opens `/metrics` to others, as a bearer token."
    )


class LedgerSettings(Section):
    """`[ledger]`: where it is written down what happened."""

    path: File = Field(default="freehold.db", validate_default=True, description="The SQLite file.")
    sync: Literal["process", "power"] = Field(
        default="process",
        description="What a record survives once its answer has ended: a killed process, or a power cut.",
    )
    keep_days: int | None = Field(
        default=None,
        ge=1,
        le=36_500,
        description="After how many days records, idle rows and stored content are removed; totals stay.",
    )


class AuditSettings(Section):
    """`[audit]`: who signs the log, and where checkpoints go beside the ledger."""

    key_file: File | None = Field(
        default=None,
        description="The Ed25519 key (PEM) that signs checkpoints; made if it is not there.",
        json_schema_extra={"default": "beside the ledger, `<path>.signing-key`"},
    )
    checkpoint_seconds: Seconds = Field(
        default=600.0, description="How often a checkpoint is signed, if there is anything new."
    )
    checkpoint_file: File | None = Field(
        default=None,
        description="A second place for checkpoints, one JSON object a line; `audit verify` reads it too.",
    )
    checkpoint_syslog: bool = Field(
        default=False, description="Whether checkpoints go to this machine's syslog as well."
    )
    checkpoint_url: Url | None = Field(
        default=None, description="Where checkpoints are sent by POST as well, as JSON."
    )
    controller: Text | None = Field(
        default=None,
        description="Who is responsible for the processing, with contact, for the register of GDPR Art. 30.",
    )


class PriceSettings(Section):
    """`[prices]`: what rented tokens cost, where the published prices do not say it."""

    file: File | None = Field(
        default=None, description="A TOML file of prices that outrank the published ones."
    )


class ModelSettings(Section):
    """`[models.X]`: one deployment of a model at one upstream."""

    tenure: Tenure = Field(description="Whether somebody else runs it or we do.", examples=["rented"])
    provider: Text = Field(description="Which API it speaks.", examples=["openai"])
    url: Url | None = Field(
        default=None,
        description="Where its API begins.",
        json_schema_extra={"default": f"`{OPENAI_URL}` for `openai`, else none"},
    )
    model: Text = Field(
        description="The name that the upstream knows it by.",
        json_schema_extra={"default": "the table's name"},
    )
    key_env: Text | None = Field(
        default=None, description="The environment variable that holds the upstream's key."
    )
    key_file: File | None = Field(default=None, description="A file that holds the upstream's key.")
    api_version: Text | None = Field(None, description="The version of Azure's API that is asked for.")
    entra_tenant_id: Text | None = Field(
        None, description="The Entra tenant that issues Azure's tokens; the key is the client's secret then."
    )
    entra_client_id: Text | None = Field(None, description="The Entra application that asks for tokens.")
    entra_authority: Url = Field(
        "https://login.microsoftonline.com",
        description="Entra's login server; national clouds have their own.",
    )
    clearance: Label = Field(
        default="internal",
        description="The highest label that it may receive.",
        json_schema_extra={"default": "`internal` for rented, `secret` for owned"},
    )
    region: Text | None = Field(default=None, description="Where its machines stand.")
    trains_on_data: bool | None = Field(
        default=None, description="What the provider's contract says: whether it trains on what it is sent."
    )
    retention_days: int | None = Field(
        default=None,
        ge=0,
        le=36_500,
        description="What the provider's contract says: how long it keeps what it is sent.",
    )
    certifications: Names = Field(
        default=(),
        description="What the provider's contract says: its certifications, such as `ISO 27001`.",
        json_schema_extra={"default": "none stated"},
    )
    can: Capabilities | None = Field(
        default=None, description="What it can do, where the provider's own list is not right for it."
    )
    context_tokens: int | None = Field(
        default=None,
        ge=1,
        le=100_000_000,
        description="The most tokens that a request and its answer may take together.",
    )

    input_usd_per_million: Money | None = Field(
        default=None, description="The price of a million input tokens."
    )
    cached_input_usd_per_million: Money | None = Field(
        default=None, description="The price of a million input tokens that the upstream had cached."
    )
    output_usd_per_million: Money | None = Field(
        default=None, description="The price of a million output tokens."
    )
    price_as: Text | None = Field(
        default=None,
        description="The published price to take, as `provider/model`, where its own name does not say it.",
    )
    batch: bool = Field(default=False, description="Whether it is billed at batch prices.")
    hourly_cost_usd: Money | None = Field(
        default=None, description="What an owned model costs each hour, used or not: hardware, power, people."
    )

    retries: int = Field(default=2, ge=0, le=10, description="How often a failed attempt is repeated.")
    breaker: bool = Field(
        default=True, description="Whether a model that keeps failing is left alone for a while."
    )
    timeout_seconds: Seconds = Field(
        default=120.0, description="The longest wait for the first byte of an answer, and between two."
    )
    attempt_seconds: Seconds | None = Field(
        default=None, description="The longest that one attempt may take in all."
    )

    weights: Weights | None = Field(default=None, description="The GGUF file that the embedded engine runs.")
    rules: Weights | None = Field(
        default=None,
        description="The TOML file of rules by which `rules` moderates; `builtin:starter` is an example.",
    )
    slots: int = Field(
        default=4, ge=1, le=1024, description="How many requests an owned model answers at once."
    )
    max_requests: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="The most requests that it has at once, those included that wait for a slot; one more is "
        "asked elsewhere, or refused with 503. To one host there are 1,024 connections at most.",
        json_schema_extra={"default": "1024 for rented, 64 for each slot of an owned model"},
    )
    threads: int | None = Field(
        default=None, ge=1, le=1024, description="Processor threads of the embedded engine."
    )
    gpu_layers: int = Field(
        default=0, ge=0, le=10_000, description="How many layers the embedded engine puts on a GPU."
    )
    embeddings: bool = Field(
        default=False, description="Whether the embedded engine serves embeddings beside text."
    )

    ttft_seconds: Delay = Field(default=0.35, description="The sandbox's time to its first token.")
    tokens_per_second: Pace = Field(default=80.0, description="The sandbox's speed after that.")
    plays: Text | None = Field(default=None, description="The part that the sandbox plays.")

    _secret: SecretStr | None = PrivateAttr(None)

    def model_post_init(self, context: Any, /) -> None:
        """Take the secret from the reader, by a way that no key of the file can reach."""
        if isinstance(context, Place) and context.secret is not None:
            self._secret = SecretStr(context.secret)

    def secret(self) -> str | None:
        """The upstream's key. `None` where it takes none. Never part of a repr, a dump or an error."""
        return None if self._secret is None else self._secret.get_secret_value()

    @property
    def embedded(self) -> bool:
        """Whether our own engine runs its weights."""
        return self.weights is not None


class RouteSettings(Section):
    """`[routes.R]`: one use case, by the name that applications ask for."""

    rent: Names = Field(default=(), description="Rented models, tried in order.")
    own: Names = Field(default=(), description="Owned models, tried in order.")
    home: Home = Field(
        default="rent",
        description="Where requests go by default.",
        json_schema_extra={"default": "the side that is there, `rent` where both are"},
    )
    policy: Text = Field(default="home", description="How the models that may answer are ranked.")
    split: Split | None = Field(default=None, description='The share of each model under `policy = "split"`.')
    label: Label = Field(default="internal", description="How private its requests are at least.")
    private: Literal["keep", "refuse", "redact"] = Field(
        default="keep",
        description="What happens above a model's clearance: the request is kept with cleared models, "
        "it is redacted (pseudonyms leave, the answer is restored), or it is refused.",
    )
    scan: Literal["auto", "always", "never"] = Field(
        default="auto",
        description="Whether requests are looked through for what is private: where some model of the route "
        "may not receive everything, always, or never.",
    )
    regions: Names = Field(
        default=(),
        description="Where its requests may go: the `region` of a model, or several. Not given: anywhere.",
        json_schema_extra={"default": "anywhere"},
    )
    store: bool = Field(default=False, description="Whether prompts and answers are kept in the ledger.")
    grammar: Text | None = Field(
        default=None, description="The function that binds an owned model's answer to what was asked."
    )
    ttft_seconds: Seconds | None = Field(
        default=None, description="The time to the first token that the route promises."
    )
    deadline_seconds: Seconds = Field(
        default=600.0, description="The longest that a request may take, all attempts in all."
    )
    max_output_tokens: int | None = Field(
        default=None,
        ge=1,
        le=100_000_000,
        description="The longest answer, where the client does not bound it: sent to the model, and what a "
        "budget holds.",
    )
    budget_usd: Money | None = Field(
        default=None, description="The most that its requests may cost in each `budget_period`."
    )
    budget_period: Literal["day", "month", "total"] = Field(
        default="total", description="How long `budget_usd` lasts: a day or a month of UTC, or all time."
    )
    requests_per_minute: int | None = Field(
        default=None, ge=1, le=1_000_000_000, description="The most requests in any 60 seconds."
    )
    tokens_per_minute: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000_000_000,
        description="The most tokens, in and out, in any 60 seconds.",
    )

    @property
    def candidates(self) -> tuple[str, ...]:
        """Every model of the route: its home's first, each side in its order."""
        return self.own + self.rent if self.home == "own" else self.rent + self.own


@dataclass(frozen=True, slots=True)
class Settings:
    """One file, read and checked. `base` is the folder that relative paths count from.

    `source_digest` is the SHA-256 of the text, in hex. `warnings` are odd, not wrong.
    """

    path: Path
    base: Path
    source_digest: str
    server: ServerSettings
    ledger: LedgerSettings
    prices: PriceSettings
    audit: AuditSettings
    privacy: PrivacySettings
    telemetry: TelemetrySettings
    models: Mapping[str, ModelSettings]
    routes: Mapping[str, RouteSettings]
    warnings: tuple[ConfigError, ...] = ()
