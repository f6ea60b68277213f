"""What is private in a request: every text of its body, scanned, remembered, and failing closed.

Short requests are looked at where they come in, long ones in a thread that lets the others pass. What was
found is remembered by a keyed digest of the passage, never by its text. Does not know who may receive what.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from bisect import bisect_right
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from threading import Lock

from freehold.errors import FreeholdError
from freehold.gateway.replacing import Looked, replaced
from freehold.ledger import Spotted
from freehold.privacy import Book, Label, Owner, Scanner, Sorting, Span
from freehold.wire import Ask, Passage, passages

log = logging.getLogger("freehold")

# Shorter ones take less than a millisecond, and less than a thread would cost the others.
_SHORT_CHARACTERS = 2048
_THREADS = 2
_MOST_REMEMBERED = 20_000
# Shorter passages are scanned in the time that a digest takes.
_SHORTEST_REMEMBERED = 64
_DIGEST_BYTES = 16
_PASSAGES_A_PAUSE = 64
# A record says of so many values where they stand; all are counted.
_MOST_SPOTTED = 50


class TooLong(FreeholdError):
    """A scan took more processor time than it may."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How private a request is.

    `found` counts the values of each type, `None` where nobody looked or the look failed. Where the label is
    not `known`, because nobody looked, it is the highest. `spans` says where the first of the values stand.
    """

    label: Label
    found: Mapping[str, int] | None = None
    known: bool = True
    spans: tuple[Spotted, ...] | None = None

    @property
    def types(self) -> tuple[str, ...]:
        return () if self.found is None else tuple(sorted(self.found))


@dataclass(frozen=True, slots=True)
class Redacted:
    """A request with a pseudonym for every value that was found, and the way back.

    `label` is what it still is: its floor, raised by whatever has no single text to stand in.
    """

    ask: Ask
    label: Label
    way_back: Mapping[str, str]


class Memory:
    """What was found in passages, by a digest that only this process can make. Holds no text."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(_DIGEST_BYTES)
        self._found: OrderedDict[bytes, Looked] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._found)

    def digest(self, passage: Passage) -> bytes:
        made = blake2b(key=self._key, digest_size=_DIGEST_BYTES)
        for part in passage.parts:
            made.update(part.encode("utf-8", "surrogatepass"))
            made.update(b"\0")
        return made.digest()

    def recall(self, digest: bytes) -> Looked | None:
        with self._lock:
            found = self._found.get(digest)
            if found is not None:
                self._found.move_to_end(digest)
            return found

    def keep(self, digest: bytes, found: Looked) -> None:
        with self._lock:
            self._found[digest] = found
            if len(self._found) > _MOST_REMEMBERED:
                self._found.popitem(last=False)


