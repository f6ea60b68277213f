from __future__ import annotations

import re

import pytest

from freehold.config import (
    LedgerSettings,
    ModelSettings,
    PriceSettings,
    RouteSettings,
    ServerSettings,
    settings_reference,
)

SECTIONS = [
    ("[server]", ServerSettings),
    ("[ledger]", LedgerSettings),
    ("[prices]", PriceSettings),
    ("[models.X]", ModelSettings),
    ("[routes.R]", RouteSettings),
]


@pytest.mark.parametrize(("header", "section"), SECTIONS)
def test_every_key_is_in_the_reference_with_its_type_default_and_meaning(
    header: str, section: type[ModelSettings]
) -> None:
    text = settings_reference().split(f"## `{header}`")[1].split("\n## ")[0]
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in text.splitlines() if line.startswith("| `")]
    assert [row[0].strip(" `") for row in rows] == list(section.model_fields)
    assert all(len(row) == 4 and all(cell.strip() for cell in row) for row in rows)


def test_the_reference_tells_defaults_that_depend_on_other_keys() -> None:
    text = settings_reference()
    assert "`internal` for rented, `secret` for owned" in text
    assert "| `deadline_seconds` | seconds, more than 0, at most 86400 | `600.0` |" in text
    assert '| `tenure` | `"rented"` or `"owned"` | required |' in text
