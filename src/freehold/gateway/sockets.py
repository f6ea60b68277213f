"""A client's socket, as far as all kinds of connections do the same with it. Knows no requests."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any


def connection_scope(transport: asyncio.BaseTransport) -> dict[str, Any]:
    """What the scopes of all requests on a connection have in common, as ASGI has it."""
    peer, own = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "scheme": "http" if transport.get_extra_info("sslcontext") is None else "https",
        "server": own[:2] if isinstance(own, tuple) else (own, None),
        "client": peer[:2] if isinstance(peer, tuple) else None,
        "root_path": "",
    }


def end_writing(transport: asyncio.WriteTransport) -> None:
    """Nothing more will be said; what still comes can be read."""
    if transport.can_write_eof():
        with suppress(OSError):  # who is gone already need not be told
            transport.write_eof()