class Inspector:
    """Looks at requests. `cpu_seconds` bounds the processor time of one; beyond it the request is secret."""

    def __init__(self, scanner: Scanner, sorting: Sorting, cpu_seconds: float) -> None:
        self._scanner = scanner
        self._sorting = sorting
        self._cpu_seconds = cpu_seconds
        self._memory = Memory()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="scan")
        scanner.warm()

    @property
    def sorting(self) -> Sorting:
        """Which types raise which label."""
        return self._sorting

    @property
    def learned(self) -> frozenset[str]:
        """The types of what an organisation itself said is private."""
        return self._scanner.known

    async def look(self, ask: Ask, floor: Label) -> Seen:
        """The label of `ask`, at least `floor`. What fails to be read or scanned counts as secret."""
        if ask.size_bytes <= _SHORT_CHARACTERS:
            return self._look(ask, floor)
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._look, ask, floor)

    def spans(self, text: str) -> tuple[Span, ...] | None:
        """What is found in one text, which is not remembered; `None` where a detector fails."""
        clock = _Clock(self._cpu_seconds)
        try:
            return self._scanner.spans(text, clock.pause)
        except Exception as error:  # noqa: BLE001 - as in `_look`
            log.error("a detector failed (%s) on a text to try", type(error).__name__)  # noqa: TRY400 - as there
            return None

    def _look(self, ask: Ask, floor: Label) -> Seen:
        clock = _Clock(self._cpu_seconds)
        try:
            looked = [(passage, self._in_passage(passage, clock)) for passage in passages(ask)]
        except TooLong as error:
            log.warning("a request counts as secret: %s", error)
            return Seen(Label.SECRET)
        except Exception as error:  # noqa: BLE001 - whatever fails in a detector, the request counts as secret
            # Its words and its traceback may hold what was scanned.
            log.error("a detector failed (%s), so the request counts as secret", type(error).__name__)  # noqa: TRY400 - as above
            return Seen(Label.SECRET)
        found = [span for _, one in looked for span in one.all]
        if not found:
            return Seen(floor, {})
        spans = tuple(islice(_spotted(looked), _MOST_SPOTTED))
        return Seen(self._sorting.label(found, floor), _counted(found), spans=spans)

    async def redact(self, ask: Ask, floor: Label, owner: Owner) -> Redacted:
        """`ask` with pseudonyms. What cannot be replaced or looked at leaves it as private as it was."""
        if ask.size_bytes <= _SHORT_CHARACTERS:
            return self._redact(ask, floor, owner)
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, self._redact, ask, floor, owner
        )

    def _redact(self, ask: Ask, floor: Label, owner: Owner) -> Redacted:
        clock = _Clock(self._cpu_seconds)
        try:
            book = Book(owner, "\n".join(passage.text for passage in passages(ask)))
            made, left = replaced(ask, lambda passage: self._in_passage(passage, clock), book)
        except Exception as error:  # noqa: BLE001 - whatever fails, nothing leaves that was not looked at
            log.error("redaction failed (%s), so the request stays", type(error).__name__)  # noqa: TRY400 - its words may hold what was scanned
            return Redacted(ask, Label.SECRET, {})
        return Redacted(made, self._sorting.label(left, floor), book.way_back)

    def _in_passage(self, passage: Passage, clock: _Clock) -> Looked:
        clock.count()
        if sum(map(len, passage.parts)) < _SHORTEST_REMEMBERED:
            return self._scan(passage, clock)
        digest = self._memory.digest(passage)
        found = self._memory.recall(digest)
        if found is None:
            found = self._scan(passage, clock)
            self._memory.keep(digest, found)
        return found

    def _scan(self, passage: Passage, clock: _Clock) -> Looked:
        found = self._scanner.spans(passage.text, clock.pause)
        if len(passage.parts) == 1:
            return Looked(found)
        text, seams = passage.seams()
        across = self._scanner.spans(text, clock.pause)
        return Looked(found, tuple(span for span in across if _is_over(span, seams)))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


class _Clock:
    """The processor time of one scan, which no load on the machine makes longer."""

    __slots__ = ("_end", "_passages", "_seconds")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.thread_time() + seconds
        self._passages = 0

    def count(self) -> None:
        """One passage more. Of short ones many make a long text."""
        self._passages += 1
        if self._passages % _PASSAGES_A_PAUSE == 0:
            self.pause()

    def pause(self) -> None:
        """Let other threads go on. Raises `TooLong`."""
        if time.thread_time() > self._end:
            raise TooLong(f"scanning it took more than {self._seconds:g} s of processor time")
        time.sleep(0)


def _is_over(span: Span, seams: Sequence[int]) -> bool:
    """Whether a seam lies within it; `seams` in order."""
    at = bisect_right(seams, span.start)
    return at < len(seams) and seams[at] < span.end


def _spotted(looked: Iterable[tuple[Passage, Looked]]) -> Iterator[Spotted]:
    """Where each value stands, in the order of reading."""
    for passage, one in looked:
        field, number = passage.field, passage.number
        for span in sorted(one.within, key=lambda span: span.start):
            yield Spotted(span.type, field, number, span.start, span.end - span.start)
        for span in one.across:
            yield Spotted(span.type, field, number, None, span.end - span.start)


def _counted(found: Iterable[Span]) -> dict[str, int]:
    return dict(Counter(span.type for span in found))
