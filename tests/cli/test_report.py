"""`freehold report`: what `decide` says, written down for a board."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from tests.cli.conftest import Freehold, spawn

from freehold.console import board

pytest.importorskip("numpy")

ASK = ("--use-case", "support", "--requests-per-month", "10M", "--rent", "openai/gpt-4o")
OWN = ("--own", "llama-3.1-8b", "--gpu", "h100", "--gpu-usd-per-hour", "2.5")


def headline(page: Path) -> str:
    found = re.search("<h1>(.*?)</h1>", page.read_text("utf-8"))
    assert found is not None
    return unescape(found[1]).replace("\N{NO-BREAK SPACE}", " ")


def test_the_report_begins_with_the_sentence_that_decide_prints(freehold: Freehold, folder: Path) -> None:
    said = freehold("decide", *ASK, *OWN, "--json").json
    written = freehold("report", *ASK, *OWN, "--html", "board.html", "--json")
    assert written.json == {
        "verdict": said["verdict"],
        "reason": said["reason"],
        "html": "board.html",
        "pdf": None,
    }
    assert headline(folder / "board.html") == said["reason"]
    page = unescape((folder / "board.html").read_text("utf-8"))
    assert [row["name"] for row in said["assumptions"] if row["name"] not in page] == []
    assert [each["says"][1:] for each in said["plan"]["reopen"] if each["says"][1:] not in page] == []


def test_both_forms_are_written_at_once_with_a_title_and_the_command(folder: Path) -> None:
    pytest.importorskip("typst")
    asked = ["report", *ASK, *OWN, "--html", "b.html", "--pdf", "b.pdf", "--title", "Support & more"]
    ended = spawn(asked, folder)
    assert ended.returncode == 0, ended.stderr
    assert "Written: b.html, b.pdf" in ended.stdout
    assert (folder / "b.pdf").read_bytes().startswith(b"%PDF-")
    page = unescape((folder / "b.html").read_text("utf-8"))
    assert "Support & more" in page
    assert "freehold report --use-case support --requests-per-month 10M" in page


def test_it_takes_answers_as_decide_does(freehold: Freehold, folder: Path) -> None:
    (folder / "answers.toml").write_text(
        '[company]\nuse_case = "support"\n[traffic]\nrequests_per_month = 10_000_000\n'
        '[ways]\nrent = ["openai/gpt-4o"]\nown = ["llama-3.1-8b"]\ngpu_usd_per_hour = 2.5\n'
        "[constraints]\ndata_may_not_leave = true\n"
    )
    said = freehold("report", "--answers", "answers.toml", "--html", "board.html", "--json").json
    assert said["verdict"] == "own"
    assert "data_may_not_leave" in headline(folder / "board.html")


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ([], "there is nothing to write"),
        (["--html", "nowhere/board.html"], "there is no folder nowhere"),
        (["--html", "."], "is a directory"),
    ],
)
def test_a_report_that_cannot_be_written_ends_with_2_before_it_is_computed(
    freehold: Freehold, files: list[str], says: str
) -> None:
    ended = freehold("report", *ASK, *OWN, *files)
    assert ended.code == 2
    assert says in ended.err
    assert "hint:" in ended.err


def test_a_question_that_cannot_be_answered_writes_nothing(freehold: Freehold, folder: Path) -> None:
    ended = freehold("report", "--requests-per-month", "0", "--html", "board.html")
    assert ended.code == 2
    assert "hint:" in ended.err
    assert not (folder / "board.html").exists()


def test_a_title_that_the_pdf_cannot_show_is_refused_with_its_letters_and_html_is_not(
    freehold: Freehold, folder: Path
) -> None:
    pytest.importorskip("typst")
    asked = ("report", *ASK, *OWN, "--title", "支援", "--html", "board.html")
    ended = freehold(*asked, "--pdf", "board.pdf")
    assert ended.code == 2
    assert "支援" in ended.err
    assert "hint: --html shows every script" in ended.err
    assert not (folder / "board.pdf").exists()
    assert freehold(*asked).code == 0
    assert "支援" in (folder / "board.html").read_text("utf-8")


def test_gpus_are_written_as_their_makers_write_them(freehold: Freehold, folder: Path) -> None:
    assert freehold("report", *ASK, *OWN, "--html", "board.html").code == 0
    page = (folder / "board.html").read_text("utf-8")
    assert "× H100 (on-demand)" in page
    assert "× h100" not in page


def test_without_the_extra_a_pdf_is_refused_with_what_to_install_and_html_is_not(
    freehold: Freehold, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "can_make_pdf", lambda: False)
    ended = freehold("report", *ASK, *OWN, "--pdf", "board.pdf")
    assert ended.code == 2
    assert 'pip install "freehold[report]"' in ended.err
    assert freehold("report", *ASK, *OWN, "--html", "board.html").code == 0
    assert (folder / "board.html").is_file()
