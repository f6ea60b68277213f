"""Print the config's JSON Schema, for editors."""

from __future__ import annotations

import click

from freehold.cli.options import json_option
from freehold.cli.output import answer
from freehold.config import settings_schema
from freehold.providers import grammar_names, provider_names
from freehold.routing import policy_names


@click.command()
@json_option
def command(*, as_json: bool) -> None:
    """Print the JSON Schema of freehold.toml, with the providers, policies and grammars that are installed.

    An editor with Even Better TOML or taplo completes, explains and checks the config by it. Write it beside
    the config, `freehold schema > freehold.schema.json`, and begin the config with the line
    `#:schema ./freehold.schema.json`.

    --json prints the same: it is JSON, draft 7.
    """
    del as_json
    schema = settings_schema(
        providers=provider_names(), policies=policy_names(), grammars=tuple(grammar_names())
    )
    answer(schema, list, as_json=True)
