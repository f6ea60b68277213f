"""The one check between a label and a destination. What passes it holds a permit for exactly these bytes.

The door opens for nothing else. Does not know what is sent, nor by whom.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

import msgspec
from msgspec.structs import force_setattr

from freehold.errors import Refused
from freehold.privacy.label import Label

_SEAL: Final = object()


class Permit(msgspec.Struct, frozen=True, eq=False):
    """Leave to send one body, whose content is of `label`, to `destination`, given under `policy`.

    `digest` is the body's SHA-256 in hex. `region` is where the config says that the destination stands,
    `None` where it does not say.

    Only `clear` makes one: it takes a value that this module keeps to itself and no permit shows again, and a
    test walks the tree for anybody else who tries.
    """

    seal: object
    label: Label
    clearance: Label
    destination: str
    policy: str
    body: bytes
    region: str | None
    digest: str

    def __post_init__(self) -> None:
        if self.seal is not _SEAL:
            raise TypeError("a permit comes from freehold.privacy.clear alone")
        force_setattr(self, "seal", None)

    def covers(self, body: bytes) -> bool:
        """Whether `body` is what was cleared: the very object, which cannot change, or one of its digest."""
        return body is self.body or sha256(body).hexdigest() == self.digest

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
    regions: frozenset[str] | None = None,
) -> Permit:
    """A permit to send `body` to `destination` (an origin, `https://host:443`).

    Raises `Refused` (403) if it lacks the clearance, or stands outside of `regions` (`None` = anywhere goes).

    `policy` names what asked: a routing policy, or another caller such as `try`.
    """
    if label > clearance:
        raise Refused(
            403,
            f"A {label.word} request may not be sent to a model that is cleared for {clearance.word} only.",
            type_="permission_error",
            code="label_above_clearance",
        )
    if regions is not None and region not in regions:
        raise Refused(
            403,
            f"This request may go to {', '.join(sorted(regions))} only, and the model stands elsewhere.",
            type_="permission_error",
            code="region_not_allowed",
        )
    body = bytes(body)  # what could be changed afterwards is copied
    return Permit(_SEAL, label, clearance, destination, policy, body, region, sha256(body).hexdigest())
