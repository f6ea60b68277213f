"""The page of code that checks a proof without Freehold: it accepts ours, and nothing that was changed."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import CONFIG, spawn
from tests.code_blocks import blocks_in
from tests.conftest import ROOT
from tests.ledger.samples import a_record
from tests.ledger.test_log import AWAY

from freehold.audit import SigningKey
from freehold.ledger import Ledger

VERIFIER = ROOT / "docs" / "verify_proof.py"
Change = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of 45 requests, a checkpoint after the first 40, and a proof of one against it."""
    folder = tmp_path_factory.mktemp("proof")
    (folder / "freehold.toml").write_text(CONFIG)
    with Ledger.open(folder / "freehold.db") as ledger:
        for number in range(40):
            ledger.append(a_record(f"r{number}", attempts=AWAY))
    write(folder, "checkpoint.json", "audit", "checkpoint", "--json")
    with Ledger.open(folder / "freehold.db") as ledger:
        for number in range(40, 45):
            ledger.append(a_record(f"r{number}", attempts=AWAY))
    write(folder, "proof.json", "audit", "prove", "r17", "--checkpoint", "checkpoint.json", "--json")
    write(folder, "now.json", "audit", "prove", "r44", "--json")
    return folder


def write(folder: Path, name: str, *arguments: str) -> None:
    ended = spawn(arguments, folder)
    assert ended.returncode == 0, ended.stderr
    (folder / name).write_text(ended.stdout)


def check(folder: Path, *files: str, without: str = "freehold") -> subprocess.CompletedProcess[str]:
    """Runs the page where no Freehold can be imported, or nothing of another package."""
    script = (
        f"import runpy, sys; sys.modules['freehold'] = sys.modules['{without}'] = None;"
        " sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    return subprocess.run(
        [sys.executable, "-I", "-c", script, str(VERIFIER), *files],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_accepts_a_proof_against_a_checkpoint_that_was_kept(folder: Path) -> None:
    ended = check(folder, "proof.json", "checkpoint.json")
    assert ended.returncode == 0, ended.stderr
    assert '"kind":"record","request":"r17"' in ended.stdout
    assert '"kind":"sent","request":"r17"' in ended.stdout


def test_it_accepts_a_proof_against_the_present_tree(folder: Path) -> None:
    assert check(folder, "now.json").returncode == 0


def _leaf(proof: dict[str, Any]) -> None:
    leaf = base64.b64decode(proof["leaf"]).replace(b"r17", b"r18")
    proof["leaf"] = base64.b64encode(leaf).decode()


CHANGES: dict[str, Change] = {
    "the leaf": _leaf,
    "the place": lambda proof: proof.update(index=proof["index"] + 1),
    "a hash of the path": lambda proof: proof["path"].__setitem__(2, "00" * 32),
    "the path's length": lambda proof: proof["path"].pop(),
    "the path's other end": lambda proof: proof["path"].append("00" * 32),
    "the tree's size": lambda proof: proof.update(tree_size=proof["tree_size"] + 1),
    "what was sent": lambda proof: proof["sent"][0].update(leaf=proof["leaf"]),
    "the signature": lambda proof: proof["checkpoint"].update(signature="00" * 64),
    "the time": lambda proof: proof["checkpoint"].update(time="2026-01-01T00:00:00Z"),
    "the checkpoint": lambda proof: proof.update(
        checkpoint=SigningKey.create().sign("x", proof["tree_size"], bytes(32), "now").shape()
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_it_refuses_a_proof_in_which_something_was_changed(change: str, folder: Path) -> None:
    proof = json.loads((folder / "proof.json").read_text())
    CHANGES[change](proof)
    (folder / "changed.json").write_text(json.dumps(proof))
    assert check(folder, "changed.json").returncode != 0


def test_a_signature_that_does_not_fit_is_said_in_words(folder: Path) -> None:
    proof = json.loads((folder / "proof.json").read_text())
    CHANGES["the time"](proof)
    (folder / "changed.json").write_text(json.dumps(proof))
    ended = check(folder, "changed.json")
    assert ended.stderr == "not proven: the signature is not of this checkpoint\n"


def test_without_the_library_for_signatures_it_says_what_to_install(folder: Path) -> None:
    ended = check(folder, "proof.json", without="cryptography")
    assert ended.returncode == 1
    assert ended.stderr == "checking the signature needs a library: pip install cryptography\n"


def test_it_refuses_a_proof_against_another_checkpoint(folder: Path) -> None:
    assert check(folder, "now.json", "checkpoint.json").returncode != 0


def test_a_request_that_came_later_cannot_be_proven_against_an_earlier_checkpoint(folder: Path) -> None:
    ended = spawn(["audit", "prove", "r44", "--checkpoint", "checkpoint.json"], folder)
    assert ended.returncode == 1
    assert "the log holds no request r44" in ended.stderr


def test_the_how_to_shows_this_very_page() -> None:
    (shown,) = [
        block.code
        for block in blocks_in(ROOT / "docs" / "how-to" / "prove-what-left.md")
        if block.language == "python"
    ]
    assert shown == VERIFIER.read_text()


def test_it_is_no_longer_than_a_page() -> None:
    assert len(VERIFIER.read_text().splitlines()) <= 75
