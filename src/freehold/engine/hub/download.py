"""One file from a hub to the disk: resumed, bounded, checked. Does not know which files make a model."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from freehold.egress import Response
from freehold.engine.hub.address import Header, Hub, HubError, check_status
from freehold.engine.hub.listing import Checksum, HubFile
from freehold.engine.hub.part import PartFile, digests, discard_stale_parts, size_of
from freehold.engine.hub.patience import Patience, patiently
from freehold.engine.hub.progress import Finished, Progress, Tell
from freehold.errors import UpstreamError

_CONTENT_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


async def download(hub: Hub, file: HubFile, url: str, target: Path, *, patience: Patience, tell: Tell) -> str:
    """Fetch `file` from `url` to `target`, and return the SHA-256 of what is there, in hex.

    A file that is there already with this content stays. Raises HubError where one with other content is
    there, where the hub gives no checksum, or gives bytes that do not have it; UpstreamError when patience
    ends, and then what has come stays for the next time.
    """
    if file.checksum is None:
        raise HubError(f"the hub gives no checksum for {file.path}, so it could not be told from a fake")
    here = await _kept(file, file.checksum, target, tell)
    if here is not None:
        return here
    discard_stale_parts(target, file.checksum)
    with PartFile(target, file.bytes, file.checksum) as part:
        await part.take_up()
        resumed = part.size > 0
        await _fetch(hub, part, file, url, patience, tell)
        if not part.is_right and resumed:
            part.restart()  # what the earlier run has left may have been damaged since
            await _fetch(hub, part, file, url, patience, tell)
        if not part.is_right:
            part.discard()
            raise HubError(
                f"what the hub sent for {file.path} has another checksum than it lists; nothing was kept",
                hint="a proxy or a mirror may have changed it; try again later or another HF_ENDPOINT",
            )
        part.finish()
        tell(Finished(target.name, was_here=False))
        return part.sha256


async def _kept(file: HubFile, checksum: Checksum, target: Path, tell: Tell) -> str | None:
    """The SHA-256 of what is at `target` already, None where nothing is."""
    size = size_of(target)
    if size is None:
        return None
    made = await digests(target, size, checksum.kind) if size == file.bytes else None
    if made is None or made[checksum.kind] != checksum.digest:
        raise HubError(
            f"{target} is there already, with other content",
            hint="move it away, or name another folder with --into",
        )
    tell(Finished(target.name, was_here=True))
    return made["sha256"]


async def _fetch(hub: Hub, part: PartFile, file: HubFile, url: str, patience: Patience, tell: Tell) -> None:
    transfer = _Transfer(hub, part, file, url, tell)
    tell(Progress(file.name, part.size, file.bytes))
    if part.size < file.bytes or file.bytes == 0:
        await patiently(transfer.go_on, patience, tell, position=lambda: transfer.furthest)


@dataclass(slots=True)
class _Transfer:
    """The way of one file. `furthest` is the highest byte so far: beginning again is no progress.

    `etag` is what the bytes so far were sent under in this run; the hub is asked to go on only with the same.
    """

    hub: Hub
    part: PartFile
    file: HubFile
    url: str
    tell: Tell
    furthest: int = 0
    etag: bytes | None = field(default=None)

    async def go_on(self) -> None:
        """One request, from where the part ends to the end. Raises UpstreamError where it falls short."""
        response = await self.hub.open(self.url, self._headers())
        try:
            self._begin(response)
            async for piece in response.chunks():
                self._take(piece)
        finally:
            response.close()
        if self.part.size < self.file.bytes:
            raise self._cut("ended early")

    def _headers(self) -> tuple[Header, ...]:
        if not self.part.size:
            return ()
        asked: Header = (b"range", b"bytes=%d-" % self.part.size)
        return (asked,) if self.etag is None else (asked, (b"if-range", self.etag))

    def _begin(self, response: Response) -> None:
        """Make the part end where the answer begins."""
        if response.status == 416 and self.part.size:
            self.part.restart()
            raise self._cut("refuses to go on in the middle")
        check_status(response, self.url, self.hub)
        begins = _first_byte(response)
        if begins == 0 or response.status == 200:
            if self.part.size:
                self.part.restart()
        elif begins != self.part.size:
            self.part.restart()
            raise self._cut("went on at another place than asked")
        etag = response.header(b"etag")
        # RFC 9110, section 13.1.5: only a strong tag may be sent in If-Range
        self.etag = None if etag is None or etag.startswith(b"W/") else etag

    def _take(self, piece: bytes) -> None:
        if self.part.size + len(piece) > self.file.bytes:
            self.part.restart()
            raise HubError(
                f"the hub sends more for {self.file.path} than the {self.file.bytes:,} bytes that it lists"
            )
        self.part.write(piece)
        self.furthest = max(self.furthest, self.part.size)
        self.tell(Progress(self.file.name, self.part.size, self.file.bytes))

    def _cut(self, why: str) -> UpstreamError:
        return UpstreamError(f"The transfer of {self.file.name} {why}.", code="upstream_cut")


def _first_byte(response: Response) -> int | None:
    """Where a partial answer says that it begins, None where it does not say."""
    found = _CONTENT_RANGE.fullmatch((response.header(b"content-range") or b"").decode("latin-1").strip())
    return int(found[1]) if found else None
