from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import ROOT
from tests.console.asking import (
    BEGAN,
    SECRET,
    Answer,
    Site,
    attempt,
    ids,
    nobody,
    read,
    record,
    site,
)

from freehold.console.app import PAGES
from freehold.console.choice import Choice
from freehold.console.figures import sum_of_money
from freehold.console.rent_or_own import FIELDS
from freehold.ledger import LedgerReader, Spotted
from freehold.wire import Usage

SIMULATED: dict[str, Any] = {"model": "play", "tenure": "rented", "provider": "sandbox", "simulated": True}
RENTED: dict[str, Any] = {"model": "gpt", "tenure": "rented", "provider": "openai"}
RECORDS = (
    record("req_own1", key="key_a"),
    record("req_own2", label="personal", cost_usd=Decimal("0.0002"), at=BEGAN + 1),
    record("req_rent", **RENTED, cost_usd=Decimal("0.03"), at=BEGAN + 2, usage=Usage(1000, 400)),
    record("req_dear", **RENTED, cost_usd=None, usage=None, at=BEGAN + 3),
    record("req_play", **SIMULATED, cost_usd=Decimal(5), at=BEGAN + 4),
    record("req_byname", route=None, at=BEGAN + 5),
    nobody("req_none", label="secret", at=BEGAN + 6),
    nobody("req_lost", status=404, route=None, label=None, at=BEGAN + 7),
)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Site:
    made = site(tmp_path_factory.mktemp("pages"))
    made.wrote(*RECORDS)
    return made


def overview(here: Site) -> Answer:
    return here.get("/?since=all")


def test_the_first_line_says_who_answers_what(here: Site) -> None:
    said = read(overview(here).text).text
    assert (
        "support is answered by llama (owned), and by gpt (rented) where that cannot;"
        " play (rented, simulated) when asked for." in said
    )
    assert "8 requests since the ledger began: 6 answered, 2 not." in said


def test_a_model_that_cannot_be_asked_is_what_the_first_line_says(tmp_path: Path) -> None:
    made = site(tmp_path)
    made.down = {"llama": "is down: its engine is restarting"}
    page = made.get("/").text
    heading = page[page.index("<h1>") : page.index("</h1>")]
    assert read(heading).text == "llama is down: its engine is restarting."


@pytest.mark.parametrize("place", [2, 3])
def test_a_total_is_the_sum_of_the_rows_above_it(here: Site, place: int) -> None:
    table = read(overview(here).text).tables[place]
    head, rows, total = table[0], table[1:-1], table[-1]
    for column in ("Requests", "Not answered", "Tokens in", "Tokens out", "Unknown cost"):
        at = head.index(column)
        assert sum(int(row[at].replace(",", "")) for row in rows) == int(total[at].replace(",", "")) > 0
    simulated = head.index("Simulated")
    assert [row[simulated] for row in rows if row[simulated] != "–"] == [total[simulated]] == ["5.00 USD"]


def test_a_sum_of_which_a_part_is_unknown_says_that_it_is_more(here: Site) -> None:
    rows = {row[0]: row for row in read(overview(here).text).tables[2]}
    assert rows["gpt"][6] == "≥ 0.03 USD"
    assert rows["all"][6] == sum_of_money(Decimal("0.0304"), 1) == "≥ 0.0304 USD"


@pytest.mark.parametrize("place", [2, 3])
def test_each_count_opens_the_requests_behind_it(here: Site, place: int) -> None:
    page = overview(here).text
    table = page.split("<table")[place + 1].partition("</table>")[0]
    for row in table.split("<tr")[2:]:
        (link,) = (link for link in read(f"<table><tr{row}").links if link.startswith("/requests"))
        count = int(row.split(f'href="{link.replace("&", "&amp;")}">')[1].split("<")[0])
        assert len(ids(here.get(link).text)) == count, link


def test_a_page_of_requests_adds_up_and_keeps_simulated_money_apart(here: Site) -> None:
    page = read(here.get("/requests").text)
    total = page.tables[0][-1]
    assert total[0] == "8 rows"
    assert "2 failed" in total
    assert "1,400 → 480" in total
    assert total[-1].split() == ["≥", "0.0304", "USD5.00", "USD", "simulated"]  # on two lines


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["lost", "none", "byname", "play", "dear", "rent", "own2", "own1"]),
        ("?route=support", ["none", "play", "dear", "rent", "own2", "own1"]),
        ("?route=-", ["lost", "byname"]),
        ("?model=gpt", ["dear", "rent"]),
        ("?model=-", ["lost", "none"]),
        ("?outcome=failed", ["lost", "none"]),
        ("?outcome=answered&model=llama", ["byname", "own2", "own1"]),
        ("?label=personal", ["own2"]),
        ("?key=key_a", ["own1"]),
        ("?since=2026-09-21T14:13:26%2B00:00&route=support", ["none"]),
        ("?model=no-such-model", []),
        ("?before=req_play&outcome=answered", ["dear", "rent", "own2", "own1"]),
    ],
)
def test_the_url_says_which_requests_are_listed(here: Site, query: str, found: list[str]) -> None:
    answer = here.get(f"/requests{query}")
    assert answer.status == 200
    assert ids(answer.text) == [f"req_{name}" for name in found]


