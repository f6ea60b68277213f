"""A gateway that the network can reach needs keys. Knows addresses, not sockets."""

from __future__ import annotations

from freehold.config import Settings, is_loopback
from freehold.errors import ConfigError


def refuse_open_door(settings: Settings, host: str) -> None:
    """Raise `ConfigError` where whoever reaches `host` could ask every model without a key."""
    if settings.server.require_keys or is_loopback(host):
        return
    raise ConfigError(
        "server.require_keys",
        f"whoever reaches {host} could ask every model: no key is required",
        hint="write require_keys = true under [server] and make keys with `freehold keys create`;"
        " or listen on 127.0.0.1",
    )


def stops_serving(warning: ConfigError) -> bool:
    """Whether an oddity of the config is one that keeps the gateway from starting."""
    return warning.key == "server.host"
