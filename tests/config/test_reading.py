from __future__ import annotations

import hashlib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from freehold.config import LABELS, ConfigErrors, Settings, load, parse
from freehold.config.kinds import Capability
from freehold.errors import ConfigError
from freehold.privacy import Label

Read = Callable[..., Settings]
Mistakes = Callable[..., list[str]]

HOUSE = """\
[models.gpt]
tenure = "rented"
provider = "openai"
model = "gpt-4o-mini"
key_env = "OPENAI_API_KEY"

[models.llama]
tenure = "owned"
provider = "llamacpp"
weights = "models/llama.gguf"
hourly_cost_usd = 0.60

[routes.support]
rent = "gpt"
own = "llama"
"""
ENVIRON = {"OPENAI_API_KEY": "sk-planted"}


def test_a_small_file_gets_the_documented_defaults(read: Read) -> None:
    house = read(HOUSE, ENVIRON)
    gpt, llama, support = house.models["gpt"], house.models["llama"], house.routes["support"]

    assert (house.server.host, house.server.port, house.server.require_keys) == ("127.0.0.1", 8400, False)
    assert (house.server.max_body_bytes, house.server.drain_seconds) == (20 * 1024 * 1024, 30.0)
    assert (gpt.url, gpt.clearance, gpt.retries, gpt.breaker) == (
        "https://api.openai.com/v1",
        "internal",
        2,
        True,
    )
    assert (llama.model, llama.clearance, llama.slots, llama.timeout_seconds) == ("llama", "secret", 4, 120.0)
    assert (support.home, support.policy, support.label, support.private) == (
        "rent",
        "home",
        "internal",
        "keep",
    )
    assert support.candidates == ("gpt", "llama")
    assert house.warnings == ()


def test_relative_paths_count_from_the_files_folder(tmp_path: Path) -> None:
    secret = tmp_path / "openai.key"
    secret.write_text("sk-in-a-file\n")
    text = HOUSE.replace('key_env = "OPENAI_API_KEY"', 'key_file = "openai.key"')
    file = tmp_path / "freehold.toml"
    file.write_text(text + '[ledger]\npath = "data/l.db"\n[prices]\nfile = "~/prices.toml"\n')

    house = load(file, {"HOME": "/home/ada"})

    assert house.base == tmp_path
    assert house.path == file
    assert house.ledger.path == tmp_path / "data" / "l.db"
    assert house.prices.file == Path("/home/ada/prices.toml")
    assert house.models["llama"].weights == str(tmp_path / "models" / "llama.gguf")
    assert house.models["gpt"].secret() == "sk-in-a-file"


def test_built_in_weights_are_a_name_and_no_path(read: Read) -> None:
    house = read(HOUSE.replace("models/llama.gguf", "builtin:triage"), ENVIRON)
    assert house.models["llama"].weights == "builtin:triage"


def test_the_digest_is_that_of_the_text(read: Read) -> None:
    assert read(HOUSE, ENVIRON).source_digest == hashlib.sha256(HOUSE.encode()).hexdigest()


def test_money_is_the_decimal_that_was_written(read: Read) -> None:
    house = read(
        """
        [models.gpt]
        tenure = "rented"
        provider = "sandbox"
        input_usd_per_million = 0.1500000000000000055
        cached_input_usd_per_million = "0.075"
        output_usd_per_million = 3
        """
    )
    gpt = house.models["gpt"]
    assert str(gpt.input_usd_per_million) == "0.1500000000000000055"
    assert gpt.cached_input_usd_per_million == Decimal("0.075")
    assert gpt.output_usd_per_million == Decimal(3)


