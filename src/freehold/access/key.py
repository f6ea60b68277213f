"""A key: whose it is, what it may use, and its limits. A value; knows no secret and no file."""

from __future__ import annotations

from dataclasses import dataclass

from freehold.access.budget import Budget
from freehold.access.rate import Rate


@dataclass(frozen=True, slots=True)
class Key:
    """What a key may do. With neither routes nor models named, it may use all of them.

    `at` is when it was made and `expires_at` from when on it is refused, unix seconds UTC; `hint` the newest
    secret's last four characters, to tell keys apart. `None` is no limit. An `admin` key opens the page, for
    people, and asks no model.
    """

    id: str
    routes: frozenset[str]
    models: frozenset[str]
    note: str | None
    at: float
    hint: str
    revoked: bool = False
    owner: str | None = None
    expires_at: float | None = None
    budget: Budget | None = None
    rate: Rate | None = None
    admin: bool = False

    def may_use(self, name: str, *, is_model: bool) -> bool:
        """Whether a client with this key may put `name` into `model`."""
        if not self.routes and not self.models:
            return True
        return name in (self.models if is_model else self.routes)
