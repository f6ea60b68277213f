"""Keys, tokens and passwords are found; talk about them is not."""

from __future__ import annotations

import pytest
from tests.privacy.found import found

_BODY = "q7Zr2Lm9Xc4Vb8Nt3Kp6Wd1Hs5Jf0Ga" * 4
# Made up after the providers' documents; put together here so that no file holds what looks like a live key.
TOKENS = [
    "sk-" + "proj-" + _BODY[:40],
    "sk-" + "ant-api03-" + _BODY[:80],
    "gh" + "p_" + _BODY[:36],
    "AK" + "IAQ7ZR2LM9XC4VB8NT",
    "AI" + "za" + _BODY[:35],
    "xox" + "b-123456789012-" + _BODY[:24],
    "gl" + "pat-" + _BODY[:20],
    "sk_" + "live_" + _BODY[:24],
    "SG" + "." + _BODY[:22] + "." + _BODY[:43],
    "hf" + "_" + _BODY[:34],
    "npm" + "_" + _BODY[:36],
    "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0." + _BODY[:43],
]
SAID = [
    ('api_key = "' + _BODY[:32] + '"', _BODY[:32]),
    ("DB_PASSWORD='W1nter!2024'", "W1nter!2024"),
    ("client_secret: " + _BODY[:40], _BODY[:40]),
    ("postgres://app:S3cr3tPw9@db.example.com/orders", "S3cr3tPw9"),
    ("His password is Qr7!dke#39.", "Qr7!dke#39"),
    ("Authorization: Bearer " + _BODY[:40], _BODY[:40]),
]
CLEAN = [
    'password = os.environ["DB_PASSWORD"]',
    'api_key = "<your-api-key>"',
    "token = request.headers.get('x-token')",
    "password: changeme",
    'secret = "xxxxxxxxxxxxxxxx"',
    "The password must have 8 characters; the token expires after 30 days.",
    "key = '123e4567-e89b-12d3-a456-426614174000'",
    "mysql://user:${PASSWORD}@localhost/db",
]


@pytest.mark.parametrize("token", TOKENS, ids=lambda token: token[:8])
def test_a_token_is_known_by_how_its_provider_begins_it(token: str) -> None:
    assert found(f"use {token} for now") == [("SECRET", token)]


@pytest.mark.parametrize(("text", "value"), SAID)
def test_a_value_is_a_secret_where_it_is_said_to_be_one(text: str, value: str) -> None:
    assert ("SECRET", value) in found(text)


@pytest.mark.parametrize("text", CLEAN)
def test_talk_of_secrets_is_none(text: str) -> None:
    assert found(text) == []


def test_a_private_key_is_one_span_from_its_first_line_to_its_last() -> None:
    kind = "RSA PRIVATE " + "KEY"
    block = f"-----BEGIN {kind}-----\n{_BODY}\n{_BODY}\n-----END {kind}-----"
    assert found(f"see\n{block}\nthat") == [("SECRET", block)]
    assert found(f"a line that reads -----BEGIN {kind}----- begins it") == []


def test_a_key_in_which_chance_repeats_a_letter_in_both_cases_is_a_key() -> None:
    key = "sk-proj-bWShH1HoNCCcCCqHVh3t18qu3i90QgkoHEBMWCJW"
    assert found(key) == [("SECRET", key)]
    assert found("sk-proj-" + "C" * 40) == []


@pytest.mark.parametrize("times", [3, 9, 40])
def test_a_password_after_many_that_are_none_is_a_password(times: int) -> None:
    text = 'password = "changeme"\n' * times + 'password = "xkqjwzpv"\n'
    assert [value for _, value in found(text)] == ["xkqjwzpv"]
