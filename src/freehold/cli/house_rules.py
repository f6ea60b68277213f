"""Where rules answer: within this process, off the event loop where a text is long. Does not know routes."""

from __future__ import annotations

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from freehold.config import ModelSettings
from freehold.errors import ConfigError, Refused, UpstreamError
from freehold.guards import STARTER, RulesFile, read_rules, starter_text
from freehold.providers import Target
from freehold.wire import (
    MODERATION_CATEGORIES,
    Ask,
    describe,
    moderation_answer,
    moderation_texts,
)

_BUILTIN = "builtin:"
# Shorter bodies are judged within about a millisecond, which is less than a thread would cost others.
_SHORT_BYTES = 1024
# Judging takes the interpreter's lock, so more threads than this would only take it from the requests.
_THREADS = 2


class InRules:
    """A file of rules, applied here."""

    context_tokens = None

    def __init__(self, name: str, model: ModelSettings, base: Path, can: frozenset[str]) -> None:
        self.can = can
        self._name, self._model, self._base = name, model, base
        self._rules = rules_of(name, model, base)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix=f"rules-{name}")

    @property
    def name(self) -> str:
        """The model's name in the config."""
        return self._name

    @property
    def file(self) -> Path | None:
        """Where the rules stand; `None` for built-in ones."""
        written = self._model.rules or ""
        return None if written.startswith(_BUILTIN) else self._base / written

    @property
    def stale(self) -> bool:
        """Whether the file says something else now. Raises as `rules_of` does where it is wrong."""
        return rules_of(self._name, self._model, self._base).name != self._rules.name

    async def answer(self, ask: Ask) -> bytes:
        """The answer to `ask`. Raises `UpstreamError` (400) where its input is not text."""
        if ask.size_bytes <= _SHORT_BYTES:
            return self._answer(ask)
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._answer, ask)

    def _answer(self, ask: Ask) -> bytes:
        try:
            texts = moderation_texts(ask)
        except Refused as refused:
            status, body = describe(refused)
            raise UpstreamError(
                refused.message, status=status, retryable=False, final=True, body=body
            ) from refused
        judged = [self._rules.rules.judge(text) for text in texts]
        return moderation_answer(
            f"modr-{secrets.token_hex(12)}", self._rules.name, [(j.scores, j.flagged) for j in judged]
        )

    def locate(self) -> Target:
        raise AssertionError("unreachable: what answers within this process has no address")

    def why_down(self) -> str | None:
        return None

    async def stop(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def rules_of(name: str, model: ModelSettings, base: Path) -> RulesFile:
    """The rules that a model's settings name. Raises `ConfigError`, or `ConfigErrors` for the file's own."""
    written, key = model.rules or "", f"models.{name}.rules"
    if not written.startswith(_BUILTIN):
        return read_rules(
            _text(base / written, key), name=Path(written).name, categories=MODERATION_CATEGORIES
        )
    if written.removeprefix(_BUILTIN) != STARTER:
        raise ConfigError(key, "no such rules are built in", hint=f"there is {_BUILTIN}{STARTER}")
    said = f"{STARTER}-not-a-classifier"
    return read_rules(starter_text(), name=said, categories=MODERATION_CATEGORIES)


def _text(file: Path, key: str) -> str:
    try:
        return file.read_text("utf-8")
    except OSError as error:
        why = error.strerror or str(error)
        raise ConfigError(key, f"cannot read {file}: {why}", hint="it holds rules in TOML") from error
    except UnicodeDecodeError as error:
        raise ConfigError(key, f"{file} is not UTF-8 text", hint="it holds rules in TOML") from error
