"""Grammars bound to a request: one file a grammar, and the file's name is the name in the config.

Each file offers ``grammar(text) -> str``: what the client wrote in, the GBNF that the answer must obey out.
They do not know models, requests or the wire.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from importlib import import_module


class UnknownGrammarError(KeyError):
    """No grammar has this name; the message lists those that exist."""

    def __str__(self) -> str:
        return str(self.args[0])


def names() -> list[str]:
    """The known grammars, in alphabetical order; none of them is imported for this."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def load(name: str) -> Callable[[str], str]:
    """The function of the grammar called ``name``, imported on first use; raises ``UnknownGrammarError``."""
    known = names()
    if name not in known:
        raise UnknownGrammarError(f'no grammar is called "{name}"; known are: {", ".join(known)}')
    function: Callable[[str], str] = import_module(f"freehold.providers.grammars.{name}").grammar
    return function
