"""Signs the log while a gateway serves: soon after the start, every so often, and when it stops.

Also leaves a journal that an erasure asks it to leave. What fails here is told in the log and tried again;
the requests that are served do not wait for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from freehold.audit import Checkpoint
from freehold.cli.second_places import as_line, write_down
from freehold.cli.signing import signing_key
from freehold.cli.who import who
from freehold.config import Settings
from freehold.egress import Client, Origin, Request, Timeouts
from freehold.errors import FreeholdError, UpstreamError
from freehold.ledger import Ledger, append_event, events, log_size, take_checkpoint
from freehold.privacy import Label, clear

_log = logging.getLogger("freehold")

CONFIG_USED = "config.used"
"""The kind of the event that names the config by which the gateway serves from then on."""

_LOOK_SECONDS = 0.5
_FIRST_SECONDS = 10.0
_TIMEOUTS = Timeouts(connect_seconds=5, first_byte_seconds=10, between_bytes_seconds=10, total_seconds=15)
_LONGEST_ANSWER_BYTES = 65_536


class Notary:
    """`run` until cancelled, then `close`. `present` yields the settings that are in use now."""

    def __init__(
        self, ledger: Ledger, settings: Settings, client: Client, present: Callable[[], Settings]
    ) -> None:
        self._ledger = ledger
        self._settings = settings
        self._client = client
        self._present = present
        self._config: str | None = None  # the digest of the config that the log says is in use
        self._signed: int | None = None  # how many leaves the newest checkpoint covers

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        every = self._settings.audit.checkpoint_seconds
        due = loop.time() + min(_FIRST_SECONDS, every)
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                self._ledger.follow()
                if self._present().source_digest != self._config:
                    await asyncio.to_thread(self._note_config)
            except FreeholdError as error:
                _log.warning("%s", error)
            if loop.time() >= due:
                due = loop.time() + every
                await self._sign()

    async def close(self) -> None:
        """Sign what was written since."""
        await self._sign()

    def _note_config(self) -> None:
        """Another config is in use: an event says which, unless it was the last one's."""
        settings, path = self._present(), self._settings.ledger.path
        noted = [event.body.get("digest") for event in events(path, CONFIG_USED)]
        if noted[-1:] != [settings.source_digest]:
            body = {"digest": settings.source_digest, "file": str(settings.path)}
            append_event(path, CONFIG_USED, body, who=who())
        self._config = settings.source_digest

    async def _sign(self) -> None:
        """A checkpoint, if there is anything that the last one does not cover."""
        try:
            checkpoint = await asyncio.to_thread(self._take)
            if checkpoint is not None and self._settings.audit.checkpoint_url is not None:
                await send(checkpoint, self._settings.audit.checkpoint_url, self._client)
                self._signed = checkpoint.tree_size + 1  # that it was sent is a leaf, and no reason to sign
        except FreeholdError as error:
            _log.warning("no checkpoint was written to every place: %s", error)

    def _take(self) -> Checkpoint | None:
        path = self._settings.ledger.path
        size = log_size(path)
        if size in (0, self._signed):
            return None
        checkpoint = take_checkpoint(path, signing_key(self._settings))
        self._signed = checkpoint.tree_size
        write_down(checkpoint, self._settings.audit)
        return checkpoint


async def send(checkpoint: Checkpoint, url: str, client: Client) -> None:
    """POST it. Raises `UpstreamError` where it is not taken."""
    origin, prefix = Origin.parse(url)
    headers = ((b"content-type", b"application/json"),)
    request = Request(origin, "POST", prefix or "/", headers, as_line(checkpoint).encode(), _TIMEOUTS)
    # Hashes and a signature: nothing of any request can be told from them.
    permit = clear(Label.PUBLIC, Label.PUBLIC, origin.text, policy="audit", body=request.body)
    response = await client.send(permit, request)
    await response.read(_LONGEST_ANSWER_BYTES)
    if response.status >= 300:
        raise UpstreamError(f"{url} answered the checkpoint with {response.status}")
