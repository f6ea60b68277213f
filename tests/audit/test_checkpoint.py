"""A checkpoint holds what was signed, and nothing else passes for one."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from freehold.audit import Checkpoint, CheckpointError, SigningKey

ROOT = bytes(range(32))


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey.create()


@pytest.fixture(scope="module")
def checkpoint(key: SigningKey) -> Checkpoint:
    return key.sign("ab12", 42, ROOT, "2026-11-24T10:00:00Z")


def test_a_signed_checkpoint_is_genuine_and_survives_json(checkpoint: Checkpoint, key: SigningKey) -> None:
    again = Checkpoint.parse(checkpoint.shape())
    assert again == checkpoint
    assert again.is_genuine()
    assert (again.root, again.public_key) == (ROOT.hex(), key.public_key)


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "ab13"},
        {"tree_size": 41},
        {"root": bytes(32).hex()},
        {"time": "2026-11-24T10:00:01Z"},
        {"signature": bytes(64).hex()},
    ],
)
def test_no_part_of_it_can_be_changed(checkpoint: Checkpoint, change: dict[str, Any]) -> None:
    assert not replace(checkpoint, **change).is_genuine()


def test_another_key_does_not_vouch_for_it(checkpoint: Checkpoint) -> None:
    assert not replace(checkpoint, public_key=SigningKey.create().public_key).is_genuine()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tree_size", -1),
        ("tree_size", True),
        ("tree_size", "1"),
        ("root", "00"),
        ("root", None),
        ("origin", "two\nlines"),
        ("time", ""),
        ("public_key", "zz"),
        ("signature", "00"),
    ],
)
def test_what_is_no_checkpoint_is_refused_by_its_field(
    checkpoint: Checkpoint, name: str, value: object
) -> None:
    with pytest.raises(CheckpointError, match=name):
        Checkpoint.parse({**checkpoint.shape(), name: value})


def test_a_key_is_kept_as_pem_and_openssl_reads_and_makes_such_keys(key: SigningKey, tmp_path: Path) -> None:
    assert SigningKey.load(key.pem()).public_key == key.public_key
    file = tmp_path / "key.pem"
    file.write_bytes(key.pem())
    told = subprocess.run(
        ["openssl", "pkey", "-in", file, "-pubout", "-outform", "DER"], capture_output=True, check=True
    )
    assert told.stdout[-32:].hex() == key.public_key
    made = subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519"], capture_output=True, check=True)
    assert SigningKey.load(made.stdout).public_key != key.public_key


@pytest.mark.parametrize("algorithm", ["x25519", "ec"])
def test_only_ed25519_keys_sign(algorithm: str) -> None:
    more = ["-pkeyopt", "ec_paramgen_curve:P-256"] if algorithm == "ec" else []
    command = ["openssl", "genpkey", "-algorithm", algorithm, *more]
    made = subprocess.run(command, capture_output=True, check=True)
    with pytest.raises(CheckpointError, match="not an Ed25519"):
        SigningKey.load(made.stdout)
    with pytest.raises(CheckpointError, match="no private key"):
        SigningKey.load(b"hello")


def test_a_key_does_not_show_itself(key: SigningKey) -> None:
    secret = key.pem().splitlines()[1].decode()
    assert secret not in repr(key)
    assert not hasattr(key, "__dict__")


def test_the_room_loads_no_cryptography_before_something_is_signed() -> None:
    script = "import sys, freehold.audit; sys.exit('cryptography' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)
