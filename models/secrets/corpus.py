"""Windows of code to learn from: the public files, ordinary code, and secrets planted into ordinary code.

Ordinary code is what Python's own library and installed packages hold, tests left out; whatever looks like a
secret there is taken to be none. A planted value stands where a literal stood, behind a name of secrets.
"""

from __future__ import annotations

import base64
import json
import random
import re
import string
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from freehold.privacy.secrets import Candidate, long, said

CREDDATA = "secrets_creddata"
_OTHERS = ("secrets_credsweeper", "secrets_gitleaks_tests")
PROSE = ("clean_prompts", "clean_wildguard")
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_CODE = (
    ".py",
    ".js",
    ".mjs",
    ".ts",
    ".md",
    ".rst",
    ".txt",
    ".yml",
    ".yaml",
    ".json",
    ".toml",
    ".cfg",
    ".sh",
    ".html",
)
_SKIPPED = re.compile(r"test|example|fixture|\.min\.|lock|vendor|locale|__pycache__", re.IGNORECASE)
_MOST_CHARACTERS = 200_000
_MOST_IN_A_FILE = 6
_LINES_AROUND = 2
_STRONG = re.compile(r"pass|pwd|secret|token|key|auth|cred|salt|nonce", re.IGNORECASE)
_NOT_STRONG = re.compile(
    r"(?:id|name|type|url|uri|path|file|dir|field|header|label|length|size|error|message|class|algorithm|format|prefix"
    r"|suffix|param|host|port|user|email|mode|policy|view|form|help|text|expir\w*|ttl|timeout|public\w*|sort\w*"
    r"|code|set|list|map)s?$|public|foreign|primary|hash|encrypted", re.IGNORECASE,
)  # fmt: skip


@dataclass(frozen=True)
class Window:
    """A few lines. `source` is the repository; `gold` the secrets' places, `None` where not told where."""

    source: str
    text: str
    secret: bool
    gold: tuple[tuple[int, int], ...] | None = ()
    planted: bool = False

    def candidates(self) -> list[tuple[Candidate, bool | None]]:
        """Each candidate with whether it is a secret; `None` where nobody says."""
        found = [*candidates(self.text)]
        if not self.secret:
            return [(each, False) for each in found]
        if self.gold is None:
            return [(each, True if len(found) == 1 else None) for each in found]
        return [
            (each, True if any(each.start < end and start < each.end for start, end in self.gold) else None)
            for each in found
        ]


def candidates(text: str) -> Iterator[Candidate]:
    """As the detector draws them: what is said to be one first, then long values elsewhere."""
    seen: list[tuple[int, int]] = []
    for each in said(text, text.lower()):
        if (each.start, each.end) not in seen:
            seen.append((each.start, each.end))
            yield each
    for each in long(text):
        if not any(each.start < end and start < each.end for start, end in seen):
            yield each


def rows(folder: Path, name: str) -> Iterator[Window]:
    """A public file. What is only a bare UUID is neither a secret nor none, and left out."""
    for line in (folder / f"{name}.jsonl").open(encoding="utf-8"):
        row = json.loads(line)
        text, source = row["text"], row["source"].split()[-1] if name == CREDDATA else name
        if "spans" not in row:
            yield Window(source, text, row["has_secret"], None)
            continue
        gold = tuple((span["start"], span["end"]) for span in row["spans"])
        kept = tuple((start, end) for start, end in gold if _UUID.fullmatch(text[start:end]) is None)
        if kept or not gold:
            yield Window(source, text, bool(kept), kept)


def labelled(folder: Path) -> list[Window]:
    """All the windows of the public files."""
    return [window for name in (CREDDATA, *_OTHERS) for window in rows(folder, name)]


def prose(folder: Path) -> list[Window]:
    """Ordinary prompts, taken as clean."""
    return [
        Window(name, json.loads(line)["text"], secret=False)
        for name in PROSE
        for line in (folder / f"{name}.jsonl").open(encoding="utf-8")
    ]


def code(folders: Iterable[Path], draw: random.Random, most: int) -> list[Window]:
    """Windows around candidates of ordinary code, a few of a file."""
    files = sorted(
        file
        for folder in folders
        for file in folder.rglob("*")
        if file.suffix in _CODE and not _SKIPPED.search(str(file.relative_to(folder))) and file.is_file()
    )
    draw.shuffle(files)
    found: list[Window] = []
    for file in files:
        text = file.read_text("utf-8", errors="replace")[:_MOST_CHARACTERS]
        places = [*candidates(text)]
        few = draw.sample(places, min(_MOST_IN_A_FILE, len(places)))
        found += (Window(file.suffix, _around(text, each), secret=False) for each in few)
        if len(found) >= most:
            break
    return found[:most]


def planted(windows: Iterable[Window], draw: random.Random, words: list[str]) -> Iterator[Window]:
    """Secrets where literals stood, behind names of secrets."""
    for window in windows:
        for each in said(window.text, window.text.lower()):
            name = each.name.rstrip("0123456789_")
            if each.quote and _STRONG.search(name) and not _NOT_STRONG.search(name):
                value = _made_up(draw, words, name)
                text = window.text[: each.start] + value + window.text[each.end :]
                yield Window(
                    "planted", text, secret=True, gold=((each.start, each.start + len(value)),), planted=True
                )
                break


def _around(text: str, each: Candidate) -> str:
    start, end = each.start, each.end
    for _ in range(_LINES_AROUND + 1):
        start = max(0, text.rfind("\n", max(0, start - 300), max(0, start - 1)) + 1)
        after = text.find("\n", end + 1, end + 300)
        end = min(len(text), end + 300) if after < 0 else after
    return text[start:end]


def _made_up(draw: random.Random, words: list[str], name: str) -> str:
    if re.search(r"pass|pwd", name, re.IGNORECASE) and draw.random() < _LIKE_A_PASSWORD:
        return draw.choice(_PASSWORDS)(draw, words)
    return draw.choice(_KEYS)(draw, draw.choice((16, 20, 24, 32, 32, 40, 48, 64)))


def _signs(draw: random.Random, alphabet: str, size: int) -> str:
    return "".join(draw.choices(alphabet, k=size))


def _word(draw: random.Random, words: list[str]) -> str:
    word = draw.choice(words)
    word = word.translate(str.maketrans("aeios", "43105")) if draw.random() < 0.5 else word.capitalize()
    return f"{word}{draw.choice('!@#$_-.')}{draw.randint(0, 99999)}"


_LOWER, _ALNUM = string.ascii_lowercase, string.ascii_letters + string.digits
_LIKE_A_PASSWORD = 0.8
_PASSWORDS: tuple[Callable[[random.Random, list[str]], str], ...] = (
    lambda draw, _: _signs(draw, _LOWER, draw.randint(5, 12)),
    lambda draw, _: _signs(draw, _LOWER, draw.randint(4, 9)) + str(draw.randint(0, 9999)),
    lambda draw, _: _signs(draw, _ALNUM + "!@#$%^&*-_+?", draw.randint(8, 20)),
    _word,
    _word,
)
_KEYS: tuple[Callable[[random.Random, int], str], ...] = (
    lambda draw, size: _signs(draw, "0123456789abcdef", size),
    lambda draw, size: base64.b64encode(draw.randbytes(size)).decode(),
    lambda draw, _: _signs(draw, _LOWER, draw.randint(8, 24)),
    lambda draw, _: "-".join(_signs(draw, _LOWER + string.digits, draw.randint(4, 8)) for _ in range(3)),
    lambda draw, size: _signs(draw, _ALNUM, size),
)
