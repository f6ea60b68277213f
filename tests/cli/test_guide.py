"""`freehold decide --guide`: questions whose answers are a file that asks the same again."""

from __future__ import annotations

import os
import pty
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.conftest import Freehold, command, environment
from tests.conftest import ROOT

from freehold.cli.guide import QUESTIONS, Said, answers_text, asked
from freehold.costs.decide import read_answers
from freehold.errors import ConfigError

pytest.importorskip("numpy")

AT = datetime(2026, 11, 24, tzinfo=UTC)
BILL = "date,model,requests,input_tokens,output_tokens\n2026-11-01,gpt-4o-mini,1000,500000,90000\n"


def dialogue(lines: list[str], *, again: bool = False) -> tuple[list[Said], list[str]]:
    waiting, told = iter(lines), list[str]()
    return asked(QUESTIONS, lambda _: next(waiting, None), told.append, again=again), told


def value(said: list[Said], key: str) -> object:
    return next(each.value for each in said if each.question.key == key)


def test_whoever_only_agrees_gets_a_file_that_can_be_asked() -> None:
    said, told = dialogue([])
    answers = read_answers(answers_text(said, AT, "answers.toml"))
    assert answers.traffic.requests_per_month == 1_000_000
    assert answers.ways.rent == ("openai/gpt-4o-mini",)
    assert answers.constraints.no_training_on_data
    assert not answers.constraints.data_may_not_leave
    assert len(told) == sum(each.asked for each in said) > 20


def test_each_question_says_why_it_matters_and_its_own_proposal_is_an_answer() -> None:
    keys = [question.key for question in QUESTIONS]
    assert len(keys) == len(set(keys))
    for question in QUESTIONS:
        assert len(question.why.split()) > 4
        if question.default:
            question.reads(question.default)
    reference = (ROOT / "docs" / "reference" / "answers.md").read_text()
    assert [key for key in keys if key.partition(".")[2] not in reference] == []


def test_what_was_said_before_decides_what_is_asked() -> None:
    said, _ = dialogue(["support"])
    asked_keys = {each.question.key for each in said if each.asked}
    assert "traffic.input_tokens" not in asked_keys  # the use case has it
    assert "team.may_hire" not in asked_keys
    assert "traffic.requests_per_month" in asked_keys
    unused = {each.question.key for each in dialogue([])[0] if each.asked}
    assert "traffic.input_tokens" in unused


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=20), max_size=40))
def test_whatever_is_typed_on_a_terminal_ends_in_a_file_that_reads_back(lines: list[str]) -> None:
    said, _ = dialogue(lines, again=True)
    text = answers_text(said, AT, "answers.toml")
    answers = read_answers(text)
    table = tomllib.loads(text)
    for each in said:
        section, _, key = each.question.key.partition(".")
        assert (key in table.get(section, {})) == (each.value is not None)
        if each.value is not None:
            kept = getattr(getattr(answers, section), key)
            wanted = each.value
            assert kept == wanted or Decimal(str(kept)) == wanted
    assert msgspec.structs.asdict(answers)


def test_open_questions_stand_in_the_file_as_comments() -> None:
    text = answers_text(dialogue([])[0], AT, "answers.toml")
    for question in QUESTIONS:
        assert f"# {question.ask}" in text
    assert "# monthly_users =" in text
    assert "freehold report --answers answers.toml --pdf board.pdf" in text


@pytest.mark.parametrize(
    ("lines", "key", "says"),
    [
        (["poetry"], "company.use_case", "say one of support, documents, coding"),
        (["", "", "", "1.5"], "company.monthly_users", "whole number"),
        (["", "", "", "", "no.csv"], "traffic.usage", "no.csv is not there"),
        (["", "", "", "", "", "", "0"], "traffic.requests_per_month", "from 1 to"),
        (["", "", "", "", "", "", "lots"], "traffic.requests_per_month", "is no figure"),
        (
            ["support", "", "", "", "", "", "", "", "", "", "gpt-4"],
            "ways.rent",
            "names no model of a provider",
        ),
        (["support", *[""] * 10, "llama-99"], "ways.own", "llama-99"),
        (["support", *[""] * 11, "z100"], "ways.gpus", "z100"),
    ],
)
def test_from_a_pipe_what_is_no_answer_names_its_question(lines: list[str], key: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        dialogue(lines)
    assert caught.value.key == key
    assert says in caught.value.message
    assert caught.value.hint


def test_on_a_terminal_it_is_asked_again() -> None:
    said, told = dialogue(["poetry", "coding"], again=True)
    assert value(said, "company.use_case") == "coding"
    assert "  say one of support, documents, coding" in told


def piped(folder: Path, lines: list[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command("decide", "--guide", *arguments),
        input="".join(f"{line}\n" for line in lines),
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )


def test_a_pipe_answers_and_the_file_asks_the_same_again(freehold: Freehold, folder: Path) -> None:
    (folder / "bill.csv").write_text(BILL)
    ended = piped(folder, ["support", "startup", "", "", "bill.csv"], "--json")
    assert ended.returncode == 0, ended.stderr
    first = msgspec.json.decode(ended.stdout)
    assert first["window"]["source"] == "the bill"
    assert first["profile"] == "startup"
    again = freehold("decide", "--answers", "answers.toml", "--json").json
    assert again == first
    refused = piped(folder, [])
    assert refused.returncode == 2
    assert "answers.toml is there already" in refused.stderr
    assert "hint:" in refused.stderr


def test_files_are_named_as_seen_from_the_answers(folder: Path) -> None:
    (folder / "kept").mkdir()
    (folder / "bill.csv").write_text(BILL)
    ended = piped(folder, ["", "", "", "", "bill.csv"], "--answers", "kept/a.toml", "--json")
    assert ended.returncode == 0, ended.stderr
    assert 'usage = "../bill.csv"' in (folder / "kept" / "a.toml").read_text()


@pytest.fixture
def terminal(folder: Path) -> Iterator[Callable[[str], tuple[int, str]]]:
    """Runs `decide --guide` on a terminal of its own, types a text; hands back code and what it showed."""
    ours, theirs = pty.openpty()

    def run(text: str) -> tuple[int, str]:
        process = subprocess.Popen(
            command("decide", "--guide", "--json"),
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env={**environment(), "TERM": "xterm"},
        )
        os.write(ours, text.encode())
        _, told = process.communicate(timeout=110)
        return process.returncode, told.decode()

    yield run
    os.close(ours)
    os.close(theirs)


def test_on_a_real_terminal_a_slip_is_asked_again(
    terminal: Callable[[str], tuple[int, str]], folder: Path
) -> None:
    code, told = terminal("poetry\nsupport\n" + "\n" * 3 + "\x04" * 40)
    assert code == 0, told
    assert "say one of support, documents, coding" in told
    assert 'use_case = "support"' in (folder / "answers.toml").read_text()
