"""The privacy page: what went where under which label, what proves it, and what fell silent."""

from __future__ import annotations

import csv
import io
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.console.asking import CONFIG, Reader, Site, attempt, nobody, read, record, site

from freehold.audit import SigningKey
from freehold.ledger import Sent, take_checkpoint

HOUR = 3600.0


def sent(label: str, clearance: str, model: str = "gpt", tenure: str = "rented") -> Any:
    permit = Sent(f"https://{model}.example:443", label, clearance, "home", "eu", "ab" * 32)
    return attempt(model=model, tenure=tenure, sent=permit)


def lived_in(folder: Path, *more: Any) -> Site:
    now = time.time()
    made = site(folder)
    rented = {"model": "gpt", "tenure": "rented"}
    made.wrote(
        *(
            record(f"req_p{n}", at=now, label="personal", found={"EMAIL_ADDRESS": 2}, attempts=(
                sent("personal", "secret", "llama", "owned"),)) for n in range(5)
        ),
        *(
            record(f"req_r{n}", at=now, **rented, found={}, attempts=(sent("internal", "internal"),))
            for n in range(3)
        ),
        record("req_play", at=now, model="play", tenure="rented", simulated=True, route="other"),
        record("req_unseen", at=now, label=None, route=None),
        nobody("req_no", at=now, label="secret"),
        record("req_old", at=now - 30 * HOUR, found={"IBAN_CODE": 1}),
        *more,
    )  # fmt: skip
    return made


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return lived_in(tmp_path_factory.mktemp("privacy"))


def page(here: Site, query: str = "?since=24h") -> Reader:
    answer = here.get(f"/privacy{query}")
    assert answer.status == 200, answer.text
    return read(answer.text)


def rows(here: Site, name: str, query: str = "?since=24h") -> list[dict[str, str]]:
    answer = here.get(f"/privacy/{name}.csv{query}")
    assert answer.headers["content-type"].startswith("text/csv")
    assert f'filename="{name}.csv"' in answer.headers["content-disposition"]
    return list(csv.DictReader(io.StringIO(answer.text)))


def number(cell: str) -> int:
    return int(cell.replace(",", ""))


def test_the_first_line_says_whether_anything_left_above_its_clearance(here: Site) -> None:
    said = page(here).text
    assert "Nothing left the house above its clearance in the last 24 hours." in said
    assert "8 attempts, 3 of them to rented models" in said


def test_every_total_of_a_label_is_the_sum_of_the_rows_behind_it(here: Site) -> None:
    labels, flows, *_ = page(here).tables
    counted: dict[str, int] = {}
    for _route, label, _answered, requests in flows[1:-1]:
        counted[label] = counted.get(label, 0) + number(requests)
    for name, *cells in labels[1:-1]:
        whole, *parts = map(number, cells)
        assert whole == sum(parts) == counted[name]
    assert set(counted) == {"personal", "internal", "secret", "not looked at"}
    whole, *parts = map(number, labels[-1][1:])
    assert whole == sum(parts) == sum(counted.values()) == number(flows[-1][-1]) == 11


def test_the_csv_behind_each_figure_has_its_rows(here: Site) -> None:
    shown = page(here)
    flows = rows(here, "flow")
    assert sum(int(row["requests"]) for row in flows) == 11
    assert len(flows) == len(shown.tables[1]) - 2
    assert {row["model"]: row["simulated"] for row in flows}["play"] == "true"
    left = rows(here, "sent")
    assert [
        (row["model"], row["label"], row["clearance"], row["above"], row["attempts"]) for row in left
    ] == [
        ("gpt", "internal", "internal", "false", "3"),
        ("llama", "personal", "secret", "false", "5"),
    ]
    found = {row["type"]: row for row in rows(here, "found")}
    assert (found["EMAIL_ADDRESS"]["requests"], found["EMAIL_ADDRESS"]["values"]) == ("5", "10")
    assert found["SECRET"]["detectors"] == "secret labelled"
    for name in ("flow", "sent", "found"):
        assert f"/privacy/{name}.csv?since=24h" in shown.links


def test_what_is_simulated_says_so(here: Site) -> None:
    flows = page(here).tables[1]
    assert [row[2] for row in flows if "play" in row[2]] == ["play rented simulated"]
    assert "1 rented, simulated" in page(here).text


def test_filters_stand_in_the_url_and_reach_the_figures(here: Site) -> None:
    labels, *_ = page(here, "?since=24h&route=other").tables
    assert labels[-1][1] == "1"
    assert rows(here, "flow", "?since=24h&route=-")[0]["label"] == ""
    links = page(here, "?since=24h&route=other").links
    assert "/privacy?since=30d&route=other" in links
    assert "/privacy/flow.csv?since=24h&route=other" in links
    assert page(here, "?since=all").tables[0][-1][1] == "12"
    assert here.get("/privacy?since=soon").status == 400
    assert "No request" in page(here, "?since=24h&route=never").text