@pytest.mark.parametrize("query", ["since=soon", "since=-1h", "outcome=maybe"])
@pytest.mark.parametrize("path", ["/requests", "/requests.csv"])
def test_a_word_that_the_url_does_not_take_is_told(here: Site, path: str, query: str) -> None:
    answer = here.get(f"{path}?{query}")
    assert answer.status == 400
    assert query.partition("=")[2] in read(answer.text).text


def test_pages_of_requests_hold_each_once_and_all_of_them(tmp_path: Path) -> None:
    made = site(tmp_path)
    made.wrote(*(record(f"req_{n:04}", status=500 if n % 3 else 200) for n in range(560)))
    for filters, expected in (("?", 560), ("?outcome=failed&", 373)):
        seen: list[str] = []
        link: str | None = f"/requests{filters}"
        while link is not None:
            page = made.get(link).text
            seen += ids(page)
            link = next((one for one in read(page).links if "before=" in one), None)
        assert len(seen) == len(set(seen)) == expected
        assert seen == sorted(seen, reverse=True)


def test_the_csv_holds_the_same_rows_with_every_digit(here: Site) -> None:
    answer = here.get("/requests.csv?route=support")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["request_id"] for row in rows] == ids(here.get("/requests?route=support").text)
    with LedgerReader.open(here.ledger) as reader:
        for row in rows:
            kept = reader.request(row["request_id"])
            assert kept is not None
            assert row["cost_usd"] == ("" if kept.cost_usd is None else f"{kept.cost_usd:f}")
            assert row["input_tokens"] == ("" if kept.usage is None else str(kept.usage.input_tokens))
            assert row["simulated"] == str(kept.simulated).lower()


def test_the_csv_is_whole_however_long_it_is(tmp_path: Path) -> None:
    made = site(tmp_path)
    made.wrote(*(record(f"req_{n:04}") for n in range(1_234)))
    rows = list(csv.DictReader(io.StringIO(made.get("/requests.csv").text)))
    assert [row["request_id"] for row in rows] == [f"req_{n:04}" for n in reversed(range(1_234))]


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+1", "-1", "\t=1"])
def test_a_spreadsheet_takes_no_cell_for_a_formula(tmp_path: Path, text: str) -> None:
    made = site(tmp_path)
    made.wrote(record("req_1", upstream_model=text, error=text))
    (row,) = csv.DictReader(io.StringIO(made.get("/requests.csv").text))
    assert (row["upstream_model"], row["error"]) == (f"'{text}", f"'{text}")


def test_a_request_tells_its_story(tmp_path: Path) -> None:
    failed = attempt(
        model="gpt", tenure="rented", outcome="timeout", status=None, error="silent for 2 s", seconds=2
    )
    made = site(tmp_path)
    made.wrote(
        record(
            "req_1",
            attempts=(failed, attempt(started_seconds=2.2)),
            reason="llama (owned) answered in place of gpt; gpt failed: silent for 2 s.",
            usage=Usage(120, 30, cached_tokens=100),
        )
    )
    page = read(made.get("/requests/req_1").text)
    for said in (
        "llama (owned) answered in place of gpt; gpt failed: silent for 2 s.",
        "the cost of req_1 explained",
        "120 in, 30 out",
        "cached: 100, reasoning: not reported",
        "freehold explain req_1",
    ):
        assert said in page.text
    attempts = page.tables[0]
    assert [row[3] for row in attempts[1:]] == ["timeout", "ok"]
    assert attempts[1][-1] == "silent for 2 s"


def test_unknown_tokens_and_cost_are_shown_as_unknown_and_never_as_0(here: Site) -> None:
    page = here.get("/requests/req_dear").text
    facts = page[page.index('<dl class="facts">') : page.index("</dl>")]
    assert facts.count('<span class="unknown">unknown</span>') == 2
    assert "0 USD" not in facts


def test_what_was_found_in_a_request_stands_beside_its_label(tmp_path: Path) -> None:
    found = record("req_found", label="personal", found={"PHONE_NUMBER": 1, "CREDIT_CARD": 2})
    made = site(tmp_path)
    made.wrote(found, record("req_unseen", label=None))
    assert "found: CREDIT_CARD ×2, PHONE_NUMBER ×1" in read(made.get("/requests/req_found").text).text
    assert "nobody looked" in read(made.get("/requests/req_unseen").text).text


def test_where_something_was_found_is_told_by_place_and_length(tmp_path: Path) -> None:
    spans = (Spotted("CREDIT_CARD", "messages", 2, 4, 19), Spotted("EMAIL_ADDRESS", "", None, None, 6))
    made = site(tmp_path)
    made.wrote(record("req_1", label="personal", found={"CREDIT_CARD": 2, "EMAIL_ADDRESS": 1}, spans=spans))
    told = read(made.get("/requests/req_1").text).text
    assert f"CREDIT_CARD in messages[2], signs 5–23: {'•' * 13}" in told
    assert f"EMAIL_ADDRESS in another field, over several strings: {'•' * 6}" in told
    assert "and 1 more" in told


