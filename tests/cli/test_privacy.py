"""`freehold privacy`: what is taught is found by `scan --config`, leaves no plaintext, and fails closed."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Ended, Freehold, command, environment, spawn
from tests.conftest import ROOT

from freehold.ledger import events
from freehold.privacy import SHORTEST_ALONE

pytestmark = pytest.mark.usefixtures("no_guessing")

# A stranger's name is not guessed, so that what is found was learned.
NO_GUESSING = """
[privacy]
harmless = ["ORGANIZATION", "LOCATION", "DATE_TIME", "URL", "PERSON", "ADDRESS"]
"""

CUSTOMERS = "id;name;town\n1;Maria Okonkwo-Lindt;Zug\n2;Zsófia Kovács;Pécs\n3;The;Ulm\n"
MEMO = (
    "The Wolverton smelter is to be mothballed in the third quarter; its two furnaces go to Ploiesti. Until\n"
    "the works council has been heard, nobody outside this circle is to learn of it.\n"
)


@pytest.fixture
def no_guessing(config: Path) -> None:
    config.write_text(config.read_text() + NO_GUESSING)


@pytest.fixture
def customers(folder: Path) -> Path:
    file = folder / "customers.csv"
    file.write_text(CUSTOMERS)
    return file


def learn(freehold: Freehold, *arguments: str) -> Ended:
    ended = freehold("privacy", "learn", *arguments, "--config", "freehold.toml", "--json")
    assert (ended.code, ended.err) == (0, "")
    return ended


def scanned(folder: Path, *texts: str) -> list[dict[str, Any]]:
    """What a process of its own answers to these texts."""
    lines = "".join(json.dumps({"id": number, "text": text}) + "\n" for number, text in enumerate(texts))
    done = subprocess.run(
        command("scan", "--jsonl", "--config", "freehold.toml"),
        cwd=folder,
        env=environment(),
        input=lines,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_learned_customer_is_found_by_scan_and_a_stranger_is_not(
    freehold: Freehold, folder: Path, customers: Path
) -> None:
    told = learn(freehold, "customers.csv", "--column", "name", "--as", "PERSON").json
    assert told.pop("at")
    assert told == {
        "source": "customers.csv:name",
        "type": "PERSON",
        "kind": "values",
        "values": 2,
        "left_out": 1,
        "problem": None,
        "left_out_by": {"short": 1},
    }
    ours, theirs = scanned(folder, "tell OKONKWO-LINDT, Maria", "tell Jane Roe")
    assert ours["spans"] == [{"start": 5, "end": 25, "type": "PERSON", "score": 1.0}]
    assert (ours["label"], theirs["label"], theirs["spans"]) == ("personal", "internal", [])
    assert customers.exists()


@pytest.mark.usefixtures("customers")
def test_nothing_of_a_list_or_a_document_is_in_any_file(freehold: Freehold, folder: Path) -> None:
    (folder / "memo.md").write_text(MEMO)
    learn(freehold, "customers.csv", "--column", "name", "--as", "PERSON")
    learn(freehold, "memo.md", "--as", "SECRET")
    (folder / "customers.csv").unlink()
    (folder / "memo.md").unlink()
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert len(files) >= 4
    for file in files:
        raw = file.read_bytes().lower()
        for word in (b"maria", b"okonkwo", b"lindt", b"zs\xc3\xb3fia", b"wolverton", b"smelter", b"ploiesti"):
            assert word not in raw, file


@pytest.mark.usefixtures("customers")
def test_the_key_and_the_fingerprints_are_for_their_owners_eyes_alone(
    freehold: Freehold, folder: Path
) -> None:
    learn(freehold, "customers.csv", "--column", "name", "--as", "PERSON")
    kept = [folder / "freehold.db.learning-key", *(folder / "freehold.db.learned").iterdir()]
    assert [stat.S_IMODE(file.stat().st_mode) for file in kept] == [0o600, 0o600]
    assert stat.S_IMODE((folder / "freehold.db.learned").stat().st_mode) == 0o700


@pytest.mark.usefixtures("customers")
def test_learning_and_forgetting_are_events_of_the_log(freehold: Freehold, folder: Path) -> None:
    learn(freehold, "customers.csv", "--column", "name", "--as", "PERSON")
    assert freehold("privacy", "forget", "customers.csv:name", "--why", "left").code == 0
    told = events(folder / "freehold.db", "privacy.")
    assert [(event.kind, event.body["source"], event.why) for event in told] == [
        ("privacy.learned", "customers.csv:name", None),
        ("privacy.forgotten", "customers.csv:name", "left"),
    ]
    verified = freehold("audit", "verify", "--json")
    assert verified.code == 0


@pytest.mark.usefixtures("customers")
def test_what_was_forgotten_is_found_no_more(freehold: Freehold, folder: Path) -> None:
    learn(freehold, "customers.csv", "--column", "name", "--as", "PERSON")
    learn(freehold, "customers.csv", "--column", "town", "--as", "PLACE")
    freehold("privacy", "forget", "customers.csv:name")
    assert [s["source"] for s in freehold("privacy", "list", "--json").json] == ["customers.csv:town"]
    (answer,) = scanned(folder, "Maria Okonkwo of Pécs")
    assert [span["type"] for span in answer["spans"]] == ["PLACE"]
    wrong = freehold("privacy", "forget", "customers.csv:name")
    assert wrong.code != 0
    assert "customers.csv:town" in wrong.err


def test_columns_of_one_row_are_one_value_and_lines_of_json_and_text_are_lists(
    freehold: Freehold, folder: Path
) -> None:
    (folder / "a.csv").write_text("first,last\nMaria,Okonkwo\nZsófia,Kovács\n")
    (folder / "b.jsonl").write_text('{"who": "Sinead Quillfeather"}\n{"who": null}\n')
    (folder / "c.txt").write_text("Jorg Larkspur\n\nPetra Wolverton\n")
    learn(freehold, "a.csv", "--column", "first", "--column", "last", "--as", "person")
    learn(freehold, "b.jsonl", "--column", "who", "--as", "PERSON")
    learn(freehold, "c.txt", "--as", "PERSON")
    told = freehold("privacy", "list", "--json").json
    assert [(s["source"], s["values"]) for s in told] == [
        ("a.csv:first:last", 2),
        ("b.jsonl:who", 1),
        ("c.txt", 2),
    ]
    asked = ("Okonkwo, Maria", "Quillfeather Sinead", "Larkspur Jorg", "Zsófia Okonkwo")
    assert [answer["label"] for answer in scanned(folder, *asked)] == ["personal"] * 3 + ["internal"]


def test_a_file_as_windows_writes_it_is_read_too(freehold: Freehold, folder: Path) -> None:
    (folder / "a.csv").write_bytes("name\r\nJörg Quillfeather\r\n".encode("cp1252"))
    (folder / "b.csv").write_bytes("name\r\nJörg Larkspur\r\n".encode("utf-8-sig"))
    for file in ("a.csv", "b.csv"):
        assert learn(freehold, file, "--as", "PERSON").json["values"] == 1
    assert [a["label"] for a in scanned(folder, "Jörg Quillfeather", "Jörg Larkspur")] == ["personal"] * 2


def test_a_folder_of_code_is_found_in_part_and_licences_are_not(freehold: Freehold, folder: Path) -> None:
    (folder / "src" / "node_modules").mkdir(parents=True)
    code = "def settle_hedges(portfolio):\n    exposure = nickel_legs(portfolio, curve.forward_maturity)\n"
    (folder / "src" / "a.py").write_text(code * 2 + "    return margin_account(exposure, haircut_rating)\n")
    (folder / "src" / "node_modules" / "b.js").write_text("quillfeather larkspur " * 20)
    (folder / "src" / "LICENSE").write_text(MEMO)
    (folder / "src" / "picture.bin").write_bytes(b"\0" * 100)
    assert learn(freehold, "src", "--as", "SECRET").json["values"] == 1
    ours, licence = scanned(folder, f"why does this fail? {' '.join(code.split())}", MEMO)
    assert (ours["label"], licence["label"]) == ("secret", "internal")


@pytest.mark.usefixtures("customers")
def test_learning_again_takes_the_place_of_what_was_learned(freehold: Freehold, folder: Path) -> None:
    learn(freehold, "customers.csv", "--column", "name", "--as", "PERSON")
    (folder / "customers.csv").write_text("name\nPetra Quillfeather\n")
    learn(freehold, "customers.csv", "--column", "name", "--as", "PERSON")
    answers = scanned(folder, "Petra Quillfeather", "Maria Okonkwo")
    assert [answer["label"] for answer in answers] == ["personal", "internal"]


@pytest.mark.parametrize("harm", ["gone", "cut", "changed", "no key", "other key", "folder gone"])
@pytest.mark.usefixtures("customers")
def test_damage_counts_as_secret_and_check_and_list_tell_it(
    freehold: Freehold, folder: Path, harm: str
) -> None:
    learn(freehold, "customers.csv", "--column", "name", "--as", "PERSON")
    assert freehold("check").code == 0
    (file,) = (folder / "freehold.db.learned").iterdir()
    key = folder / "freehold.db.learning-key"
    if harm in ("gone", "folder gone"):
        file.unlink()
    elif harm == "cut":
        os.truncate(file, 300)
    elif harm == "changed":
        file.write_bytes(file.read_bytes()[:-1] + b"\x17")
    elif harm == "no key":
        key.unlink()
    else:
        key.write_text("00" * 32)
    if harm == "folder gone":
        (folder / "freehold.db.learned").rmdir()
    (answer,) = scanned(folder, "good morning")
    assert answer["label"] == "secret"
    assert "error" in answer
    checked = freehold("check")
    assert checked.code == 1
    assert "learned" in checked.out
    assert freehold("scan", "customers.csv", "--config", "freehold.toml").code != 0
    doctor = freehold("doctor", "--json")
    assert any("learned" in check["said"] for check in doctor.json["checks"])


@pytest.mark.usefixtures("customers")
def test_what_is_damaged_can_be_forgotten_or_learned_again(freehold: Freehold, folder: Path) -> None:
    learn(freehold, "customers.csv", "--column", "name", "--as", "PERSON")
    (file,) = (folder / "freehold.db.learned").iterdir()
    os.truncate(file, 10)
    assert "every request counts as secret" in freehold("privacy", "list").out
    learn(freehold, "customers.csv", "--column", "name", "--as", "PERSON")
    assert freehold("check").code == 0
    os.truncate(file, 10)
    assert freehold("privacy", "forget", "customers.csv:name").code == 0
    assert freehold("check").code == 0
    assert not file.exists()


def test_mistakes_are_told_with_a_hint(freehold: Freehold, folder: Path, customers: Path) -> None:
    wrong = freehold("privacy", "learn", "customers.csv", "--column", "nam", "--as", "PERSON")
    assert (wrong.code != 0, "did you mean 'name'" in wrong.err) == (True, True)
    several = freehold("privacy", "learn", "customers.csv", "--as", "PERSON")
    assert "id, name, town" in several.err
    assert freehold("privacy", "learn", "customers.csv", "--as", "Größe").code == 2
    assert freehold("privacy", "learn", "nowhere.csv", "--as", "PERSON").code == 2
    (folder / "empty.txt").write_text("")
    assert "nothing in it" in freehold("privacy", "learn", "empty.txt", "--as", "PERSON").err
    (folder / "common.txt").write_text("the\nnew\n")
    assert "shorter than 4" in freehold("privacy", "learn", "common.txt", "--as", "PERSON").err
    (folder / "common.txt").write_text("times\nyoung\n")
    assert "2 made of common words" in freehold("privacy", "learn", "common.txt", "--as", "PERSON").err
    (folder / "bad.jsonl").write_text('{"x": 1}\n[\n')
    assert "line 2" in freehold("privacy", "learn", "bad.jsonl", "--column", "x", "--as", "PERSON").err
    (folder / "bad.jsonl").write_text('{"y": 1}\n')
    assert "its fields are y" in freehold("privacy", "learn", "bad.jsonl", "--column", "x", "--as", "ID").err
    assert not (folder / "freehold.db.learned").exists()
    assert customers.exists()


@pytest.mark.parametrize("columns", [(), ("--column", "name")])
@pytest.mark.parametrize(
    ("written", "what"),
    [("", "is empty"), ("\n\n", "is empty"), (",\n", "names no column"), ("name\n", "nothing in it")],
)
def test_of_an_empty_table_it_is_said_which_and_what_a_table_looks_like(
    freehold: Freehold, folder: Path, columns: tuple[str, ...], written: str, what: str
) -> None:
    (folder / "people.csv").write_text(written)
    ended = freehold("privacy", "learn", "people.csv", *columns, "--as", "PERSON")
    assert ended.code != 0
    assert "people.csv" in ended.err
    assert what in ended.err
    assert "hint: the first line of a table names its columns" in ended.err


def test_values_that_are_left_out_are_counted_with_the_reason(freehold: Freehold, folder: Path) -> None:
    (folder / "people.txt").write_text("Maria Okonkwo\nNg\nA-12\nTimes\n")
    ended = freehold("privacy", "learn", "people.txt", "--as", "PERSON", "--config", "freehold.toml")
    assert "3 left out: 2 shorter than 4 letters and digits, 1 made of common words" in ended.out


def test_the_least_length_of_a_value_that_is_written_down_is_the_one_that_holds(freehold: Freehold) -> None:
    assert SHORTEST_ALONE == 4
    help_ = " ".join(freehold("privacy", "learn", "--help").out.split())
    how_to = (ROOT / "docs" / "how-to" / "teach-what-is-yours.md").read_text()
    assert "fewer than four letters and digits" in help_
    assert "fewer than four letters and digits" in how_to


def test_a_type_of_ones_own_can_be_made_secret_in_the_config(
    freehold: Freehold, folder: Path, config: Path
) -> None:
    (folder / "projects.txt").write_text("Quillfeather Wolverton\n")
    learn(freehold, "projects.txt", "--as", "PROJECT")
    (answer,) = scanned(folder, "Wolverton Quillfeather")
    assert answer["label"] == "personal"
    config.write_text(config.read_text() + 'secret = ["SECRET", "PROJECT"]\n')
    assert freehold("check").code == 0
    (answer,) = scanned(folder, "Wolverton Quillfeather")
    assert answer["label"] == "secret"
    only = freehold("scan", "projects.txt", "--types", "PROJECT", "--config", "freehold.toml", "--json")
    assert [finding["type"] for finding in only.json["findings"]] == ["PROJECT"]
    other = freehold("scan", "projects.txt", "--types", "URL", "--config", "freehold.toml", "--json")
    assert other.json["findings"] == []


def test_the_list_is_shown_to_a_person(freehold: Freehold, folder: Path) -> None:
    assert "nothing was learned" in freehold("privacy", "list").out
    (folder / "c.txt").write_text("Jorg Larkspur\n")
    assert (
        freehold("privacy", "learn", "c.txt", "--as", "PERSON").out
        == "learned: 1 value of c.txt, as PERSON\n"
    )
    assert "c.txt  PERSON  1 value" in freehold("privacy", "list").out


def test_help_loads_nothing_that_learning_needs(folder: Path) -> None:
    done = spawn(["privacy", "--help"], folder)
    assert done.returncode == 0
    assert "forget" in done.stdout
