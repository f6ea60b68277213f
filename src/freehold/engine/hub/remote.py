"""Looking at a model where it lies: its repository, and the header of its weights, without the weights."""

from __future__ import annotations

import json
from functools import partial
from typing import Any, Final
from urllib.parse import quote

from freehold.engine.gguf import BadFileError, Found, header_of, read_beginning
from freehold.engine.hub.address import Hub, HubError, check_status
from freehold.engine.hub.choice import Choice
from freehold.engine.hub.listing import HubFile, Repo, read_repo
from freehold.engine.hub.patience import Patience, patiently
from freehold.engine.hub.progress import Tell
from freehold.engine.sizing.shape import ModelShape, shape_of_config, shape_of_header
from freehold.errors import UpstreamError

_FIRST_BYTES: Final = 1 << 20
_MOST_HEADER_BYTES: Final = 64 << 20
_CONFIG_BYTES: Final = 1 << 20
_MOST_PAGES: Final = 50


async def look(hub: Hub, name: str, *, patience: Patience, tell: Tell) -> Repo:
    """The repository `name` as it is now. Raises HubError, and UpstreamError when patience ends."""
    at = f"/api/models/{quote(name)}"
    info = (await patiently(lambda: hub.page(hub.url(at)), patience, tell)).data
    commit = info.get("sha", "main") if isinstance(info, dict) else "main"
    tree = await _tree(
        hub, hub.url(f"{at}/tree/{quote(str(commit), safe='')}?recursive=true"), patience, tell
    )
    try:
        return read_repo(name, info if isinstance(info, dict) else {}, tree)
    except ValueError as error:
        raise HubError(f"the hub's answer about {name} cannot be used: {error}") from error


async def _tree(hub: Hub, first: str, patience: Patience, tell: Tell) -> list[Any]:
    url: str | None = first
    entries: list[Any] = []
    for _ in range(_MOST_PAGES):
        if url is None:
            return entries
        page = await patiently(partial(hub.page, url), patience, tell)
        if not isinstance(page.data, list):
            raise HubError("the hub's list of files is no list")
        entries += page.data
        url = page.next_url
    raise HubError(f"the hub's list of files goes on for more than {_MOST_PAGES} pages")


def file_url(hub: Hub, repo: Repo, path: str) -> str:
    """Where a file of a repository is, at the commit that was looked at."""
    return hub.url(f"/{quote(repo.name)}/resolve/{repo.commit}/{quote(path)}")


async def remote_shape(hub: Hub, repo: Repo, choice: Choice, *, patience: Patience, tell: Tell) -> ModelShape:
    """The shape of a model that is not here, out of its files' first bytes. Raises as `look` does."""
    if choice.format == "safetensors":
        return await _shape_of_safetensors(hub, repo, choice, patience, tell)
    found = [await _found(hub, repo, file, patience, tell) for file in choice.files]
    try:
        return shape_of_header(header_of(found, choice.bytes), repo.name)
    except BadFileError as error:
        raise HubError(f"{choice.files[0].path} {error}") from error


async def _found(hub: Hub, repo: Repo, file: HubFile, patience: Patience, tell: Tell) -> Found:
    """What the header of one GGUF file says; twice as much of it is read until that is enough."""
    url = file_url(hub, repo, file.path)
    beginning, upto = b"", _FIRST_BYTES
    while True:
        upto = min(upto, file.bytes)
        beginning += await _bytes(hub, url, len(beginning), upto, patience, tell)
        try:
            found = read_beginning(beginning, file.bytes)
        except BadFileError as error:
            raise HubError(f"{file.path} {error}") from error
        if found is not None:
            return found
        if upto >= min(_MOST_HEADER_BYTES, file.bytes):
            raise HubError(f"{file.path} has a header of more than {upto:,} bytes")
        upto *= 2


async def _bytes(hub: Hub, url: str, start: int, end: int, patience: Patience, tell: Tell) -> bytes:
    """The bytes of a file from `start` to before `end`."""

    async def ask() -> bytes:
        response = await hub.open(url, ((b"range", b"bytes=%d-%d" % (start, end - 1)),))
        skip = start if response.status == 200 else 0  # a hub that knows no ranges sends all
        got = bytearray()
        try:
            check_status(response, url, hub)
            async for piece in response.chunks():
                got += piece
                if len(got) >= skip + end - start:
                    break
        finally:
            response.close()
        if len(got) < skip + end - start:
            raise UpstreamError("The hub's answer ended early.", code="upstream_cut")
        return bytes(got[skip : skip + end - start])

    return await patiently(ask, patience, tell)


async def _shape_of_safetensors(
    hub: Hub, repo: Repo, choice: Choice, patience: Patience, tell: Tell
) -> ModelShape:
    described = next((file for file in choice.files if file.name == "config.json"), None)
    if described is None or described.bytes > _CONFIG_BYTES:
        raise HubError(f"{repo.name} has no config.json that says what the model is")
    text = await _bytes(hub, file_url(hub, repo, described.path), 0, described.bytes, patience, tell)
    try:
        config = json.loads(text)
    except ValueError as error:
        raise HubError(f"{repo.name}: its config.json is not JSON") from error
    return shape_of_config(
        config if isinstance(config, dict) else {},
        repo.name,
        weight_bytes=sum(file.bytes for file in choice.weights),
        parameters=repo.parameters,
    )
