from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.config import ConfigErrors, Settings, render_sample
from freehold.config.sample import _string
from freehold.errors import FreeholdError

Read = Callable[..., Settings]
Mistakes = Callable[..., list[str]]
ENVIRON = {"OPENAI_API_KEY": "sk-planted"}


@pytest.mark.parametrize("rent", [None, "openai", "https://api.example/v1", "http://127.0.0.1:11434/v1"])
@pytest.mark.parametrize("own_weights", ["builtin:triage", "models/llama.gguf", None])
@pytest.mark.parametrize("hourly_cost_usd", [None, Decimal("1.20")])
def test_every_sample_is_read_without_a_mistake_or_a_warning(
    read: Read, rent: str | None, own_weights: str | None, hourly_cost_usd: Decimal | None
) -> None:
    text = render_sample(rent=rent, own_weights=own_weights, hourly_cost_usd=hourly_cost_usd)
    house = read(text, ENVIRON)
    assert house.warnings == ()
    assert set(house.routes) == {"triage"}
    assert house.routes["triage"].candidates == (("llama", "gpt") if own_weights else ("gpt",))


def test_the_default_sample_needs_no_key_and_says_that_its_rented_side_is_simulated(read: Read) -> None:
    text = render_sample()
    house = read(text)
    gpt, llama, triage = house.models["gpt"], house.models["llama"], house.routes["triage"]
    assert (gpt.provider, gpt.plays, gpt.price_as) == ("sandbox", "ticket", "openai/gpt-4o-mini")
    assert (llama.weights, llama.slots, llama.hourly_cost_usd) == ("builtin:triage", 4, Decimal("0.05"))
    assert (triage.home, triage.grammar, triage.label) == ("own", "ticket", "internal")
    assert "SIMULATED" in text


def test_a_key_seen_in_the_environment_changes_a_comment_and_nothing_else(read: Read) -> None:
    plain, seen = render_sample(), render_sample(openai_key_seen=True)
    assert plain != seen
    assert _without_comments(plain) == _without_comments(seen)
    assert read(seen, ENVIRON).models["gpt"].provider == "sandbox"


def _without_comments(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_renting_from_openai_names_the_key_and_asks_for_it(read: Read, mistakes: Mistakes) -> None:
    text = render_sample(rent="openai")
    assert read(text, ENVIRON).models["gpt"].secret() == "sk-planted"
    (told,) = mistakes(text)
    assert "OPENAI_API_KEY is not set" in told


def test_the_commented_example_of_renting_for_real_is_itself_right(read: Read) -> None:
    text = render_sample()
    example = re.search(r"# (\[models\.gpt\]\n(?:# .+\n)+)", text)
    assert example is not None
    house = read(re.sub(r"^# ", "", example.group(1), flags=re.MULTILINE), ENVIRON)
    assert house.models["gpt"].provider == "openai"


def test_renting_from_a_url_asks_there_by_the_name_given(read: Read) -> None:
    gpt = read(render_sample(rent="https://api.example/v1", rent_model='a "b"\n')).models["gpt"]
    assert (gpt.provider, gpt.url, gpt.model) == ("compatible", "https://api.example/v1", 'a "b"\n')


def test_renting_from_nowhere_is_refused() -> None:
    with pytest.raises(FreeholdError, match='cannot rent from "opnai"') as raised:
        render_sample(rent="opnai")
    assert not isinstance(raised.value, ConfigErrors)
    assert raised.value.hint is not None


@given(st.text())
def test_any_text_is_written_as_a_string_that_toml_reads_back(text: str) -> None:
    assert tomllib.loads(f"text = {_string(text)}") == {"text": text}
