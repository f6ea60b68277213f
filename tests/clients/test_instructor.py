"""Instructor: typed answers by tools, schemas and JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import openai
import pytest
from pydantic import BaseModel
from tests.clients.conftest import Served

instructor: Any = pytest.importorskip("instructor", reason="instructor is not installed: `make test-clients`")


class Person(BaseModel):
    name: str
    city: str


class Clock(BaseModel):
    """The time in a city."""

    zone: str


class Weather(BaseModel):
    """The weather in a city."""

    city: str


MESSAGES: Any = [{"role": "user", "content": "the 'name' and the 'city' of somebody"}]


def client(served: Served, mode: str) -> Any:
    made = openai.OpenAI(base_url=served.url, api_key=served.key, max_retries=0)
    return instructor.from_openai(made, mode=instructor.Mode[mode])


@pytest.mark.parametrize("mode", ["TOOLS", "TOOLS_STRICT", "JSON", "JSON_SCHEMA", "RESPONSES_TOOLS"])
def test_an_answer_of_a_type(served: Served, mode: str) -> None:
    person, raw = client(served, mode).create_with_completion(
        model=served.model, messages=MESSAGES, response_model=Person, max_retries=0
    )
    assert person.name
    assert raw.usage is not None


@pytest.mark.parametrize("mode", ["TOOLS", "JSON", "JSON_SCHEMA"])
def test_an_answer_that_grows(served: Served, mode: str) -> None:
    partial = client(served, mode).create_partial(
        model=served.model, messages=MESSAGES, response_model=Person, max_retries=0
    )
    *_, last = partial
    assert last.name
    assert last.city


def test_many_answers_of_a_type(served: Served) -> None:
    people = list(
        client(served, "TOOLS").create_iterable(model=served.model, messages=MESSAGES, response_model=Person)
    )
    assert len(people) == 1


def test_tools_in_parallel(served: Served) -> None:
    messages: Any = [{"role": "user", "content": "Weather in 'Rome' and Clock in 'UTC'"}]
    made = client(served, "PARALLEL_TOOLS").create(
        model=served.model, messages=messages, response_model=Iterable[Weather | Clock]
    )
    assert list(made) == [Weather(city="Rome"), Clock(zone="Rome")]


async def test_the_asynchronous_client(served: Served) -> None:
    async with openai.AsyncOpenAI(base_url=served.url, api_key=served.key) as plain:
        made = instructor.from_openai(plain)
        person = await made.create(model=served.model, messages=MESSAGES, response_model=Person)
    assert person.city


def test_errors_are_told(served: Served) -> None:
    messages: Any = [{"role": "user", "content": "fail 400"}]
    with pytest.raises(Exception, match="as asked"):
        client(served, "TOOLS").create(
            model=served.model, messages=messages, response_model=Person, max_retries=0
        )
