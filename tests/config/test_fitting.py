from __future__ import annotations

from collections.abc import Callable

import pytest

from freehold.config import Settings

Read = Callable[..., Settings]
Mistakes = Callable[..., list[str]]

SANDBOX = '[models.m]\ntenure = "rented"\nprovider = "sandbox"\n'
OPENAI = '[models.m]\ntenure = "rented"\nprovider = "openai"\nkey_env = "KEY"\n'
EMBEDDED = '[models.m]\ntenure = "owned"\nprovider = "llamacpp"\nweights = "a.gguf"\nhourly_cost_usd = 1\n'
VLLM = (
    '[models.m]\ntenure = "owned"\nprovider = "compatible"\nurl = "http://gpu:8000/v1"\nhourly_cost_usd = 1\n'
)
ENVIRON = {"KEY": "sk-planted"}


@pytest.mark.parametrize("model", [SANDBOX, OPENAI, EMBEDDED, VLLM])
def test_each_kind_of_model_is_read_without_a_word(read: Read, model: str) -> None:
    assert read(model, ENVIRON).warnings == ()


@pytest.mark.parametrize(
    ("model", "line"),
    [
        (OPENAI, "plays = 'ticket'"),
        (EMBEDDED, "ttft_seconds = 1"),
        (VLLM, "tokens_per_second = 1"),
        (SANDBOX, "url = 'http://127.0.0.1/v1'"),
        (SANDBOX, "key_env = 'KEY'"),
        (VLLM, "weights = 'a.gguf'"),
        (VLLM, "threads = 1"),
        (VLLM, "gpu_layers = 1"),
        (VLLM, "embeddings = true"),
        (OPENAI, "slots = 1"),
        (OPENAI, "hourly_cost_usd = 1"),
        (EMBEDDED, "batch = true"),
    ],
)
def test_a_key_that_means_nothing_to_the_model_is_a_mistake(
    mistakes: Mistakes, model: str, line: str
) -> None:
    (told,) = mistakes(model + line, ENVIRON)
    assert told.startswith(f"{model.count(chr(10)) + 1} models.m.{line.partition(' ')[0]}: ")


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (SANDBOX.replace("rented", "owned"), "tenure: the sandbox stands in for a rented model"),
        (EMBEDDED.replace("weights", "# weights"), "weights: a llamacpp model needs weights or a url"),
        (EMBEDDED + "url = 'http://127.0.0.1:8080/v1'", "url: weights are run by the embedded engine"),
        (VLLM.replace("url =", "# url ="), "url: url is missing"),
        (OPENAI.replace("key_env", "# key_env"), "key_env: OpenAI's API takes a key"),
        (OPENAI.replace("rented", "owned"), "tenure: OpenAI's models are rented"),
    ],
)
def test_what_a_provider_needs_is_told(mistakes: Mistakes, model: str, expected: str) -> None:
    (told,) = mistakes(model, ENVIRON)
    assert f"models.m.{expected}" in told


def test_weights_that_run_here_cannot_be_rented(mistakes: Mistakes) -> None:
    (told,) = mistakes('[models.m]\ntenure = "rented"\nprovider = "llamacpp"\nweights = "a.gguf"')
    assert told.startswith("2 models.m.tenure: weights that run here are owned")


def test_a_llama_server_of_our_own_is_asked_by_url(read: Read) -> None:
    house = read(EMBEDDED.replace('weights = "a.gguf"', 'url = "http://127.0.0.1:8080/"'))
    assert house.models["m"].url == "http://127.0.0.1:8080"
    assert not house.models["m"].embedded


def test_a_server_on_openais_wire_needs_no_key(read: Read) -> None:
    text = OPENAI.replace('key_env = "KEY"', 'url = "http://127.0.0.1:9000/v1"')
    assert read(text).models["m"].secret() is None


def test_an_owned_model_without_a_cost_is_odd_and_not_wrong(read: Read) -> None:
    house = read(EMBEDDED.replace("hourly_cost_usd", "# hourly_cost_usd"))
    (warning,) = house.warnings
    assert warning.key == "models.m.hourly_cost_usd"
    assert "unknown" in warning.message
    assert house.models["m"].hourly_cost_usd is None


def test_a_token_price_on_an_owned_model_is_odd(read: Read) -> None:
    (warning,) = read(EMBEDDED + "input_usd_per_million = 1").warnings
    assert (warning.key, warning.line) == ("models.m.input_usd_per_million", 6)


@pytest.mark.parametrize(
    ("url", "is_odd"),
    [
        ("http://api.example/v1", True),
        ("http://10.1.2.3/v1", True),
        ("https://api.example/v1", False),
        ("http://127.0.0.1:9/v1", False),
        ("http://[::1]:9/v1", False),
        ("http://localhost:9/v1", False),
    ],
)
def test_a_rented_model_asked_in_the_clear_is_odd(read: Read, *, url: str, is_odd: bool) -> None:
    house = read(f'[models.m]\ntenure = "rented"\nprovider = "compatible"\nurl = "{url}"')
    assert [warning.key for warning in house.warnings] == ["models.m.url"] * is_odd


@pytest.mark.parametrize(
    "url", ["", "api.example/v1", "ftp://a/v1", "http://", "http://a:99999", "http://[", "http://a b/v1"]
)
def test_a_url_that_is_none_is_a_mistake(mistakes: Mistakes, url: str) -> None:
    (told,) = mistakes(VLLM.replace("http://gpu:8000/v1", url))
    assert told.startswith("4 models.m.url: takes the address of an API")


@pytest.mark.parametrize("tail", ["?key=x", "#x"])
def test_a_url_has_no_query(mistakes: Mistakes, tail: str) -> None:
    (told,) = mistakes(VLLM.replace("/v1", "/v1" + tail))
    assert "without ? and #" in told


def test_providers_are_those_that_the_reader_was_handed(read: Read, mistakes: Mistakes) -> None:
    text = VLLM.replace("compatible", "bedrock")
    assert read(text, providers=["bedrock"]).models["m"].provider == "bedrock"
    (told,) = mistakes(VLLM, providers=["bedrock"])
    assert 'no provider is called "compatible"' in told


def test_a_model_may_say_itself_what_it_can(read: Read) -> None:
    assert read(VLLM + 'can = ["chat", "tools"]').models["m"].can == ("chat", "tools")
