"""From a TOML file to settings, or to every mistake in it at once.

Does not know what a provider, a policy or a grammar does: only the names that it is handed.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import ValidationError

from freehold.config import fitting, routes
from freehold.config.credentials import read_secret, written_keys
from freehold.config.findings import ConfigErrors, Findings, did_you_mean
from freehold.config.kinds import NAME, Place, is_loopback
from freehold.config.lines import KeyPath, Lines, scan
from freehold.config.private import PrivacySettings
from freehold.config.section import Section
from freehold.config.settings import (
    AuditSettings,
    LedgerSettings,
    ModelSettings,
    PriceSettings,
    RouteSettings,
    ServerSettings,
    Settings,
)
from freehold.config.telemetry import TelemetrySettings
from freehold.config.words import kind_of, report
from freehold.errors import ConfigError

PROVIDERS = ("openai", "compatible", "llamacpp", "sandbox")
POLICIES = ("home", "cheapest", "fastest", "split")
_TABLES = ("server", "ledger", "prices", "privacy", "audit", "telemetry", "models", "routes")
_PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")

Table = dict[str, Any]
SectionT = TypeVar("SectionT", bound=Section)


def load(
    path: Path,
    environ: Mapping[str, str],
    *,
    providers: Collection[str] = PROVIDERS,
    policies: Collection[str] = POLICIES,
    grammars: Collection[str] | None = None,
    presets: fitting.Presets | None = None,
) -> Settings:
    """Read the file at `path`. Relative paths in it count from its folder.

    `environ` is asked for the secrets that the file names, and for `HOME` where a path begins with `~/`.

    Raises:
        ConfigErrors: all that is wrong, each with key, line and hint.
    """
    text = _text(path)
    return parse(
        text,
        source=str(path),
        base=path.absolute().parent,
        environ=environ,
        providers=providers,
        policies=policies,
        grammars=grammars,
        presets=presets,
    )


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        error = ConfigError("", "there is no such file", hint="`freehold init` writes one")
    except OSError as failure:
        error = ConfigError("", f"cannot be read: {failure.strerror}")
    except UnicodeDecodeError as failure:
        line = failure.object[: failure.start].count(b"\n") + 1
        error = ConfigError("", "is not UTF-8 text", line=line)
    raise ConfigErrors(str(path), [error])


def parse(
    text: str,
    *,
    source: str,
    base: Path,
    environ: Mapping[str, str],
    providers: Collection[str] = PROVIDERS,
    policies: Collection[str] = POLICIES,
    grammars: Collection[str] | None = None,
    presets: fitting.Presets | None = None,
) -> Settings:
    """Read `text`, which is called `source` in errors. Relative paths in it count from `base`.

    `presets` holds, by provider, default values of a model's keys.

    Raises:
        ConfigErrors: all that is wrong, each with key, line and hint.
    """
    document, lines = _document(text, source)
    findings = Findings(lines)
    reader = _Reader(document, Place(base, environ.get("HOME")), environ, findings, presets or {})
    sections = reader.read_sections()
    models = reader.read_models(providers)
    routes_ = reader.read_routes(policies, grammars)
    if findings.errors:
        raise ConfigErrors(source, findings.errors)
    return Settings(
        path=Path(source),
        base=base,
        source_digest=hashlib.sha256(text.encode()).hexdigest(),
        server=sections.server,
        ledger=sections.ledger,
        prices=sections.prices,
        audit=sections.audit,
        privacy=sections.privacy,
        telemetry=sections.telemetry,
        models=MappingProxyType(models),
        routes=MappingProxyType(routes_),
        warnings=findings.warnings,
    )


def _document(text: str, source: str) -> tuple[Table, Lines]:
    try:
        return tomllib.loads(text, parse_float=Decimal), scan(text)
    except RecursionError:
        error = ConfigError("", "is nested too deeply")
    except (ValueError, ArithmeticError) as failure:
        error = _syntax_error(str(failure), text)
    raise ConfigErrors(source, [error])


def _syntax_error(said: str, text: str) -> ConfigError:
    """What `tomllib` said, with its place taken out of the sentence."""
    place = _PLACE.search(said)
    if place is None:
        return ConfigError("", "is not TOML: a number in it cannot be read")
    message = said[: place.start()]
    if place["line"] is None:
        return ConfigError("", f"is not TOML: {message} (at the end)", line=text.count("\n") + 1)
    line, column = int(place["line"]), place["column"]
    return ConfigError("", f"is not TOML: {message} (column {column})", line=line)


@dataclass(frozen=True, slots=True)
class _Sections:
    server: ServerSettings
    ledger: LedgerSettings
    prices: PriceSettings
    audit: AuditSettings
    privacy: PrivacySettings
    telemetry: TelemetrySettings


class _Reader:
    """One document on its way to settings. What is wrong goes to `findings`; what is right is handed back."""

    def __init__(
        self,
        document: Table,
        place: Place,
        environ: Mapping[str, str],
        findings: Findings,
        presets: fitting.Presets,
    ) -> None:
        self._document = document
        self._place = place
        self._environ = environ
        self._findings = findings
        self._presets = presets
        for key in document:
            if key not in _TABLES:
                findings.wrong((key,), "there is no such table", did_you_mean(key, _TABLES))
        self._models = self._tables("models", "model")
        self._routes = self._tables("routes", "route")

    def read_sections(self) -> _Sections:
        server = self._section("server", ServerSettings) or ServerSettings()
        if not server.require_keys and not is_loopback(server.host):
            message = f"whoever reaches {server.host} may ask every model: no key is required"
            hint = "write require_keys = true, or the gateway does not start"
            self._findings.odd(("server", "host"), message, hint)
        if server.max_held_bytes < server.max_body_bytes:
            message = f"is less than one body may have ({server.max_body_bytes}, max_body_bytes)"
            hint = "make it several times max_body_bytes, or that smaller"
            self._findings.wrong(("server", "max_held_bytes"), message, hint)
        for one, other in (("tls_cert", "tls_key"), ("tls_key", "tls_cert")):
            if getattr(server, one) is not None and getattr(server, other) is None:
                hint = f'such as {other} = "{other.removeprefix("tls_")}.pem"'
                self._findings.wrong(("server", other), f"{other} is missing: {one} needs it", hint)
        return _Sections(
            server,
            self._section("ledger", LedgerSettings) or LedgerSettings(),
            self._section("prices", PriceSettings) or PriceSettings(),
            self._section("audit", AuditSettings) or AuditSettings(),
            self._section("privacy", PrivacySettings) or PrivacySettings(),
            self._section("telemetry", TelemetrySettings) or TelemetrySettings(),
        )

    def read_models(self, providers: Collection[str]) -> dict[str, ModelSettings]:
        if self._document.get("models", {}) == {}:
            self._findings.wrong(("models",), "no model is named", "`freehold init` writes a file with two")
        return _each(self._models, lambda name, table: self._model(name, table, providers))

    def read_routes(
        self, policies: Collection[str], grammars: Collection[str] | None
    ) -> dict[str, RouteSettings]:
        models = {
            name: fitting.with_defaults(name, table, self._presets) for name, table in self._models.items()
        }
        known = routes.Known(models, policies, grammars)
        return _each(self._routes, lambda name, table: self._route(name, table, known))

    def _model(self, name: str, table: Table, providers: Collection[str]) -> ModelSettings | None:
        path = ("models", name)
        written = written_keys(table, path, self._findings)
        table = {key: value for key, value in table.items() if key not in written}
        fitting.check_model(table, path, providers, self._findings)
        whole = fitting.with_defaults(name, table, self._presets)
        secret = read_secret(whole, path, self._place, self._environ, self._findings)
        place = Place(self._place.base, self._place.home, secret)
        return self._build(ModelSettings, whole, path, place)

    def _route(self, name: str, table: Table, known: routes.Known) -> RouteSettings | None:
        path = ("routes", name)
        if name in known.models:
            hint = "applications ask for either by its name; rename one"
            self._findings.wrong(path, "a model has the same name", hint)
        routes.check_route(table, path, known, self._findings)
        return self._build(RouteSettings, routes.with_defaults(table), path, self._place)

    def _section(self, name: str, section: type[SectionT]) -> SectionT | None:
        table = self._document.get(name, {})
        if not isinstance(table, dict):
            self._not_a_table((name,), table)
            return None
        return self._build(section, table, (name,), self._place)

    def _tables(self, name: str, kind: str) -> dict[str, Table]:
        """The tables `[name.X]` by their X, those with an unusable name or value reported and left out."""
        tables = self._document.get(name, {})
        if not isinstance(tables, dict):
            self._not_a_table((name,), tables)
            return {}
        sound = {}
        for key, table in tables.items():
            if not NAME.fullmatch(key):
                hint = "letters, digits and . _ / : - after a letter or digit, at most 100 in all"
                self._findings.wrong((name, key), f"is not a name for a {kind}", hint)
            if isinstance(table, dict):
                sound[key] = table
            else:
                self._not_a_table((name, key), table)
        return sound

    def _not_a_table(self, path: KeyPath, value: object) -> None:
        self._findings.wrong(path, f"takes a table, and this is {kind_of(value)}")

    def _build(self, section: type[SectionT], table: Table, path: KeyPath, place: Place) -> SectionT | None:
        try:
            return section.model_validate(table, context=place)
        except ValidationError as error:
            report(error, path, section, self._findings)
            return None


def _each(tables: dict[str, Table], read: Callable[[str, Table], SectionT | None]) -> dict[str, SectionT]:
    found = {name: read(name, table) for name, table in tables.items()}
    return {name: section for name, section in found.items() if section is not None}
