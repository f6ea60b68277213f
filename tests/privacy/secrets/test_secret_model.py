"""What nothing but its place and its letters gives away: values that a trained model holds to be secrets."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.privacy.found import found, usual_scanner

from freehold.privacy import Reading
from freehold.privacy.detectors import secret
from freehold.privacy.secrets import FILE, SecretModel, long, said

CREDDATA = (
    Path(os.environ.get("FREEHOLD_SHARED", "../shared")) / "data" / "privacy" / "secrets_creddata.jsonl"
)

# A value without a digit that no word is, in the syntaxes that code has.
WRITTEN = [
    ("POSTGRES_PASSWORD={}\nPOSTGRES_PORT=5432", "wqzvhkx"),
    ('    "password": "{}",\n    "email": "a"', "kzqvwnt"),
    ("CREATE USER blog WITH PASSWORD '{}';", "vxqtzkw"),
    ('db_password: str = "{}"', "gkzxqwv7"),
    ("client_secret='{}',", "zqkvxwjhtpmnb"),
    ("<password>{}</password>", "Zk83kfQw!"),
    ("curl --password {} https://host", "Zk83kfQw"),
    ('auth = b64encode(b"{}")', "qzkvxw83kd"),
    ("https://host/cb?oauth_token={}&state=1", "hx0z4610ecsbqkv"),
    ('private String apiKey = "{}";', "Zk83kfQwPl02mXc94"),
    ("API_TOKEN: {}  # prod", "q8Zr2Lm9Xc4Vb8Nt3Kp6"),
]
NONE = [
    'password = getpass.getpass("Password: ")',
    'parser.add_argument("--password", help="the password to use")',
    "def check_password(self, password: str, encoded: bytes) -> bool:",
    '"password": "required|string|min:8"',
    "token = tokens[position]",
    'key = "user_name"',
    "cache_key = f'{prefix}:{user.id}'",
    'self.assertEqual(response.data["token_type"], "bearer")',
    "session_id = '123e4567-e89b-12d3-a456-426614174000'",
    '"integrity": "sha512-6c9Mgk3pDDmT0tFvVlOpPVkBq1vJ0Cw7yXWbF0xwTgNB3nqk0pXU4wN5vQ5h0iJ5Wg=="',
    "password_validators = ['length', 'common']",
    'SECRET_KEY = os.environ["SECRET_KEY"]',
    "api_key = '${API_KEY}'",
    'author = "Qzkvx Wjhtpmn"',
    "data:text/csv;base64,bmFtZSxjb2xvdXIKYm9iLGEgYmx1ZSBvbmUsIHBsZWFzZQo=",
    "see commit 9fceb02d0ae598e95dc970b74767f19372d61af8 for the token fix",
]


@pytest.mark.parametrize(("line", "value"), WRITTEN)
def test_a_value_that_is_no_word_is_a_secret_where_code_says_so(line: str, value: str) -> None:
    assert ("SECRET", value) in found(line.format(value))


@pytest.mark.parametrize("line", NONE)
def test_code_about_secrets_holds_none(line: str) -> None:
    assert [hit for hit in found(line) if hit[0] == "SECRET"] == []


def test_what_is_encrypted_or_signed_by_nobody_is_no_secret() -> None:
    head, rest = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0", "q7Zr2Lm9Xc4Vb8Nt3Kp6Wd1Hs5Jf0Ga"
    assert found(f"send {head}..{rest[:16]}.{rest}.{rest[:22]} on") == []
    assert found("send eyJhbGciOiJub25lIn0.eyJ1cm46ZXhhbXBsZTpjbGFpbSI6dHJ1ZX0. on") == []
    assert found(f"send eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.{rest} on") != []


@pytest.mark.parametrize("after", [".", "..", "...", ". Thanks", ", ok", ""])
def test_a_signed_token_is_a_secret_however_its_sentence_ends(after: str) -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.q7Zr2Lm9Xc4Vb8Nt3Kp6Wd1Hs5Jf0Ga"
    (span,) = usual_scanner().spans(f"use {token}{after}")
    assert (span.type, span.start) == ("SECRET", len("use "))
    assert span.end >= len("use ") + len(token)


def test_a_token_that_chance_gave_no_digit_is_one() -> None:
    token = "AKIA" + "JMOEKRUUXRRPEOTB"
    assert found(f"use {token} now") == [("SECRET", token)]


def test_the_model_is_small_and_read_only_where_something_may_be_a_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Read(Exception):
        pass

    def reads() -> SecretModel:
        raise Read

    assert FILE.stat().st_size < 1_000_000
    monkeypatch.setattr(secret, "SecretModel", reads)
    detector = secret.Detector()
    assert [*detector.find(Reading("How do I reset it? It is 15 characters long, I think."))] == []
    with pytest.raises(Read):
        [*detector.find(Reading('password = "wqzvhkx"'))]


def test_a_model_of_other_features_is_refused(tmp_path: Path) -> None:
    stored = json.loads(gzip.decompress(FILE.read_bytes()))
    stored["features"] = stored["features"][1:]
    other = tmp_path / "other.json.gz"
    other.write_bytes(gzip.compress(json.dumps(stored).encode()))
    with pytest.raises(ValueError, match="other features"):
        SecretModel(other)


def test_a_text_full_of_candidates_has_its_last_secrets_found_by_rule() -> None:
    text = "".join(f"token_{number} = 'q8Zr{number:03}Lm9Xc4Vb8Nt3Kp6'\n" for number in range(150))
    assert len([hit for hit in found(text) if hit[0] == "SECRET"]) == 150


@given(st.text(st.sampled_from("keypasword=:\"' \\\n({[,.<>-_%1Aé"), max_size=300))
def test_candidates_lie_within_the_text(text: str) -> None:
    for each in (*said(text, text.lower()), *long(text)):
        assert 0 <= each.start < each.end <= len(text)
    for span in usual_scanner().spans(text):
        assert 0 <= span.start < span.end <= len(text)


@pytest.mark.skipif(not CREDDATA.exists(), reason=f"no public data at {CREDDATA}")
def test_the_shipped_model_fits_real_code() -> None:
    # It was trained on these windows, so this only notices that something broke: its card has the
    # figures of repositories left out.
    true: list[bool] = []
    clean: list[bool] = []
    for row in map(json.loads, CREDDATA.read_text("utf-8").splitlines()):
        hit = any(type_ == "SECRET" for type_, _ in found(row["text"]))
        (true if row["spans"] else clean).append(hit)
    assert sum(true) / len(true) > 0.9
    assert sum(clean) / len(clean) < 0.04
