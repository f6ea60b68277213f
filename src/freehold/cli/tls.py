"""TLS as a running gateway serves it: new connections get the pair that stands in the files now.

Does not know what is served, nor what a certificate should say, see `certificate`.
"""

from __future__ import annotations

import logging
import ssl
from datetime import UTC, datetime
from pathlib import Path

from freehold.cli.certificate import Pair, load_pair, oddities, pair_of, read_certificate
from freehold.cli.placing import placed
from freehold.config import Settings, is_loopback
from freehold.errors import ConfigError

log = logging.getLogger("freehold")

_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound

Stamp = tuple[int, int, int] | None


class Tls:
    """`context` is what a server is given, once. Raises `ConfigError` where the pair cannot be used."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.certificate = read_certificate(pair.cert)
        self.context = load_pair(pair)
        self._current = self.context
        self._seen = self._changing = _stamps(pair)
        # Called for every connection, one without a name too: SSL_CTX_set_tlsext_servername_callback(3).
        self.context.sni_callback = self._choose

    def _choose(
        self, connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, own: ssl.SSLContext
    ) -> None:
        del name, own
        if self._current is not self.context:
            connection.context = self._current

    def follow(self, pair: Pair) -> None:
        """Take up what the files hold, if that has changed; a pair that cannot be used is told and not taken.

        Two files are not replaced at once, so a change is looked at when it has stood still for one call.
        """
        stamps = _stamps(pair)
        if pair == self.pair and stamps == self._seen:
            return
        if stamps != self._changing:
            self._changing = stamps
            return
        self.pair, self._seen = pair, stamps
        try:
            self._current = load_pair(pair)
            self.certificate = certificate = read_certificate(pair.cert)
        except ConfigError as error:
            log.error("the changed certificate is not used, the one before stays: %s", error)  # noqa: TRY400 - a sentence, no traceback
            return
        hosts, ends = ", ".join(certificate.hosts), f"{certificate.ends:%Y-%m-%d}"
        log.warning("the changed certificate is in use: for %s, until %s", hosts, ends)


def serving_tls(settings: Settings) -> Tls | None:
    """What the settings say to serve with, its oddities logged; `None` where nothing is encrypted.

    Raises `ConfigError`, with its line, for a pair that cannot be used.
    """
    pair = pair_of(settings.server)
    if pair is None:
        return None
    try:
        tls = Tls(pair)
    except ConfigError as error:
        raise placed(settings.path, error) from error
    for odd in oddities(pair, tls.certificate, settings.server.host, datetime.now(UTC)):
        log.warning("%s", odd)
    return tls


def address_of(host: str, port: int, tls: Tls | None) -> str:
    """Where a gateway that listens on `host` answers on this machine."""
    shown = "127.0.0.1" if host in _EVERYWHERE else host
    return _url(shown, port, tls)


def url_to_show(host: str, port: int, tls: Tls | None) -> str:
    """Where to ask it: by a name that its certificate is for, if it has one that leads here."""
    shown = "127.0.0.1" if host in _EVERYWHERE else host
    if tls is not None and not tls.certificate.is_for(shown):
        names = ("localhost",) if is_loopback(host) else tls.certificate.hosts
        shown = next((n for n in names if tls.certificate.is_for(n) and "*" not in n), shown)
    return _url(shown, port, tls)


def _url(host: str, port: int, tls: Tls | None) -> str:
    scheme = "http" if tls is None else "https"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _stamps(pair: Pair) -> tuple[Stamp, Stamp]:
    return stamp(pair.cert), stamp(pair.key)


def stamp(path: Path) -> Stamp:
    """What changes when the file is written or replaced; `None` where it is not there."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns
