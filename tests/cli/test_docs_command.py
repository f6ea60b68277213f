from __future__ import annotations

import os
import pty
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.cli.conftest import Freehold, command, environment
from tests.conftest import ROOT

DOCS = ROOT / "docs"
TOPICS = {str(file.relative_to(DOCS).with_suffix("")) for file in DOCS.rglob("*.md")} - {"README"}


def on_a_terminal(*arguments: str) -> str:
    """What the command writes where somebody looks."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command(*arguments),
        env={**environment(), "TERM": "xterm-256color", "COLUMNS": "100"},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    ):
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = os.read(ours, 65_536)
            except OSError:  # the other end has closed
                break
            if not piece:
                break
            shown += piece
    os.close(ours)
    return shown.decode()


def test_every_page_is_a_topic(freehold: Freehold) -> None:
    listed = freehold("docs", "--json").json
    assert {page["topic"] for page in listed} == TOPICS
    assert [page for page in listed if not page["title"] or not Path(page["file"]).is_file()] == []
    shown = freehold("docs").out
    assert [topic for topic in TOPICS if topic not in shown] == []


def test_a_page_is_shown_as_markdown_to_programs(freehold: Freehold) -> None:
    shown = freehold("docs", "how-to/make-keys").out
    page = (DOCS / "how-to" / "make-keys.md").read_text()
    assert shown.startswith(page.splitlines()[0])
    assert "<!--" not in shown
    assert freehold("docs", "make-keys").out == shown
    assert freehold("docs", "make-keys", "--json").json["text"] == shown


def test_a_page_is_laid_out_on_a_terminal() -> None:
    shown = on_a_terminal("docs", "make-keys")
    assert "\x1b[" in shown
    assert "```" not in shown
    title = (DOCS / "how-to" / "make-keys.md").read_text().splitlines()[0].removeprefix("# ")
    assert title in shown


@pytest.mark.parametrize(
    ("topic", "hint"),
    [
        ("ledger", "say reference/ledger or explanation/ledger"),
        ("make-kyes", "did you mean make-keys?"),
        ("zzz", "`freehold docs` lists the topics"),
        ("../README", "did you mean"),
    ],
)
def test_a_topic_that_is_no_page_is_told_the_nearest(freehold: Freehold, topic: str, hint: str) -> None:
    ended = freehold("docs", topic)
    assert ended.code == 2
    assert f"hint: {hint}" in ended.err or (hint == "did you mean" and "hint: " in ended.err)


def test_the_wheel_carries_the_pages(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {f"freehold/docs/{topic}.md" for topic in (*TOPICS, "README")} <= names
