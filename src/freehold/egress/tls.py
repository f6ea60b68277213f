"""Whom we trust when we connect. Does not know who is connected to."""

from __future__ import annotations

import re
import ssl
from pathlib import Path

_FIRST = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def trust(ca_file: Path | None) -> ssl.SSLContext:
    """The system's certificate authorities and, where given, those in `ca_file` (PEM). Names are checked.

    Raises `OSError` or `ssl.SSLError` if the file cannot be read.
    """
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    context.set_alpn_protocols(["http/1.1"])
    return context


def pin(certificate: Path) -> ssl.SSLContext:
    """Trusts the holder of one certificate (the first of the PEM file) alone, by whatever name it is reached.

    Those after it are left out: they vouch for others too, and no name is checked here.

    Raises `OSError`, or `ssl.SSLError` if the file holds none.
    """
    first = _FIRST.search(certificate.read_text("utf-8", "replace"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # it need not vouch for itself
    if first is None:
        raise ssl.SSLError(f"{certificate} holds no certificate")
    context.load_verify_locations(cadata=first.group())
    context.set_alpn_protocols(["http/1.1"])
    return context
