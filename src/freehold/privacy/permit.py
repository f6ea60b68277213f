"""The one check between a label and a destination. What passes it holds a permit.

The door opens for nothing else. Does not know what is sent, nor by whom.
"""

from __future__ import annotations

from typing import Final

from freehold.errors import Refused
from freehold.privacy.label import Label

_SEAL: Final = object()


class Permit:
    """Leave to send content of `label` to `destination`, given under `policy`.

    Only `clear` makes one: the constructor asks for a value that this module keeps to itself, and a test
    walks the tree for anybody else who tries.
    """

    __slots__ = ("clearance", "destination", "label", "policy")

    label: Label
    clearance: Label
    destination: str
    policy: str

    def __init__(self, seal: object, label: Label, clearance: Label, destination: str, policy: str) -> None:
        if seal is not _SEAL:
            raise TypeError("a permit comes from freehold.privacy.clear alone")
        keep = object.__setattr__  # once made, nothing about it changes
        keep(self, "label", label)
        keep(self, "clearance", clearance)
        keep(self, "destination", destination)
        keep(self, "policy", policy)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a permit cannot be changed ({name})")

    def __repr__(self) -> str:
        route = f"{self.label.word} -> {self.destination}"
        return f"Permit({route}, cleared for {self.clearance.word}, {self.policy})"


def clear(label: Label, clearance: Label, destination: str, *, policy: str) -> Permit:
    """A permit for `destination` (an origin, `https://host:443`).

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
    return Permit(_SEAL, label, clearance, destination, policy)
