"""The one check between a label and a destination. What passes it holds a permit for exactly these bytes.

The door opens for nothing else. Does not know what is sent, nor by whom.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from freehold.errors import Refused
from freehold.privacy.label import Label

_SEAL: Final = object()


class Permit:
    """Leave to send one body, whose content is of `label`, to `destination`, given under `policy`.

    `digest` is the body's SHA-256 in hex. `region` is where the config says that the destination stands,
    `None` where it does not say.

    Only `clear` makes one: the constructor asks for a value that this module keeps to itself, and a test
    walks the tree for anybody else who tries.
    """

    __slots__ = ("_body", "clearance", "destination", "digest", "label", "policy", "region")

    _body: bytes
    label: Label
    clearance: Label
    destination: str
    policy: str
    region: str | None
    digest: str

    def __init__(
        self,
        seal: object,
        label: Label,
        clearance: Label,
        destination: str,
        policy: str,
        body: bytes,
        region: str | None,
    ) -> None:
        if seal is not _SEAL:
            raise TypeError("a permit comes from freehold.privacy.clear alone")
        keep = object.__setattr__  # once made, nothing about it changes
        keep(self, "label", label)
        keep(self, "clearance", clearance)
        keep(self, "destination", destination)
        keep(self, "policy", policy)
        keep(self, "region", region)
        keep(self, "digest", sha256(body).hexdigest())
        keep(self, "_body", body)

    def covers(self, body: bytes) -> bool:
        """Whether `body` is what was cleared: the very object, which cannot change, or one of its digest."""
        return body is self._body or sha256(body).hexdigest() == self.digest

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a permit cannot be changed ({name})")

    def __repr__(self) -> str:
        route = f"{self.label.word} -> {self.destination}"
        return f"Permit({route}, cleared for {self.clearance.word}, {self.policy})"


def clear(
    label: Label,
    clearance: Label,
    destination: str,
    *,
    policy: str,
    body: bytes = b"",
    region: str | None = None,
) -> Permit:
    """A permit to send `body` to `destination` (an origin, `https://host:443`).

    Raises `Refused` (403) if it lacks the clearance.

    `policy` names what asked: a routing policy, or another caller such as `try`.
    """
    if label > clearance:
        raise Refused(
            403,
            f"A {label.word} request may not be sent to a model that is cleared for {clearance.word} only.",
            type_="permission_error",
            code="label_above_clearance",
        )
    return Permit(_SEAL, label, clearance, destination, policy, bytes(body), region)