def test_a_request_that_is_not_there_is_told(here: Site) -> None:
    answer = here.get("/requests/req_gone")
    assert answer.status == 404
    assert "There is no request req_gone in the ledger." in read(answer.text).text


def test_the_receipt_of_the_playground_is_a_piece_with_the_ledgers_figures(here: Site) -> None:
    answer = here.get("/requests/req_play/receipt")
    said = read(answer.text).text
    assert "<html" not in answer.text
    assert "5.00 USD simulated" in said
    assert "100 → 20" in said
    assert here.get("/requests/req_gone/receipt").status == 204


@pytest.mark.parametrize("path", ["/?since=all", "/requests", "/requests/req_play", "/playground"])
def test_simulated_stands_wherever_a_simulated_figure_does(here: Site, path: str) -> None:
    assert "simulated" in read(here.get(path).text).text


PATHS = [
    "/",
    "/?since=all",
    "/requests",
    "/requests/req_rent",
    "/requests/req_rent/receipt",
    "/playground",
    "/gone",
]


@pytest.mark.parametrize("path", PATHS)
def test_no_page_shows_a_secret(here: Site, path: str) -> None:
    assert here.settings.models["gpt"].secret() == SECRET
    assert SECRET not in here.get(path).text


@pytest.mark.parametrize("path", PATHS)
def test_no_page_has_a_script_or_a_style_of_its_own(here: Site, path: str) -> None:
    page = here.get(path).text
    attributes = read(page).attributes
    assert [name for _, name, _ in attributes if name == "style" or name.startswith("on")] == []
    assert "<style" not in page
    scripts = [value for tag, name, value in attributes if tag == "script" and name == "src"]
    assert len(scripts) == page.count("<script")
    loaded = [value for _, name, value in attributes if name in ("src", "srcset") and value is not None]
    assert [value for value in loaded if not value.startswith("/assets/")] == []


def test_what_clients_and_upstreams_write_is_shown_as_text(tmp_path: Path) -> None:
    markup = "<img src=x onerror=alert(1)>\"'&"
    made = site(tmp_path)
    fields: dict[str, Any] = dict.fromkeys(
        ("model", "route", "key", "upstream_model", "reason", "error"), markup
    )
    made.wrote(record("req_1", **fields, attempts=(attempt(model=markup, error=markup),)))
    for path in ("/?since=all", "/requests", "/requests/req_1", "/requests/req_1/receipt"):
        page = made.get(path).text
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page
    asked = made.get("/playground?q=%3C%2Ftextarea%3E%3Cimg+src%3Dx%3E&route=%3Cimg+src%3Dx%3E").text
    assert "<img src=x" not in asked
    assert "&lt;/textarea&gt;&lt;img src=x&gt;" in asked


def test_the_playground_keeps_the_route_and_the_question_of_its_url(here: Site) -> None:
    page = here.get("/playground?route=llama&q=What+now%3F").text
    assert "What now?</textarea>" in page
    options = page.split("<option")[1:]
    assert [option.split('"')[1] for option in options if " selected" in option] == ["llama"]
    assert 'data-rent="gpt, play (simulated)"' in options[0]


def test_a_route_that_is_not_there_is_told_in_the_playground(here: Site) -> None:
    assert "There is no route or model called suport." in read(here.get("/playground?route=suport").text).text


@pytest.mark.parametrize("required", [True, False])
def test_the_playground_wants_a_key_where_the_gateway_does(tmp_path: Path, required: bool) -> None:  # noqa: FBT001 - a case of the table
    config = site(tmp_path).settings.server.model_copy(update={"require_keys": required})
    made = site(tmp_path)
    made.settings = type(made.settings)(
        **{name: getattr(made.settings, name) for name in made.settings.__slots__} | {"server": config}
    )
    assert ('id="key"' in made.get("/playground").text) is required


def test_a_ledger_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    made = site(tmp_path)
    assert made.get("/").status == 200  # it serves, and then the file goes
    made.ledger.unlink()
    answer = made.get("/")
    assert answer.status == 503
    assert "there is no ledger" in read(answer.text).text


def test_every_page_prints_its_time_zone_and_is_kept_by_nobody(here: Site) -> None:
    for path in ("/", "/requests", "/requests/req_own1", "/playground"):
        answer = here.get(path)
        assert "Times are UTC." in read(answer.text).text
        assert answer.headers["cache-control"] == "no-store"


def test_every_path_and_every_word_of_a_query_is_in_the_reference() -> None:
    text = (ROOT / "docs" / "reference" / "http.md").read_text()
    words = [*PAGES, *FIELDS, "/assets/{name}", "since"]
    words += [field for field in Choice.__slots__ if field != "span"]
    assert [word for word in words if f"`{word}`" not in text] == []
