"""The page `Rent or own`, answered by the very calculation that its other process runs."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests.console.asking import BEGAN, CONFIG, Site, read, record, site

from freehold.cli.drawing_board import Apart
from freehold.cli.drawing_board.offering import offered
from freehold.cli.drawing_board.telling import Board
from freehold.console import Offered, Told
from freehold.errors import Refused
from freehold.wire import Usage

pytestmark = pytest.mark.skipif(
    find_spec("numpy") is None or find_spec("duckdb") is None, reason="needs [decide]"
)

TYPED = "use_case=support&requests=2M&rent=openai/gpt-4o-mini&own=llama-3.1-8b&gpu=h100&gpu_usd=2.5"


class Direct:
    """The same answers without the other process."""

    def __init__(self, folder: Path) -> None:
        self._config = folder / "freehold.toml"
        self._board = Board(self._config, folder / "freehold.db")
        self.missing: str | None = None

    def offered(self) -> Offered:
        known = offered(self._config)
        return Offered(
            known.rent, known.own, known.gpus, known.precisions, known.profiles, known.use_cases, self.missing
        )

    async def tell(self, fields: Mapping[str, str]) -> Told:
        return await asyncio.to_thread(self._board.tell, fields)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("board")
    (folder / "freehold.toml").write_text(CONFIG)
    made = site(folder)
    made.decider = Direct(folder)
    simulated = {"simulated": True, "model": "play", "tenure": "rented"}
    made.wrote(
        *(record(f"req_{n:03}", at=BEGAN + 300 * n, usage=Usage(800, 100)) for n in range(100)),
        *(record(f"req_s{n}", at=BEGAN + n, route="rehearsal", **simulated) for n in range(5)),
    )
    return made


def test_the_page_comes_without_waiting_for_its_answer(here: Site) -> None:
    page = here.get(f"/rent-or-own?{TYPED}")
    assert page.status == 200
    assert "being reckoned" in read(page.text).text
    assert "<svg" not in page.text.partition("<form")[2]


def test_the_first_line_is_the_verdict_and_below_it_stand_picture_and_grounds(here: Site) -> None:
    page = here.get(f"/rent-or-own?{TYPED}&wait=yes").text
    heading = read(page[page.index("<h1>") : page.index("</h1>")]).text
    assert heading.startswith(("Keep renting", "Own", "Neither"))
    assert "openai/gpt-4o-mini" in heading
    said = read(page)
    assert page.count("<svg") == 2
    assert "today: 2 million" in said.text
    assert "What would flip it" in said.text
    assert "does not train on what it is sent" in said.text
    assert "2026-11-01" in said.text
    assert "predicted from published measurements and simulated, not measured" in said.text


def test_a_table_stands_behind_each_chart(here: Site) -> None:
    tables = read(here.get(f"/rent-or-own/answer?{TYPED}").text).tables
    by_volume = next(table for table in tables if table[0][0] == "Requests a month")
    middle = [row for row in by_volume if row[0] == "2 million"]
    assert len(middle) == 1
    rent, low, usual, high = (float(cell.replace(",", "")) for cell in middle[0][1:])
    assert rent > 0
    assert low <= usual <= high
    ways = next(table for table in tables if table[0][0] == "Way")
    owned = next(row for row in ways if row[0].startswith("llama-3.1-8b"))
    assert float(owned[1].replace(",", "")) == usual
    assert any(table[0][0] == "Assumption" for table in tables)


def test_what_is_said_in_the_address_is_what_the_answer_is_about(here: Site) -> None:
    few = read(here.get(f"/rent-or-own/answer?{TYPED}").text).text
    many = read(here.get(f"/rent-or-own/answer?{TYPED.replace('2M', '900M')}").text).text
    assert "2 million requests a month" in few
    assert "900 million requests a month" in many
    free = read(here.get(f"/rent-or-own/answer?{TYPED}&people=0&peak=1").text).text
    assert "the peak is 1 times the mean" in free
    assert "--people-usd-per-month 0" in free


def test_the_traffic_of_a_route_comes_from_the_ledger_and_says_how_much_it_was(here: Site) -> None:
    said = read(here.get("/rent-or-own/answer?route=support").text).text
    assert "of 800 tokens in, 100 out" in said
    assert "Measured on support: 100 requests over 495 min" in said
    assert "scaled to a month" in said
    assert "simulated" not in said.partition("Measured on")[2].partition("Decided by")[0]


def test_traffic_of_the_sandbox_is_marked_as_simulated(here: Site) -> None:
    said = read(here.get("/rent-or-own/answer?route=rehearsal").text).text
    assert "all of them simulated" in said


def test_without_a_word_the_busiest_route_is_compared(here: Site) -> None:
    assert "Measured on support" in read(here.get("/rent-or-own/answer").text).text


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("requests=many", "is no figure"),
        ("use_case=support&requests=-3", "requests_per_month: -3 cannot be"),
        ("use_case=support&own=llama-99", "llama-99"),
        ("use_case=support&gpu=z100", "z100"),
        ("use_case=support&rent=openai/gpt-99", "nobody knows a price"),
        ("use_case=poetry", "there is no use case"),
        ("use_case=support&ttft=0.0001", "cannot be kept"),
        ("use_case=<script>", "&lt;script&gt;"),
    ],
)
def test_a_question_without_an_answer_says_what_is_wrong_with_it(here: Site, query: str, says: str) -> None:
    page = here.get(f"/rent-or-own/answer?{query}")
    assert page.status == 200
    assert "This question has no answer." in page.text
    assert says in page.text
    assert "Traceback" not in page.text


def test_a_field_of_endless_length_is_refused(here: Site) -> None:
    assert here.get(f"/rent-or-own?rent={'x' * 5000}").status == 400


def test_without_numpy_the_page_says_how_to_get_it(here: Site) -> None:
    assert isinstance(here.decider, Direct)
    here.decider.missing = 'This page needs numpy: pip install "freehold[decide]".'
    try:
        said = read(here.get("/rent-or-own").text).text
    finally:
        here.decider.missing = None
    assert 'pip install "freehold[decide]"' in said


async def asked(apart: Apart, **fields: str) -> Told:
    return await apart.tell({"use_case": "support", "requests": "2M", **fields})


def test_the_other_process_answers_and_goes_with_the_gateway(here: Site) -> None:
    async def story() -> None:
        apart = Apart(here.folder / "freehold.toml", here.ledger)
        told = await asked(apart)
        assert told.sentence
        process = apart._process  # noqa: SLF001 - whether it is gone is what is tested
        assert process is not None
        os.kill(process.pid, 0)
        await apart.close()
        assert process.returncode is not None

    asyncio.run(story())


def test_a_question_that_nobody_waits_for_any_more_is_not_begun(here: Site) -> None:
    async def story() -> None:
        apart = Apart(here.folder / "freehold.toml", here.ledger)
        first = asyncio.ensure_future(asked(apart))
        await asyncio.sleep(0.05)
        queued = [asyncio.ensure_future(asked(apart, requests=f"{n}M")) for n in range(3, 7)]
        await asyncio.sleep(0.05)
        for task in (first, *queued):
            task.cancel()
        last = await asked(apart, requests="9M")
        assert "9 million" in last.traffic
        await apart.close()

    asyncio.run(story())


def test_too_many_who_wait_are_refused_at_once(here: Site) -> None:
    async def story() -> None:
        apart = Apart(here.folder / "freehold.toml", here.ledger)
        tasks = [asyncio.ensure_future(asked(apart)) for _ in range(20)]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        refused = [task for task in tasks if task.done() and isinstance(task.exception(), Refused)]
        assert refused
        for task in tasks:
            task.cancel()
        await apart.close()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(story())


def test_a_process_that_dies_is_told_and_the_next_question_has_another(here: Site) -> None:
    async def story() -> None:
        apart = Apart(here.folder / "freehold.toml", here.ledger)
        await asked(apart)
        process = apart._process  # noqa: SLF001 - to end it behind its back
        assert process is not None
        process.send_signal(signal.SIGSTOP)  # or it might answer first
        asking = asyncio.ensure_future(asked(apart, output="333"))
        await asyncio.sleep(0.05)
        process.kill()
        with pytest.raises(Refused, match="failed"):
            await asking
        assert (await asked(apart)).sentence
        await apart.close()

    asyncio.run(story())
