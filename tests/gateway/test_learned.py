"""What was learned is kept at home by a gateway that runs: values are redacted, documents are not let out."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from tests.gateway import upstream as up
from tests.gateway.house import Answer, Gateway, gateway
from tests.gateway.test_redaction import config, echoes
from tests.gateway.test_who_answers import two_homes

from freehold.cli.learning import Store
from freehold.cli.learning.teaching import Lesson, forget, learn

MEMO = (
    "The Wolverton smelter is to be mothballed in the third quarter; its two furnaces go to Ploiesti. Until "
    "the works council has been heard, nobody outside this circle is to learn of it."
)

# A stranger's name is not guessed, so that what is found was learned.
NO_GUESSING = """
[privacy]
harmless = ["ORGANIZATION", "LOCATION", "DATE_TIME", "URL", "PERSON", "ADDRESS"]
"""


@pytest.fixture(autouse=True)
def _rented_key(tmp_path: Path) -> None:
    (tmp_path / "rented.key").write_text("sk-rented-secret\n")


def teach(folder: Path, text: str, type_: str, name: str = "c.txt") -> None:
    (folder / name).write_text(text)
    learn(Lesson(folder / name, (), type_, None), folder / "freehold.db", who="a test")


async def until(house: Gateway, text: str, label: str) -> Answer:
    """Ask until the record says so: a running gateway follows what is taught."""
    async with asyncio.timeout(60):
        while True:
            answer = await house.chat(content=text)
            if (await house.record(answer)).label == label:
                return answer
            await asyncio.sleep(0.2)


async def test_a_learned_customer_is_kept_at_home_though_names_are_harmless(tmp_path: Path) -> None:
    teach(tmp_path, "Maria Okonkwo-Lindt\n", "PERSON")
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url, top=NO_GUESSING)) as house:
            record = await house.record(await house.chat(content="What does LINDT, MARIA owe?"))
            assert (record.tenure, record.label, record.found) == ("owned", "personal", {"PERSON": 1})
            other = await house.record(await house.chat(content="What does Jane Roe owe?"))
            assert (other.tenure, other.label) == ("rented", "internal")
    assert len(rent.requests) == 1


async def test_a_learned_value_leaves_as_a_pseudonym_and_comes_back(tmp_path: Path) -> None:
    teach(tmp_path, "Maria Okonkwo-Lindt\n", "PERSON")
    said = "Write to Okonkwo-Lindt, Maria about it."
    async with up.upstream(echoes()) as rent, gateway(tmp_path, config(rent.url)) as house:
        answer = await house.chat(content=said)
    assert answer.json["choices"][0]["message"]["content"] == said
    assert b"Okonkwo" not in rent.requests[0].body
    assert b"Maria" not in rent.requests[0].body


async def test_a_part_of_a_learned_document_is_not_let_out_by_redaction(tmp_path: Path) -> None:
    teach(tmp_path, MEMO, "SECRET", "memo.md")
    async with up.upstream(up.says()) as rent, gateway(tmp_path, config(rent.url)) as house:
        answer = await house.chat(content=f"Please shorten: {MEMO.upper()}")
        assert answer.status == 403, answer.body
        plain = await house.chat(content="Please shorten: all is well.")
        assert plain.status == 200
    assert len(rent.requests) == 1
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, config(rent.url, own.url)) as house:
            record = await house.record(await house.chat(content=f"Please shorten: {MEMO}"))
    assert (record.tenure, record.label, len(rent.requests)) == ("owned", "secret", 0)


async def test_a_running_gateway_follows_what_is_learned_forgotten_and_damaged(tmp_path: Path) -> None:
    text = "Is Maria Okonkwo there?"
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url, top=NO_GUESSING)) as house:
            assert (await house.record(await house.chat(content=text))).label == "internal"
            await asyncio.to_thread(teach, tmp_path, "Maria Okonkwo\n", "PERSON")
            await until(house, text, "personal")
            (file,) = Store(tmp_path / "freehold.db").files()
            os.truncate(file, 50)
            await until(house, "good morning", "secret")
            await asyncio.to_thread(
                forget, str(tmp_path / "c.txt"), tmp_path / "freehold.db", who="x", why=None
            )
            await until(house, text, "internal")


async def test_a_gateway_starts_with_damage_and_lets_nothing_out(tmp_path: Path) -> None:
    teach(tmp_path, "Maria Okonkwo\n", "PERSON")
    Store(tmp_path / "freehold.db").key_file.unlink()
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url, top=NO_GUESSING)) as house:
            record = await house.record(await house.chat(content="good morning"))
    assert (record.tenure, record.label, len(rent.requests)) == ("owned", "secret", 0)


async def test_terms_are_redacted_allowed_values_leave_and_a_files_new_lines_are_followed(
    tmp_path: Path,
) -> None:
    (tmp_path / "terms.txt").write_text("Project Falcon\n")
    privacy = '[privacy]\nterms = [{file = "terms.txt"}]\nallow = ["support@acme.example"]\n'
    async with up.upstream(echoes()) as rent, gateway(tmp_path, privacy + config(rent.url)) as house:
        said = "Has project-falcon a word for support@acme.example?"
        answer = await house.chat(content=said)
        assert answer.json["choices"][0]["message"]["content"] == said
        assert b"falcon" not in rent.requests[0].body
        assert b"support@acme.example" in rent.requests[0].body
        assert (await house.record(await house.chat(content="Is Blue Heron over?"))).label == "internal"
        (tmp_path / "terms.txt").write_text("Project Falcon\nBlue Heron\n")
        await until(house, "Is Blue Heron over?", "secret")
