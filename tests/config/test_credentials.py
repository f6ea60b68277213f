from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from freehold.config import ConfigErrors, Settings, load, parse

Read = Callable[..., Settings]
Mistakes = Callable[..., list[str]]

PLANTED = "sk-planted-5f3a9c0e7b214d68"
MODEL = '[models.m]\ntenure = "rented"\nprovider = "compatible"\nurl = "https://api.example/v1"\n'


def test_the_key_comes_from_the_variable_that_the_config_names(read: Read) -> None:
    house = read(MODEL + 'key_env = "THEIR_KEY"', {"THEIR_KEY": f" {PLANTED}\n", "OPENAI_API_KEY": "other"})
    assert house.models["m"].secret() == PLANTED


def test_a_stray_key_in_the_environment_is_not_taken(read: Read) -> None:
    assert read(MODEL, {"OPENAI_API_KEY": PLANTED}).models["m"].secret() is None


def test_a_secret_is_in_no_repr_dump_or_copy_of_the_settings(read: Read) -> None:
    house = read(MODEL + 'key_env = "THEIR_KEY"', {"THEIR_KEY": PLANTED})
    model = house.models["m"]
    shown = [repr(house), str(house), repr(model), str(model), model.model_dump_json(), repr(vars(model))]
    shown += [repr(model.model_dump()), json.dumps(type(model).model_json_schema()), repr(list(model))]
    shown += [repr(model.__pydantic_private__), repr(model.model_copy())]
    assert not [text for text in shown if PLANTED in text]
    assert model.model_copy().secret() == PLANTED


@pytest.mark.parametrize(
    "line",
    [
        f'key = "{PLANTED}"',
        f'api_key = "{PLANTED}"',
        f'Token = "{PLANTED}"',
        f'kye = "{PLANTED}"',
        f'key_env = "{PLANTED}"',
        f'key_env = "{PLANTED.replace("-", "_")}"',
        f'key_env = "{PLANTED.removeprefix("sk-planted-")}abcdef"',
        f'url = "https://user:{PLANTED}@api.example/v1"',
        f'url = "https://api.example/v1?api-key={PLANTED}"',
        f'retries = "{PLANTED}"',
        f'hourly_cost_usd = "{PLANTED}"',
        f'can = ["{PLANTED}"]',
        f'clearance = "{PLANTED}"',
        f'batch = {{ x = "{PLANTED}" }}',
    ],
)
def test_a_secret_in_the_wrong_place_is_a_mistake_and_is_not_repeated(line: str) -> None:
    text = MODEL.replace('url = "https://api.example/v1"\n', "") if line.startswith("url") else MODEL
    with pytest.raises(ConfigErrors) as raised:
        parse(text + line, source="freehold.toml", base=Path("/"), environ={})
    told = str(raised.value) + repr(raised.value.errors) + "".join(traceback.format_exception(raised.value))
    assert "models.m." in told
    for secret in (PLANTED, PLANTED.replace("-", "_"), PLANTED.removeprefix("sk-planted-")):
        assert secret not in told.replace(line, "")


def test_a_key_in_the_file_is_told_where_it_belongs(mistakes: Mistakes) -> None:
    (told,) = mistakes(MODEL + f'key = "{PLANTED}"')
    assert told.startswith("5 models.m.key: a key must not be written into this file")
    assert "key_env" in told
    assert "key_file" in told


@pytest.mark.parametrize(("environ", "state"), [({}, "not set"), ({"THEIR_KEY": " "}, "empty")])
def test_a_variable_that_holds_nothing_is_told_with_the_line_that_sets_it(
    mistakes: Mistakes, environ: dict[str, str], state: str
) -> None:
    (told,) = mistakes(MODEL + 'key_env = "THEIR_KEY"', environ)
    assert told == (
        f"5 models.m.key_env: the environment variable THEIR_KEY is {state} (export THEIR_KEY=...)"
    )


def test_a_key_that_cannot_stand_in_a_header_is_told(mistakes: Mistakes) -> None:
    (told,) = mistakes(MODEL + 'key_env = "THEIR_KEY"', {"THEIR_KEY": f"{PLANTED}\r\nx-evil: 1"})
    assert "one printable line" in told
    assert PLANTED not in told


def test_a_key_file_is_read_and_what_is_wrong_with_it_is_told(tmp_path: Path) -> None:
    file, key_file = tmp_path / "freehold.toml", tmp_path / "their.key"
    file.write_text(MODEL + 'key_file = "their.key"')

    def told() -> str:
        with pytest.raises(ConfigErrors) as raised:
            load(file, {})
        (error,) = raised.value.errors
        assert (error.key, error.line) == ("models.m.key_file", 5)
        return error.message

    assert "No such file" in told()
    key_file.write_text("\n")
    assert "is empty" in told()
    key_file.write_bytes(b"\xff\xfe")
    assert "does not hold a key" in told()
    key_file.write_text(PLANTED + "\n")
    assert load(file, {}).models["m"].secret() == PLANTED


def test_a_key_is_named_once(mistakes: Mistakes) -> None:
    (told,) = mistakes(MODEL + 'key_file = "k"\nkey_env = "K"', {"K": PLANTED})
    assert "key_env and key_file are both there" in told