def test_a_figure_leads_to_the_requests_that_it_counts(here: Site) -> None:
    links = [link for link in page(here).links if link.startswith("/requests?")]
    assert len(links) == 5
    for link in links:
        assert here.get(link).status == 200
    personal = next(link for link in links if "label=personal" in link)
    assert (
        "5 requests on support answered by llama labelled personal since"
        in read(here.get(personal).text).text
    )


def test_a_type_that_fell_silent_is_named_first_and_when_it_was_found_last(here: Site) -> None:
    shown = page(here)
    assert "Silent: IBAN_CODE. Found in the same length of time before" in shown.text
    found = shown.tables[-1]
    assert found[1][0] == "IBAN_CODE silent"
    assert found[1][3:5] == ["0", "0"]
    assert found[2][:5] == ["EMAIL_ADDRESS", "email_address", "personal", "5", "10"]
    assert [row["type"] for row in rows(here, "found") if row["silent"] == "true"] == ["IBAN_CODE"]
    said = page(here, "?since=all").text
    assert "Silent" not in said
    assert "Looked for, and never found in this ledger: 1 type" in said
    assert "Not looked for, as [privacy] says: 1 type" in said


def test_the_list_of_what_left_above_its_clearance_is_empty(here: Site) -> None:
    assert "Left the house above clearance None." in page(here).text


def test_what_left_above_its_clearance_heads_the_page_and_is_listed(tmp_path: Path) -> None:
    bad = record("req_bad", at=time.time(), attempts=(sent("secret", "internal"),))
    here = lived_in(tmp_path, bad)
    shown = page(here)
    assert "1 attempt left the house above the clearance of who received it" in shown.text
    assert "/requests/req_bad" in shown.links
    assert [row["above"] for row in rows(here, "sent")].count("true") == 1
    above = shown.tables[2]
    assert above[1][3:] == ["gpt", "https://gpt.example:443", "secret", "internal"]


def test_beside_the_list_stands_what_proves_it(tmp_path: Path) -> None:
    here = lived_in(tmp_path)
    assert "none yet the gateway signs one every" in page(here).text
    made = take_checkpoint(here.ledger, SigningKey.create())
    here.wrote(record("req_later"))
    said = page(here).text
    assert "the log has the root that it signed" in said
    assert made.root in said
    assert f"{made.tree_size:,} leaves signed, {made.tree_size + 1:,} leaves now" in said
    for command in ("freehold audit verify", "freehold audit report", "freehold audit prove REQUEST"):
        assert command in said


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE checkpoints SET root = printf('%064d', 7)",
        "UPDATE checkpoints SET tree_size = tree_size - 1",
        "UPDATE checkpoints SET public_key = printf('%064d', 7)",
        "DROP TRIGGER log_update; UPDATE log SET hashes = zeroblob(length(hashes))",
    ],
)
def test_a_checkpoint_that_does_not_fit_the_log_is_said(tmp_path: Path, attack: str) -> None:
    here = lived_in(tmp_path)
    take_checkpoint(here.ledger, SigningKey.create())
    with closing(sqlite3.connect(here.ledger)) as raw:
        raw.executescript(attack)
    assert "the log does not have the root that it signed, or nobody known signed it" in page(here).text


def test_the_page_of_a_request_says_what_left_by_which_permit(here: Site) -> None:
    shown = read(here.get("/requests/req_p1").text)
    assert shown.tables[1][1] == [
        *("llama", "https://llama.example:443", "eu", "personal", "secret", "home", "abababababababab…")
    ]
    assert "EMAIL_ADDRESS ×2" in shown.text
    assert "What left" not in read(here.get("/requests/req_no").text).text


def test_where_machines_stand_is_told_as_far_as_it_is_known(tmp_path: Path) -> None:
    """A model of our own engine is on this machine; elsewhere only the config knows."""
    (tmp_path / "tiny.gguf").write_bytes(b"GGUF")
    engine = '[models.tiny]\ntenure = "owned"\nprovider = "llamacpp"\nweights = "tiny.gguf"\n'
    made = site(tmp_path, f"{engine}\n{CONFIG}", ("llamacpp",))
    permit = Sent("http://127.0.0.1:4711", "secret", "secret", "home", None, "ab")
    attempts = tuple(attempt(model=model, tenure="owned", sent=permit) for model in ("tiny", "llama"))
    made.wrote(record("req_1", at=time.time(), attempts=attempts))
    for path in ("/privacy?since=all", "/requests/req_1"):
        told = read(made.get(path).text)
        rows = [row for table in told.tables for row in table if "http://127.0.0.1:4711" in row]
        assert {row[0].split()[0]: row[2] for row in rows} == {"tiny": "this machine", "llama": "not stated"}


def test_an_empty_ledger_has_a_page_too(tmp_path: Path) -> None:
    said = page(site(tmp_path), "").text
    assert "Nothing was sent to a model in the last 7 days." in said
    assert "No request was looked through" in said
