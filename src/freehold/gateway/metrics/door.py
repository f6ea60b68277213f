"""Who may read the metrics: this machine, and whoever holds the key made for it. Knows no metric.

Costs and routes are nobody's business who was not let in. A page in somebody's browser here could reach the
gateway under a name of its own (DNS rebinding), hence the look at `Host`; whoever forwards the requests of
others is no reason to trust them.
"""

from __future__ import annotations

import hmac
from ipaddress import ip_address

from freehold.errors import Refused
from freehold.gateway.call import Call

_HERE = frozenset({b"localhost", b"127.0.0.1", b"[::1]"})
_FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip")


class Door:
    """`key` is what may be shown from elsewhere as `Authorization: Bearer`; `None`: nobody from elsewhere."""

    __slots__ = ("_key",)

    def __init__(self, key: str | None) -> None:
        self._key = None if key is None else f"Bearer {key}".encode()

    def admit(self, call: Call) -> None:
        """Raise `Refused` (401, or 403 where no key would help)."""
        shown = call.headers.get(b"authorization", b"")
        if self._key is not None and hmac.compare_digest(shown, self._key):
            return
        if _is_from_here(call):
            return
        if self._key is None:
            raise Refused(
                403,
                "The metrics are for this machine alone; [server] metrics_key_file names a key for others.",
                type_="permission_error",
                code="metrics_local_only",
            )
        raise Refused(
            401, "The metrics need their key, as `Authorization: Bearer`.", code="metrics_key_missing"
        )


def _is_from_here(call: Call) -> bool:
    client = call.exchange.line.scope.get("client")
    if client is None or any(name in call.headers for name in _FORWARDED):
        return False
    host = call.headers.get(b"host", b"")
    name = host[: host.index(b"]") + 1] if b"]" in host else host.partition(b":")[0]
    return _is_loopback(client[0]) and name.lower() in _HERE


def _is_loopback(address: str) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return bool(found.is_loopback if mapped is None else mapped.is_loopback)