@given(st.decimals(min_value=0, max_value=1_000_000, allow_nan=False, allow_infinity=False, places=9))
def test_any_amount_keeps_every_digit(amount: Decimal) -> None:
    text = f'[models.m]\ntenure = "rented"\nprovider = "sandbox"\ninput_usd_per_million = {amount:f}'
    house = parse(text, source="f", base=Path("/"), environ={})
    assert house.models["m"].input_usd_per_million == amount


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines(mistakes: Mistakes) -> None:
    assert mistakes(
        """\
        [server]
        prot = 8400
        port = "8400"
        [models.gpt]
        tenure = "rentd"
        provider = "opnai"
        retries = 2.5
        breaker = "true"
        clearance = 5
        can = ["chat",
               "tols"]
        timeout_seconds = 0
        input_usd_per_million = -1
        [models.llama]
        tenure = "owned"
        provider = "llamacpp"
        weights = "llama.gguf"
        slots = true
        [routes.support]
        own = "lama"
        policy = "chepest"
        [rotues.x]
        """
    ) == [
        '2 server.prot: there is no such key (did you mean "port"?)',
        "3 server.port: takes a whole number, and this is text (write it without quotes)",
        '5 models.gpt.tenure: takes one of rented, owned (did you mean "rented"?)',
        '6 models.gpt.provider: no provider is called "opnai" (did you mean "openai"?)',
        "7 models.gpt.retries: takes a whole number, and this is a number with a fraction",
        "8 models.gpt.breaker: takes true or false, and this is text (write it without quotes)",
        "9 models.gpt.clearance: takes one of public, internal, personal, secret, and this is a whole number",
        f'11 models.gpt.can[1]: takes one of {", ".join(get_args(Capability))} (did you mean "tools"?)',
        "12 models.gpt.timeout_seconds: must be more than 0",
        "13 models.gpt.input_usd_per_million: must be at least 0",
        "18 models.llama.slots: takes a whole number, and this is true or false",
        '20 routes.support.own: no model is called "lama" (did you mean "llama"?)',
        '21 routes.support.policy: no policy is called "chepest" (did you mean "cheapest"?)',
        '22 rotues: there is no such table (did you mean "routes"?)',
    ]


def test_a_missing_key_is_told_at_its_tables_header(mistakes: Mistakes) -> None:
    assert mistakes('\n\n[models.m]\ntenure = "owned"') == [
        '3 models.m.provider: provider is missing (such as provider = "openai")'
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[server]\nport = 84 00\n",
            "2 : is not TOML: Expected newline or end of document after a statement",
        ),
        ("[server]\nport = 1\nport = 2", "3 : is not TOML: Cannot overwrite a value"),
        ('[server]\nhost = "127', "2 : is not TOML: "),
        ("port = " + "9" * 5000, "None : is not TOML: a number in it cannot be read"),
        ("port = " + "[" * 5000, "None : is nested too deeply"),
    ],
)
def test_what_is_not_toml_is_told_with_its_place(mistakes: Mistakes, text: str, expected: str) -> None:
    (told,) = mistakes(text)
    assert told.startswith(expected)


def test_a_syntax_error_names_its_column(mistakes: Mistakes) -> None:
    (told,) = mistakes("[server]\nport = = 1\n")
    assert told.startswith("2 ")
    assert "(column 8)" in told


def test_a_missing_file_hints_at_init(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors) as raised:
        load(tmp_path / "freehold.toml", {})
    (error,) = raised.value.errors
    assert error.hint is not None
    assert "freehold init" in error.hint
    assert str(tmp_path / "freehold.toml") in str(raised.value)


def test_a_folder_or_a_file_that_is_not_text_is_told(tmp_path: Path) -> None:
    binary = tmp_path / "freehold.toml"
    binary.write_bytes(b"[server]\nhost = '\xff'\n")
    with pytest.raises(ConfigErrors, match="line 2: is not UTF-8 text"):
        load(binary, {})
    with pytest.raises(ConfigErrors, match="cannot be read: Is a directory"):
        load(tmp_path, {})


def test_windows_line_ends_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    file = tmp_path / "freehold.toml"
    file.write_bytes(b"\xef\xbb\xbf" + HOUSE.replace("\n", "\r\n").encode())
    assert set(load(file, ENVIRON).models) == {"gpt", "llama"}


def test_a_house_without_models_is_a_mistake(mistakes: Mistakes) -> None:
    assert mistakes("") == ["None models: no model is named (`freehold init` writes a file with two)"]
    assert mistakes("[models]\n") == ["1 models: no model is named (`freehold init` writes a file with two)"]


@pytest.mark.parametrize("name", ["gpt-4.1", "openai/gpt-4o-mini", "a:b", "9", "x" * 100])
def test_names_may_look_like_the_names_of_models(read: Read, name: str) -> None:
    assert set(read(f'[models."{name}"]\ntenure = "rented"\nprovider = "sandbox"').models) == {name}


@pytest.mark.parametrize("name", ["", " ", "-gpt", "a b", "gpt\\n", "é", "x" * 101])
def test_other_names_are_mistakes(mistakes: Mistakes, name: str) -> None:
    told = mistakes(f'[models."{name}"]\ntenure = "rented"\nprovider = "sandbox"')
    assert "is not a name for a model" in told[0]


