"""Read the documentation here, without a network."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click
from click.shell_completion import CompletionItem

from freehold.cli.options import json_option
from freehold.cli.output import answer
from freehold.cli.screen import Block, Column, Table, Word, is_terminal, line, terminal
from freehold.cli.shipped_docs import Page, find, pages


def _topics(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    del ctx, param
    return [CompletionItem(page.topic, help=page.title) for page in pages() if incomplete in page.topic]


@click.command()
@click.argument("topic", required=False, shell_complete=_topics)
@json_option
def command(topic: str | None, *, as_json: bool) -> None:
    """Show the page on TOPIC, or list the topics.

    The documentation of this very version, from the package itself. A topic's folder may be left out:
    `freehold docs make-keys` shows how-to/make-keys. On a terminal it is laid out, elsewhere it is Markdown.

    --json prints a list of objects: topic, title, file; with TOPIC one object, with its text.
    """
    if topic is None:
        found = pages()
        answer([_shape(page) for page in found], lambda: list(_listed(found)), as_json=as_json)
        return
    page = find(topic)
    if as_json:
        answer({**_shape(page), "text": page.text()}, list, as_json=True)
    else:
        _show(page)


def _shape(page: Page) -> dict[str, str]:
    return {"topic": page.topic, "title": page.title, "file": str(page.file)}


def _listed(found: list[Page]) -> Iterator[Block]:
    columns = (Column("", whole=True), Column(""))
    for kind in dict.fromkeys(page.kind for page in found):
        rows = [(Word(page.topic, "strong"), page.title) for page in found if page.kind == kind]
        yield line(Word(kind.capitalize(), "title"))
        yield Table(columns, rows, indent=2)
    yield line(Word("`freehold docs TOPIC` shows one.", "faint"))


def _show(page: Page) -> None:
    if not is_terminal(sys.stdout):
        click.echo(page.text(), nl=False)
        return
    from rich.markdown import Markdown  # noqa: PLC0415 - a terminal alone needs it

    terminal(sys.stdout).print(Markdown(page.text()))
