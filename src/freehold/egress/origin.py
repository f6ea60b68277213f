"""Where a connection goes: scheme, host and port, and their one spelling. Does not know paths or permits."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

_USER: Final = re.compile(r"[^/\s]*@")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """One place to connect to.

    `text` always names the port (`https://api.openai.com:443`), so that a permit and a pool compare one
    spelling. It is derived here and cannot be given: a permit for one host never opens another. `authority`
    is what the `host` header says.
    """

    scheme: str
    host: str
    port: int
    text: str = field(init=False, compare=False)
    authority: str = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.scheme not in _DEFAULT_PORTS:
            raise ValueError(f"{self.scheme!r} is not a scheme that can be spoken to; use http or https")
        if not self.host or not self.host.isascii() or any(c <= " " or c in "/?#@[]\\" for c in self.host):
            raise ValueError(f"{self.host!r} is not a host name")
        if not 0 < self.port < 65536:
            raise ValueError(f"{self.port} is not a port; ports are 1 to 65535")
        shown = f"[{self.host}]" if ":" in self.host else self.host
        default = self.port == _DEFAULT_PORTS[self.scheme]
        object.__setattr__(self, "text", f"{self.scheme}://{shown}:{self.port}")
        object.__setattr__(self, "authority", shown if default else f"{shown}:{self.port}")

    @property
    def secure(self) -> bool:
        return self.scheme == "https"

    @classmethod
    def parse(cls, url: str) -> tuple[Origin, str]:
        """The origin of `url`, and its path without a trailing slash (`/v1`, or an empty string).

        Raises `ValueError` in words for a person: another scheme, no host, a port out of range, or a user,
        query or fragment, which have no place in a base address.
        """
        parts = urlsplit(url.strip())
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise ValueError(f"{_shown(url)} is not an http:// or https:// address")
        if parts.username is not None or parts.password is not None:
            raise ValueError("an address may not hold a user or password; name the key with key_env instead")
        if parts.query or parts.fragment:
            raise ValueError(f"{_shown(url)} may not hold a query or a fragment")
        try:
            port = parts.port
        except ValueError:
            raise ValueError(f"{_shown(url)} does not name a port from 1 to 65535") from None
        if port is None:
            port = _DEFAULT_PORTS[parts.scheme]
        return cls(parts.scheme, _ascii(parts.hostname), port), parts.path.rstrip("/")


def _shown(url: str) -> str:
    """An address for an error: without who asks and what follows a question mark, which may be secrets."""
    return repr(_USER.sub("", re.split(r"[?#]", url.strip(), maxsplit=1)[0]))


def _ascii(host: str) -> str:
    """A host in the letters that DNS and certificates use."""
    if host.isascii():
        return host.lower()
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        raise ValueError(f"{host!r} is not a host name") from None