def test_a_key_is_dotted_as_toml_would_write_it(mistakes: Mistakes) -> None:
    (told,) = mistakes('[models."gpt-4.1"]\ntenure = "rented"\nprovider = "sandbox"\nretries = 11')
    assert told == '4 models."gpt-4.1".retries: must be at most 10'


def test_a_value_where_a_table_belongs_is_a_mistake(mistakes: Mistakes) -> None:
    assert mistakes('server = 1\nroutes = "x"\n[models]\ngpt = [1]') == [
        "1 server: takes a table, and this is a whole number",
        "2 routes: takes a table, and this is text",
        "4 models.gpt: takes a table, and this is a list",
    ]


def test_an_open_door_is_odd_and_is_told(read: Read) -> None:
    house = read(HOUSE + '[server]\nhost = "0.0.0.0"\n', ENVIRON)
    (warning,) = house.warnings
    assert (warning.key, warning.line) == ("server.host", 17)
    assert "no key is required" in warning.message
    closed = '[server]\nhost = "0.0.0.0"\nrequire_keys = true\n'
    assert read(HOUSE + closed, ENVIRON).warnings == ()


def test_settings_cannot_be_changed(read: Read) -> None:
    house = read(HOUSE + 'policy = "split"\nsplit = { gpt = 0.9, llama = 0.1 }\n', ENVIRON)
    mutable: Any = house
    with pytest.raises(AttributeError):
        mutable.path = Path("/elsewhere")
    with pytest.raises(ValidationError):
        mutable.models["gpt"].clearance = "secret"
    with pytest.raises(TypeError):
        mutable.models["new"] = house.models["gpt"]
    with pytest.raises(TypeError):
        mutable.routes["support"].split["gpt"] = 1.0


def test_labels_are_those_of_privacy_in_the_same_order() -> None:
    assert [label.word for label in Label] == list(LABELS)


_WORDS = st.sampled_from(
    [
        "server",
        "models",
        "routes",
        "gpt",
        "rent",
        "own",
        "tenure",
        "provider",
        "home",
        "split",
        "label",
        "policy",
        "key_env",
        "key_file",
        "url",
        "weights",
        "private",
        "can",
        "clearance",
        "grammar",
        "hourly_cost_usd",
        "deadline_seconds",
    ]
)
_SCALARS = st.sampled_from(
    [
        '"gpt"',
        '"rented"',
        '"owned"',
        '"sandbox"',
        '"llamacpp"',
        '"openai"',
        '"rent"',
        '"split"',
        '""',
        '"http://["',
        '"\\u0000"',
        "0",
        "-1",
        "0.5",
        "1e400",
        "nan",
        "true",
        "1979-05-27",
        "9999999999999999999999",
    ]
)
_VALUES = st.recursive(
    _SCALARS | st.just("9" * 400),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(_WORDS, inner, max_size=3).map(
            lambda items: "{" + ", ".join(f"{key} = {value}" for key, value in items.items()) + "}"
        )
    ),
    max_leaves=6,
)


@given(st.lists(st.tuples(st.lists(_WORDS, min_size=1, max_size=3), _VALUES), max_size=8))
def test_whatever_is_written_is_read_or_told(pairs: list[tuple[list[str], str]]) -> None:
    text = "\n".join(f"{'.'.join(key)} = {value}" for key, value in pairs)
    errors = _errors(text)
    assert all(error.line is not None or error.key in {"", "models"} for error in errors)


def _errors(text: str) -> tuple[ConfigError, ...]:
    try:
        parse(text, source="f", base=Path("/nowhere"), environ={})
    except ConfigErrors as raised:
        return raised.errors
    return ()


@given(st.text(max_size=200))
def test_no_text_at_all_makes_the_reader_fall_over(text: str) -> None:
    with pytest.raises(ConfigErrors):
        parse(text, source="f", base=Path("/nowhere"), environ={})


def test_a_server_that_could_not_hold_one_whole_body_is_a_mistake(mistakes: Mistakes) -> None:
    [mistake] = mistakes("[server]\nmax_body_bytes = 2000\nmax_held_bytes = 1000\n" + HOUSE, ENVIRON)
    assert mistake == (
        "3 server.max_held_bytes: is less than one body may have (2000, max_body_bytes)"
        " (make it several times max_body_bytes, or that smaller)"
    )
