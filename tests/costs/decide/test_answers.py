"""The file of answers: what it takes, and what is said of what it does not take."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from freehold.costs.decide import Answers, read_answers
from freehold.errors import ConfigError


def test_nothing_has_to_be_answered() -> None:
    assert read_answers("") == Answers()


def test_every_section_is_read() -> None:
    answers = read_answers(
        """
        [company]
        use_case = "support"
        monthly_users = 1_000
        [traffic]
        requests_per_month = 2_000_000
        [ways]
        rent = ["openai/gpt-4o-mini"]
        gpu_usd_per_hour = 2.5
        [constraints]
        residency = ["eu"]
        [preferences]
        independence = 3
        [team]
        people_usd_per_month = 4000
        [contracts."openai/gpt-4o-mini"]
        retires = 2027-03-01
        [quality."llama-3.1-8b"]
        good_enough_share = 0.9
        source = "200 tickets read blind"
        [assumptions]
        own_engineers = { value = 1 }
        """
    )
    assert answers.traffic.requests_per_month == 2_000_000
    assert answers.ways.gpu_usd_per_hour == Decimal("2.5")
    assert answers.contracts["openai/gpt-4o-mini"].retires == date(2027, 3, 1)
    assert answers.assumptions == {"own_engineers": {"value": 1}}


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        ("[constraints]\nresidenzy = ['eu']", "constraints.residenzy", "residency"),
        ("[preferences]\nindependence = 4", "preferences.independence", "<= 3"),
        ("[company]\npurpose = 'fun'", "company.purpose", "fun"),
        ("[traffic]\nrequests_per_month = 'many'", "traffic.requests_per_month", "number"),
        ("[contracts.gpt]\nretention_days = -1", "contracts", ">= 0"),
        ("[constrains]\n", "constrains", "constraints"),
        ("[company", "answers", "TOML"),
    ],
)
def test_a_mistake_is_told_with_its_key_and_what_it_takes(text: str, key: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_answers(text)
    assert key in str(caught.value)
    assert says in f"{caught.value} {caught.value.hint}"


def test_a_team_without_skills_that_may_not_hire_is_nobody_who_can_run_gpus() -> None:
    skills = "[team]\ngpu_skills = 'none'\n"
    assert read_answers(skills + "may_hire = false").declared()["nobody_can_run_gpus"]
    assert not read_answers(skills + "may_hire = true").declared()["nobody_can_run_gpus"]
    assert not read_answers(skills).declared()["nobody_can_run_gpus"]


def test_the_reference_reads_as_it_stands_and_names_every_key() -> None:
    page = (Path(__file__).parents[3] / "docs/reference/answers.md").read_text("utf-8")
    answers = read_answers(page.split("<<'END'\n")[1].split("END\n")[0])
    assert answers.constraints.residency == ("eu", "ch")
    for section in (answers, *(getattr(answers, name) for name in answers.__struct_fields__)):
        for row in section.values() if isinstance(section, dict) else [section]:
            fields = getattr(row, "__struct_fields__", ())
            assert [name for name in fields if name not in page] == []
