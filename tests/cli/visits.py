"""Playing the upstream that the doctor looks at, and reading what it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.cli.conftest import Ended
from tests.gateway.upstream import (
    WHOLE,
    Exchange,
    Step,
    says,
    streams,
)

SECRET = "sk-very-secret-0123456789"
LISTED = {"object": "list", "data": [{"id": "gpt-4o-mini", "object": "model"}]}
RENTED = """\
[server]
port = 0
[models.gpt]
tenure = "rented"
provider = "compatible"
url = "{url}"
model = "gpt-4o-mini"
key_env = "UPSTREAM_KEY"
input_usd_per_million = 0.15
output_usd_per_million = 0.6
{more}
[routes.support]
rent = "gpt"
"""


def by_path(listing: Step, chat: Step) -> Step:
    """An upstream with a list of models and an answer."""

    async def step(exchange: Exchange) -> None:
        await (listing if exchange.head.startswith("GET /v1/models ") else chat)(exchange)

    return step


WELL = by_path(says(LISTED), streams(*WHOLE))

Visited = tuple[Ended, dict[tuple[str, str], dict[str, Any]]]
Visit = Callable[..., Visited]


def found(ended: Ended) -> dict[tuple[str, str], dict[str, Any]]:
    """The checks by group and name."""
    return {(check["group"], check["name"]): check for check in ended.json["checks"]}
