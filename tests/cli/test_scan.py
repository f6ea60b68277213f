"""`freehold scan`: files, folders, stdin and JSON Lines, for people, programs and commit hooks."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SCAN = [sys.executable, "-m", "freehold.cli", "scan"]


def scan(*arguments: str, stdin: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*SCAN, *arguments], input=stdin, capture_output=True, check=False, cwd=cwd)


def lines(stdin: bytes, *arguments: str) -> list[dict[str, object]]:
    done = scan("--jsonl", *arguments, stdin=stdin)
    assert (done.returncode, done.stderr) == (0, b"")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_each_line_is_answered_in_order_with_offsets_in_code_points() -> None:
    asked = [
        {"id": "a", "text": "😀 card 4539 1488 0343 6467"},
        {"id": 2, "text": "nothing here"},
        {"id": None, "text": "password: Qr7!dke#39"},
    ]
    answers = lines("\n".join(json.dumps(a) for a in asked).encode())
    assert answers == [
        {
            "id": "a",
            "label": "personal",
            "spans": [{"start": 7, "end": 26, "type": "CREDIT_CARD", "score": 1.0}],
        },
        {"id": 2, "label": "internal", "spans": []},
        {"id": None, "label": "secret", "spans": [{"start": 10, "end": 20, "type": "SECRET", "score": 0.7}]},
    ]  # fmt: skip


def test_a_bad_line_spoils_that_line_only_and_counts_as_secret() -> None:
    bad = [b"nope", b"[1]", b'{"id": 3}', b'{"id": 4, "text": 5}', b"\xff\xfe", b"[" * 100_000]
    answers = lines(b"\n".join([*bad, b'{"id": 9, "text": "jane@example.com"}', b""]))
    assert [answer["label"] for answer in answers] == ["secret"] * len(bad) + ["personal"]
    assert [answer["id"] for answer in answers] == [None, None, 3, 4, None, None, 9]
    assert all(answer["error"] for answer in answers[:-1])


def test_types_choose_what_is_looked_for() -> None:
    text = b'{"id": 1, "text": "jane@example.com or +49 151 23456789, see https://example.com/a"}'
    kinds = [[s["type"] for s in a["spans"]] for a in lines(text, "--types", "URL,phone_number")]  # type: ignore[attr-defined]  # a span's shape is what is asked
    assert kinds == [["PHONE_NUMBER", "URL"]]
    wrong = scan("--types", "NONSENSE")
    assert wrong.returncode == 2
    assert b"CREDIT_CARD" in wrong.stderr


def test_files_and_folders_are_told_by_line_and_column(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("first\ncall +49 151 23456789 now\n")
    (tmp_path / "notes" / "b.bin").write_bytes(b"\0 jane@example.com")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "c.txt").write_text("jane@example.com")
    done = scan(str(tmp_path), "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert [(f["file"], f["line"], f["column"], f["type"]) for f in told["findings"]] == [
        (str(tmp_path / "notes" / "a.txt"), 2, 6, "PHONE_NUMBER")
    ]
    assert (told["label"], told["scanned"], told["skipped"]) == (
        "personal",
        1,
        [str(tmp_path / "notes" / "b.bin")],
    )


def test_a_named_file_that_is_no_text_is_said_not_to_be_looked_at(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(b"\x89PNG\0 jane@example.com")
    (tmp_path / "fine.txt").write_text("an ordinary sentence")
    (tmp_path / "mail.txt").write_text("jane@example.com")
    alone = scan("photo.png", cwd=tmp_path)
    assert alone.returncode == 2
    assert b"photo.png is no text" in alone.stdout
    assert b"error: photo.png is no text" in alone.stderr
    assert scan("photo.png", "--json", cwd=tmp_path).returncode == 2
    assert scan("fine.txt", "photo.png", cwd=tmp_path).returncode == 2
    assert scan(stdin=b"\0\1").returncode == 2
    both = scan("mail.txt", "photo.png", cwd=tmp_path)
    assert both.returncode == 1
    assert b"not looked at: photo.png" in both.stdout


def test_files_of_a_folder_that_are_no_text_are_left_out_and_counted(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"\0")
    done = scan(str(tmp_path))
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"2 files left out: no text" in done.stdout


def test_what_was_found_is_masked_where_no_person_looks(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("card 4539 1488 0343 6467\n")
    done = scan(str(file))
    assert done.returncode == 1
    assert b"a.txt:1:6 CREDIT_CARD" in done.stdout
    assert b"1488" not in done.stdout


def test_a_person_on_a_terminal_sees_it_in_its_line(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("card 4539 1488 0343 6467 ends\n")
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color"}
    subprocess.run([*SCAN, str(file)], stdout=theirs, check=False, env=env)
    os.close(theirs)
    seen = os.read(ours, 65_536).decode()
    os.close(ours)
    assert "4539 1488 0343 6467" in seen
    assert "\x1b[" in seen


def test_stdin_is_read_without_a_path_and_clean_text_is_no_finding() -> None:
    assert scan(stdin=b"an ordinary sentence").returncode == 0
    assert scan(stdin=b"jane@example.com").returncode == 1
    assert scan("-", stdin=b"jane@example.com").returncode == 1
    assert scan("--jsonl", "-").returncode == 2


def test_a_commit_hook_calls_it_with_the_files_to_commit(tmp_path: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert hook["entry"].split() == ["freehold", "scan"]
    for name, text in (("a.txt", "fine"), ("b.txt", "jane@example.com")):
        (tmp_path / name).write_text(text)
    assert scan("a.txt", cwd=tmp_path).returncode == 0
    assert scan("a.txt", "b.txt", cwd=tmp_path).returncode == 1


@pytest.mark.parametrize("path", ["missing.txt"])
def test_a_path_that_is_not_there_is_a_wrong_call(path: str) -> None:
    assert scan(path).returncode == 2
