"""The certificate and key that a gateway serves TLS with: can they be used, and what is odd about them.

Reads the two files. Does not serve, see `tls`.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.config import ServerSettings
from freehold.errors import ConfigError

if TYPE_CHECKING:
    from cryptography import x509

CERT, KEY = "server.tls_cert", "server.tls_key"

_SOON = timedelta(days=14)
_NEW = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -subj /CN=localhost"
_NEW += " -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.pem -out cert.pem"


@dataclass(frozen=True, slots=True)
class Pair:
    """The two files."""

    cert: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says: for whom it is (hosts and addresses, as text), and when it holds (UTC)."""

    hosts: tuple[str, ...]
    begins: datetime
    ends: datetime
    signs_itself: bool

    def is_for(self, host: str) -> bool:
        """Whether a client that asks for `host` would find the name it looks for (RFC 6125, 6.4.3)."""
        _, dot, parent = host.partition(".")
        return host in self.hosts or (bool(dot) and f"*.{parent}" in self.hosts)


def pair_of(server: ServerSettings) -> Pair | None:
    """The files that the settings name; `None` where nothing is encrypted."""
    if server.tls_cert is None or server.tls_key is None:
        return None
    return Pair(server.tls_cert, server.tls_key)


def load_pair(pair: Pair) -> ssl.SSLContext:
    """A context that serves with them. Raises `ConfigError` for what cannot be used."""
    read_certificate(pair.cert)
    if b"ENCRYPTED" in _bytes(pair.key, KEY):
        hint = f"openssl pkey -in {pair.key} -out plain.pem, which only the gateway's user may read"
        raise ConfigError(
            KEY, f"{pair.key} is locked by a passphrase, which nobody could type here", hint=hint
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(pair.cert, pair.key, password="")  # never ask on a terminal
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            said = f"{pair.key} is not the key of the certificate in {pair.cert}"
            raise ConfigError(KEY, said, hint="both come from one request; look which is older") from error
        why = f" ({error.reason})" if error.reason else ""
        said = f"{pair.key} and {pair.cert} cannot be used together{why}"
        raise ConfigError(KEY, said, hint=f"a private key in PEM; to try it: {_NEW}") from error
    return context


def read_certificate(file: Path) -> Certificate:
    """The first certificate of the file, which is the server's own. Raises `ConfigError`."""
    from cryptography import x509  # noqa: PLC0415 - 7 MB that only TLS needs

    try:
        first = x509.load_pem_x509_certificates(_bytes(file, CERT))[0]
    except ValueError as error:
        raise ConfigError(CERT, f"{file} holds no certificate in PEM", hint=f"to try it: {_NEW}") from error
    return Certificate(
        tuple(_hosts(first)),
        first.not_valid_before_utc,
        first.not_valid_after_utc,
        first.issuer == first.subject,
    )


def _hosts(certificate: x509.Certificate) -> Iterator[str]:
    from cryptography import x509  # noqa: PLC0415 - as above

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return  # clients look nowhere else since RFC 6125
    yield from names.get_values_for_type(x509.DNSName)
    yield from map(str, names.get_values_for_type(x509.IPAddress))


def oddities(pair: Pair, certificate: Certificate, host: str, now: datetime) -> Iterator[ConfigError]:
    """What works and somebody should know. `host` is where the gateway listens."""
    if certificate.ends <= now:
        said = f"{pair.cert} expired on {certificate.ends:%Y-%m-%d}: clients refuse it"
        yield ConfigError(CERT, said, hint="put a new one in its place; it is taken up without a restart")
    elif certificate.ends <= now + _SOON:
        said = f"{pair.cert} expires on {certificate.ends:%Y-%m-%d}"
        yield ConfigError(CERT, said, hint="put a new one in its place; it is taken up without a restart")
    if certificate.begins > now:
        said = f"{pair.cert} is not valid before {certificate.begins:%Y-%m-%d %H:%M} UTC: clients refuse it"
        yield ConfigError(CERT, said, hint="look whether the clock of this machine is right")
    if not certificate.hosts:
        said = f"{pair.cert} names no host (subjectAltName): clients refuse it"
        yield ConfigError(CERT, said, hint=f"to try it: {_NEW}")
    elif _is_one(host) and not certificate.is_for(host):
        said = f"{pair.cert} is for {', '.join(certificate.hosts)}, not for {host}, where the gateway listens"
        yield ConfigError(CERT, said, hint="clients have to ask by a name that it has")
    try:
        readable = pair.key.stat().st_mode & 0o004
    except OSError:
        readable = 0  # told where it is read
    if readable:
        said = f"everybody on this machine may read {pair.key}"
        yield ConfigError(KEY, said, hint=f"chmod 600 {pair.key}")


def tls_findings(server: ServerSettings) -> tuple[tuple[ConfigError, ...], tuple[ConfigError, ...]]:
    """What keeps the files of `[server]` from being served with, and what is odd about them now."""
    pair = pair_of(server)
    if pair is None:
        return (), ()
    try:
        load_pair(pair)
        certificate = read_certificate(pair.cert)
    except ConfigError as error:
        return (error,), ()
    return (), tuple(oddities(pair, certificate, server.host, datetime.now(UTC)))


def _is_one(host: str) -> bool:
    """Whether `host` is one name or address, and not whatever this machine has."""
    try:
        return not ip_address(host).is_unspecified
    except ValueError:
        return True


def _bytes(file: Path, key: str) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigError(key, f"cannot read {file}: {error.strerror}", hint="it is in PEM") from error
