"""Whom we trust when we connect. Does not know who is connected to."""

from __future__ import annotations

import ssl
from pathlib import Path


def trust(ca_file: Path | None) -> ssl.SSLContext:
    """The system's certificate authorities and, where given, those in `ca_file` (PEM). Names are checked.

    Raises `OSError` or `ssl.SSLError` if the file cannot be read.
    """
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    context.set_alpn_protocols(["http/1.1"])
    return context
