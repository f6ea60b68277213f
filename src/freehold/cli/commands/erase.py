"""Destroy what is kept about a person, a conversation or one request."""

from __future__ import annotations

from pathlib import Path

import click

from freehold.cli.options import config_option, json_option
from freehold.cli.output import answer
from freehold.cli.reading import settings_for_looking
from freehold.cli.screen import Screen, Word, line
from freehold.cli.who import who
from freehold.ledger import Erasure, erase

_BACKUPS = (
    "Copies of the ledger that were made before, such as backups and exports, still hold it: erase it there"
    " as well, or let them expire."
)


@click.command()
@config_option
@click.option("--subject", metavar="ID", help="The request's safety_identifier, else its user.")
@click.option("--conversation", metavar="ID", help="A response of it (resp_...), or its first request.")
@click.option("--request", "request_id", metavar="ID", help="One request, by its x-request-id.")
@click.option("--why", metavar="TEXT", help="Why; it stays in the ledger, so name nobody.")
@json_option
def command(
    config: Path | None,
    *,
    subject: str | None,
    conversation: str | None,
    request_id: str | None,
    why: str | None,
    as_json: bool,
) -> int:
    """Destroy what the ledger holds about a subject, a conversation or one request, beyond recovery.

    Content, the keys that it was encrypted with, errors in an upstream's words, digests of what was sent
    and the subject's pseudonym are gone from every file; what a request cost stays. The log still verifies,
    for an entry says what was erased. A gateway may run meanwhile. Leaves with 1 where nothing was found.

    --json prints an object: requests, payloads, keys (how many), event (its id, or null), backups (a
    sentence).
    """
    named = {"subject": subject, "conversation": conversation, "request": request_id}
    given = [(by, name) for by, name in named.items() if name is not None]
    if len(given) != 1:
        raise click.UsageError("name one of --subject, --conversation and --request")
    ((by, name),) = given
    settings = settings_for_looking(config)
    path = settings.ledger.path
    done = erase(path, by, name, who=who(), why=why)  # type: ignore[arg-type]  # one of the three above
    shape = {
        "requests": done.requests,
        "payloads": done.payloads,
        "keys": done.keys,
        "event": done.event,
        "backups": _BACKUPS,
    }
    answer(shape, lambda: _told(done), as_json=as_json)
    return 0 if done.requests else 1


def _told(done: Erasure) -> Screen:
    if not done.requests:
        return [line(Word("nothing", "odd"), " was found under that name")]
    return [
        line(
            Word("erased", "good"),
            f": {done.requests:,} requests, {done.payloads:,} contents, {done.keys:,} keys;"
            f" event {done.event} in the log says so",
        ),
        line(_BACKUPS),
    ]
