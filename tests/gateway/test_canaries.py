"""Nothing private is rented: generated requests with a unique value each, at routes of every kind.

Every byte that the rented side receives is kept, and no canary may be in it, in whatever form; nor in logs,
metrics, errors or the ledger. Public requests have to be rented all the same.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import random
import re
from collections.abc import Iterable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from tests.gateway import upstream as up
from tests.gateway.house import Answer, Gateway, gateway

OWNED = ("up", "down", "failing", "cutting", "hanging")
PRIVATE = ("keep", "redact", "refuse")
_START = 6  # characters by which a form is looked for; shorter ones end with the text
HOMES = ("rent", "own")
LETTERS = "abcdefghijkmnopqrstuvwxyz"


def luhn(digits: str) -> str:
    total = sum(sum(divmod(int(d) * (2 - n % 2), 10)) for n, d in enumerate(digits[::-1]))
    return digits + str(-total % 10)


def canary(dice: random.Random) -> str:
    """A value that nobody else has, of a type that is found by its form."""

    def run(alphabet: str, length: int) -> str:
        return "".join(dice.choice(alphabet) for _ in range(length))

    def iban() -> str:
        account = run("0123456789", 18)
        check = 98 - int(account + "131400") % 97
        return f"DE{check:02d}{account}"

    card = luhn("4" + run("0123456789", 14))
    if dice.random() < 0.25:
        return person(dice)
    return dice.choice((
        f"{run(LETTERS, 9)}.{run(LETTERS, 8)}@{run(LETTERS, 10)}.de",
        card,
        " ".join(card[at : at + 4] for at in range(0, 16, 4)),
        iban(),
        f"sk-proj-{run(LETTERS.upper() + LETTERS + '0123456789', 40)}",
        f"AKIA{run('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 16)}",
    ))  # fmt: skip


def person(dice: random.Random) -> str:
    """A first name that people bear, and a surname that nobody does."""
    first = dice.choice(("Margaret", "Daniel", "Susan", "Peter", "Fatima", "Kevin", "Laura", "Michael"))
    middle = "".join(dice.choice(("ra", "ne", "li", "do", "ma", "ve", "so")) for _ in range(4))
    return f"{first} {dice.choice('BDKLMRST')}{middle}{dice.choice(('son', 'man', 'berg', 'ton'))}"


def placed(endpoint: str, value: str, dice: random.Random) -> dict[str, Any]:
    """A request that says the value somewhere."""
    said = dice.choice((f"My data: {value}.", value, f"please check {value} for me", f"(see {value})"))
    if endpoint == "completions":
        return {"prompt": dice.choice((said, [said, "other"]))}
    if endpoint == "embeddings":
        return {"input": dice.choice((said, ["other", said]))}
    if endpoint == "responses":
        return dice.choice((
            {"input": said},
            {"input": "hello", "instructions": said},
            {"input": [{"role": "user", "content": [{"type": "input_text", "text": said}]}]},
        ))  # fmt: skip
    user = {"role": "user", "content": "hello"}
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": json.dumps({"x": said})}}
    tool = {
        "type": "function",
        "function": {"name": "f", "description": said, "parameters": {"type": "object"}},
    }
    return dice.choice((
        {"messages": [{"role": "user", "content": said}]},
        {"messages": [{"role": "system", "content": said}, user]},
        {"messages": [user, {"role": "assistant", "content": None, "tool_calls": [call]},
                      {"role": "tool", "tool_call_id": "c", "content": "ok"}]},
        {"messages": [user, {"role": "tool", "tool_call_id": "c", "content": json.dumps({"row": said})}]},
        {"messages": [{"role": "user", "name": "x", "content": [{"type": "text", "text": said}]}]},
        {"messages": [user], "metadata": {"note": said}},
        {"messages": [user], "metadata": {said: "note"}},
        {"messages": [user], said: "note"},
        {"messages": [user], "stop": [said]},
        {"messages": [user], "prediction": {"type": "content", "content": said}},
        {"messages": [user], "user": said},
        {"messages": [user], "tools": [tool]},
        {"messages": [{"role": "user", "content": base64.b64encode(said.encode()).decode()}]},
        {"messages": [{"role": "user", "content": quote(said)}]},
    ))  # fmt: skip


def forms(value: str) -> Iterator[str]:
    """How it might be written so that a reader still gets it."""
    yield value
    yield re.sub(r"[ \-]", "", value)
    yield quote(value)
    yield json.dumps(value)[1:-1]
    if value.replace(" ", "").isalpha():
        yield value.rpartition(" ")[2]  # a surname tells as much
    for pad in ("", "x", "xx"):
        whole = base64.b64encode((pad + value).encode()).decode()
        yield whole[4 if pad else 0 : -4]


@dataclass
class Rented:
    """The stand-in for what is rented: answers everything, keeps every byte."""

    received: list[bytes] = field(default_factory=list)

    async def step(self, exchange: up.Exchange) -> None:
        self.received.append(exchange.head.encode("latin-1") + exchange.body)
        asked = exchange.json
        if "input" in asked:
            vectors = [{"object": "embedding", "index": 0, "embedding": [0.5]}]
            await up.says({"object": "list", "model": "m", "data": vectors, "usage": up.ANSWER["usage"]})(
                exchange
            )
        elif asked.get("stream"):
            await up.streams(*up.WHOLE)(exchange)
        else:
            await up.says()(exchange)


def config(rent: str, owned: dict[str, str]) -> str:
    tables = [f'[models.gpt]\ntenure = "rented"\nprovider = "compatible"\nurl = "{rent}"\nretries = 0\n']
    tables += [
        f'[models.own-{name}]\ntenure = "owned"\nprovider = "compatible"\nurl = "{url}"\n'
        "retries = 0\nbreaker = false\ntimeout_seconds = 0.2\n"
        for name, url in owned.items()
    ]
    tables += [
        f'[routes.{private}-{name}-{home}]\nrent = "gpt"\nown = "own-{name}"\n'
        f'home = "{home}"\nprivate = "{private}"\n'
        for private in PRIVATE
        for name in owned
        for home in HOMES
    ]
    return "".join(tables)


@dataclass(frozen=True)
class Sent:
    route: str
    endpoint: str
    value: str | None
    answer: Answer


async def send(house: Gateway, dice: random.Random, number: int) -> Sent:
    """One drawn request; a fifth of them are public."""
    home = dice.choice(HOMES)
    name = dice.choices(OWNED, (6, 4, 3, 3, 1))[0]
    route = f"{dice.choice(PRIVATE)}-{name}-{home}"
    endpoint = dice.choice(("chat/completions",) * 4 + ("completions", "embeddings", "responses"))
    value = None if number % 5 == 0 else canary(dice)
    in_header = value is not None and dice.random() < 0.05
    body = placed(endpoint, "the weather" if in_header else value or "the weather", dice) | {"model": route}
    if endpoint != "embeddings" and dice.random() < 0.3:
        body["stream"] = True
    headers = {"x-freehold-home": dice.choice(HOMES)} if value is not None and dice.random() < 0.1 else {}
    if in_header and value is not None:
        headers[dice.choice(("user-agent", "x-note", "openai-organization", "cookie"))] = value
    return Sent(route, endpoint, value, await house.ask(f"/v1/{endpoint}", body, **headers))


async def run(folder: Path, cases: int, seed: int) -> tuple[list[Sent], bytes, bytes]:
    """All cases; what the rented side received, and what the metrics say."""
    rented, dice = Rented(), random.Random(seed)  # noqa: S311 - a test's dice
    async with AsyncExitStack() as stack:
        rent = await stack.enter_async_context(up.upstream(rented.step))
        steps = {
            "up": Rented().step,
            "failing": up.fails("500 Oops"),
            "cutting": up.cuts,
            "hanging": up.hangs,
        }
        owned = {"down": "http://127.0.0.1:9/v1"}
        for name, step in steps.items():
            owned[name] = (await stack.enter_async_context(up.upstream(step))).url
        house = await stack.enter_async_context(gateway(folder, config(rent.url, owned)))
        sent: list[Sent] = []
        for start in range(0, cases, 20):
            sent += await asyncio.gather(
                *(send(house, dice, n) for n in range(start, min(start + 20, cases)))
            )
        metrics = (await house.ask("/metrics")).body
    return sent, b"\n".join(rented.received), metrics


def assert_nothing_left(
    folder: Path, sent: list[Sent], rented: bytes, told: str, *, names_missed: float = 0.0
) -> None:
    """No canary stands anywhere. A trained model misses a name now and then: that share of the names may."""
    text = rented.decode("utf-8", "replace")
    loose = re.sub(r"[ \-]", "", text)
    kept = b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file()).decode(
        "utf-8", "replace"
    )
    private = [one for one in sent if one.value is not None]
    written = {form: one for one in private if one.value is not None for form in forms(one.value)}
    missed: set[str | None] = set()
    for where, said in (
        ("at the rented side", text),
        ("at the rented side, without blanks", loose),
        ("logged or counted", told),
        ("in the ledger", kept),
    ):
        for form in standing(written, said):
            one = written[form]
            if not names_missed or not is_name(one):
                raise AssertionError(where, form, one.route, one.endpoint)
            missed.add(one.value)
    assert len(missed) <= names_missed * sum(map(is_name, private))
    for one in private:
        if one.answer.status != 200 and one.value is not None:
            shown = one.answer.body.decode("utf-8", "replace")
            assert not any(form in shown for form in forms(one.value)), ("in an error", one.value)


def is_name(one: Sent) -> bool:
    return one.value is not None and one.value.replace(" ", "").isalpha()


def standing(written: Iterable[str], text: str) -> Iterator[str]:
    """Those that stand in the text: by their beginnings, in one walk, however many they are."""
    by_start: dict[str, list[str]] = {}
    for form in written:
        by_start.setdefault(form[:_START], []).append(form)
    for at in range(len(text)):
        for form in by_start.get(text[at : at + _START], ()):
            if text.startswith(form, at):
                yield form


def test_a_canary_that_stands_anywhere_is_seen() -> None:
    text = "see 4111-1111 and MTIzNDU2Nzg5 end"
    assert list(standing(["4111-1111", "MTIzNDU2Nzg5", "9999-9999", "5 end"], text)) == [
        "4111-1111",
        "MTIzNDU2Nzg5",
        "5 end",
    ]


def assert_public_is_rented(sent: list[Sent]) -> None:
    public = [one for one in sent if one.value is None]
    for one in public:
        assert one.answer.status in (200, 400), (
            one.route,
            one.answer,
        )  # 400: `x-freehold-home` named a dead end
    rented = [one for one in public if one.answer.headers.get("x-freehold-tenure") == "rented"]
    assert len(rented) > len(public) / 4


async def check(
    folder: Path, cases: int, seed: int, caplog: pytest.LogCaptureFixture, *, names_missed: float = 0.0
) -> None:
    caplog.set_level(logging.DEBUG, logger="freehold")
    sent, rented, metrics = await run(folder, cases, seed)
    assert len(sent) == cases
    assert any(one.value and one.answer.status == 200 for one in sent)
    told = caplog.text + metrics.decode()
    assert_nothing_left(folder, sent, rented, told, names_missed=names_missed)
    assert_public_is_rented(sent)


async def test_no_canary_leaves_over_two_thousand_requests(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await check(tmp_path, 2000, 1, caplog)


@pytest.mark.slow
async def test_no_canary_leaves_over_fifty_thousand_requests(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for seed in range(2, 12):
        folder = tmp_path / str(seed)
        folder.mkdir()
        await check(folder, 5000, seed, caplog, names_missed=0.01)
        caplog.clear()
