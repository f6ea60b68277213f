"""What a config calls private or harmless reaches `scan --config` and `check`, files and mistakes too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import CONFIG, Freehold

from freehold.privacy import Label


def write(folder: Path, privacy: str) -> None:
    (folder / "freehold.toml").write_text(f"[privacy]\n{privacy}\n{CONFIG}")


def scan(freehold: Freehold, folder: Path, text: str) -> tuple[Label, list[Any]]:
    (folder / "text").write_text(text)
    told = freehold("scan", "text", "--config", "freehold.toml", "--json").json
    return Label.parse(told["label"]), [finding["type"] for finding in told["findings"]]


def test_terms_forms_and_allowed_values_are_used_by_scan(freehold: Freehold, folder: Path) -> None:
    (folder / "more.txt").write_text("Blue Heron\n\n")
    (folder / "ours.txt").write_text("support@acme.example\n")
    write(
        folder,
        'terms = ["Project Falcon", {file = "more.txt", type = "PROJECT"}]\n'
        'allow = [{file = "ours.txt"}, "+49 30 1234567", {pattern = "[a-z]{1,20}@public[.]example"}]\n'
        'patterns = [{pattern = "KD-[0-9]{6}", type = "CUSTOMER_ID"}]\n',
    )
    assert freehold("check").code == 0
    assert scan(freehold, folder, "project falcon") == (Label.SECRET, ["SECRET"])
    assert scan(freehold, folder, "blue-heron kd-123456") == (Label.PERSONAL, ["PROJECT", "CUSTOMER_ID"])
    harmless = "support@acme.example, +49 30 123 4567, jane@public.example"
    assert scan(freehold, folder, harmless) == (Label.INTERNAL, [])
    assert scan(freehold, folder, "it-support@acme.example") == (Label.PERSONAL, ["EMAIL_ADDRESS"])


def test_a_type_of_a_term_may_be_named_secret(freehold: Freehold, folder: Path) -> None:
    write(folder, 'secret = ["SECRET", "PROJECT"]\nterms = [{terms = "Blue Heron", type = "PROJECT"}]')
    assert freehold("check").code == 0
    assert scan(freehold, folder, "Blue Heron") == (Label.SECRET, ["PROJECT"])
    write(folder, 'secret = ["SECRET", "PROJEKT"]\nterms = [{terms = "Blue Heron", type = "PROJECT"}]')
    (wrong,) = freehold("check", "--json").json
    assert (wrong["key"], wrong["line"], wrong["hint"]) == ("privacy.secret", 2, 'did you mean "PROJECT"?')


@pytest.mark.parametrize(
    ("privacy", "key", "line", "said"),
    [
        ('terms = ["ok", "C++"]', "privacy.terms[1].terms", 2, "no word of two"),
        ('terms = [\n{file = "nowhere.txt"}]', "privacy.terms[0].file", 3, "No such file"),
        ('allow = [{file = "binary"}]', "privacy.allow[0].file", 2, "not UTF-8"),
        ('patterns = [{pattern = "(a+)+$", type = "AA"}]', "privacy.patterns[0].pattern", 2, "without end"),
        (
            'patterns = [{pattern = "(a{1,30}){1,30}b", type = "AA"}]',
            "privacy.patterns[0].pattern",
            2,
            "steps",
        ),
        ('patterns = [{pattern = "a{0,3}", type = "AA"}]', "privacy.patterns[0].pattern", 2, "empty"),
        ('allow = [{pattern = "(x"}]', "privacy.allow[0].pattern", 2, "without its )"),
    ],
)
def test_each_mistake_has_its_key_its_line_and_a_hint(
    freehold: Freehold, folder: Path, privacy: str, key: str, line: int, said: str
) -> None:
    (folder / "binary").write_bytes(b"\xff\xfe")
    write(folder, privacy)
    checked = freehold("check", "--json")
    (wrong,) = checked.json
    assert (checked.code, wrong["key"], wrong["line"]) == (1, key, line)
    assert said in wrong["message"]
    assert wrong["hint"] is not None
    refused = freehold("scan", "binary", "--config", "freehold.toml")
    assert refused.code != 0
    assert said in refused.err


@pytest.mark.parametrize(
    ("privacy", "key", "extra"),
    [
        ('onnx = "nowhere"', "privacy.onnx", "[onnx]"),
        ('presidio = true\npresidio_model = "no_such_model"', "privacy.presidio", "[presidio]"),
    ],
)
def test_a_plug_that_cannot_be_loaded_is_a_mistake_with_a_hint(
    freehold: Freehold, folder: Path, privacy: str, key: str, extra: str
) -> None:
    write(folder, privacy)
    checked = freehold("check", "--json")
    (wrong,) = checked.json
    assert (checked.code, wrong["key"], wrong["line"]) == (1, key, 2)
    assert extra in wrong["hint"]
