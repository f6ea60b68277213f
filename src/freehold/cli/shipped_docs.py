"""The documentation that travels with the package: which topics there are, and their text.

A topic is a page's path without its ending, `how-to/make-keys`. Does not know how a page is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path

from freehold.errors import ConfigError, FreeholdError

_INDEX = "README"
_KINDS = ("tutorial", "how-to", "reference", "explanation", "journal")  # in the order of the index


@dataclass(frozen=True, slots=True)
class Page:
    topic: str
    title: str
    file: Path

    @property
    def kind(self) -> str:
        return self.topic.partition("/")[0]

    def text(self) -> str:
        """Its Markdown, without the comments that speak to tests."""
        lines = self.file.read_text("utf-8").splitlines()
        return "\n".join(line for line in lines if not _is_comment(line)) + "\n"


def pages() -> list[Page]:
    """Every page but the index, by kind. Raises `FreeholdError` where this installation has none."""
    folder = _folder()
    found = [_page(folder, file) for file in folder.rglob("*.md") if file.stem != _INDEX]
    return sorted(found, key=lambda page: (_place(page.kind), page.topic))


def find(topic: str) -> Page:
    """The page of that topic, whose folder may be left out where no other page has its name.

    Raises `ConfigError` where no page, or more than one, is called so.
    """
    known = {page.topic: page for page in pages()}
    wanted = topic.removesuffix(".md").strip("/").lower()
    if wanted in known:
        return known[wanted]
    named = [page for page in known.values() if page.topic.rpartition("/")[2] == wanted]
    if len(named) == 1:
        return named[0]
    if named:
        listed = " or ".join(page.topic for page in named)
        raise ConfigError("", f"there are {len(named)} pages called {wanted}", hint=f"say {listed}")
    near = get_close_matches(wanted, [*known, *(name.rpartition("/")[2] for name in known)], n=1)
    hint = f"did you mean {near[0]}?" if near else "`freehold docs` lists the topics"
    raise ConfigError("", f"there is no page called {topic}", hint=hint)


def _folder() -> Path:
    in_wheel = Path(str(files("freehold"))) / "docs"
    in_checkout = Path(__file__).parents[3] / "docs"
    for candidate in (in_wheel, in_checkout):
        if (candidate / f"{_INDEX}.md").is_file():
            return candidate
    missing = f"the documentation is missing: neither {in_wheel} nor {in_checkout} is there"
    raise FreeholdError(missing, hint="reinstall freehold")


def _page(folder: Path, file: Path) -> Page:
    lines = file.read_text("utf-8").splitlines()
    title = next((line.removeprefix("# ") for line in lines if line.startswith("# ")), file.stem)
    return Page(file.relative_to(folder).with_suffix("").as_posix(), title, file)


def _place(kind: str) -> int:
    return _KINDS.index(kind) if kind in _KINDS else len(_KINDS)


def _is_comment(line: str) -> bool:
    return line.startswith("<!--") and line.endswith("-->")
