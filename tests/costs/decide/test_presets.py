"""Presets are files that can be read and copied: each row says who says so and when."""

from __future__ import annotations

import pytest

from freehold.costs.decide import assumptions, profile_text, profiles, use_case_text, use_cases
from freehold.errors import ConfigError

PROFILES = [name for name in profiles() if name != "base"]
WANTED = {
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "peak_to_mean",
    "ttft_p95_seconds",
    "tpot_p95_seconds",
}


def test_the_presets_are_those_that_the_product_promises() -> None:
    assert PROFILES == ["enterprise", "regulated", "startup"]
    assert use_cases() == ["coding", "documents", "support"]


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_changes_rows_of_the_base_and_adds_none(profile: str) -> None:
    base, found = assumptions(), assumptions(profile)
    assert found.figures.keys() == base.figures.keys()
    assert found.figures != base.figures
    assert found.profile == profile
    assert not found.constraints()  # a constraint decides alone: it is the organisation's to declare


@pytest.mark.parametrize("use_case", use_cases())
def test_a_use_case_says_how_long_and_how_quick_with_sources(use_case: str) -> None:
    found = assumptions(use_case=use_case)
    assert found.figures.keys() - assumptions().figures.keys() == WANTED
    assert found["cached_tokens"].p50 <= found["input_tokens"].p50
    assert all(row.source and not row.overridden for row in found.figures.values())


@pytest.mark.parametrize("text", [*map(profile_text, PROFILES), *map(use_case_text, use_cases())])
def test_a_preset_copied_into_a_file_of_ones_own_is_read_as_ones_own(text: str) -> None:
    found = assumptions("regulated", text, use_case="support")
    assert any(row.overridden for row in found.figures.values())


def test_an_unknown_use_case_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="no use case 'poetry'") as error:
        assumptions(use_case="poetry")
    assert "support" in str(error.value.hint)
