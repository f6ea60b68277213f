from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from tests.cli.conftest import Freehold, Wrote
from tests.ledger.samples import a_record

from freehold.ledger import Attempt

pytestmark = pytest.mark.usefixtures("config")

HEAD = "date,model,requests,input_tokens,cached_tokens,output_tokens,cost_usd\n"
AGREES = HEAD + "2026-09-21,gpt-4o-mini,2,240,200,90,0.000075\n"


@pytest.fixture(autouse=True)
def _ledger(wrote: Wrote) -> None:
    wrote(a_record("req_1"), a_record("req_2"), a_record("req_3", simulated=True, provider="sandbox"))


def test_a_bill_that_agrees_says_so_first_and_ends_with_0(freehold: Freehold, folder: Path) -> None:
    (folder / "bill.csv").write_text(AGREES)
    ended = freehold("reconcile", "bill.csv")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[0] == "The bill agrees with the ledger on 1 model and day, 2026-09-21."


def test_a_bill_that_differs_names_model_day_amount_rows_and_lines_and_ends_with_1(
    freehold: Freehold, folder: Path
) -> None:
    (folder / "bill.csv").write_text(HEAD + "2026-09-21,gpt-4o-mini,2,240,200,90,0.25\n")
    ended = freehold("reconcile", "bill.csv")
    assert ended.code == 1
    said = "The bill differs from the ledger on 1 of 1 model and day, 2026-09-21: 0.25 USD more on the bill."
    assert ended.out.splitlines()[0] == said
    for part in ("gpt-4o-mini", "drift", "0.000075", "req_1", "req_2", "bill.csv:2"):
        assert part in ended.out
    assert "req_3" not in ended.out


def test_the_json_has_the_documented_shape(freehold: Freehold, folder: Path) -> None:
    (folder / "bill.csv").write_text(HEAD + "2026-09-21,gpt-4o-mini,3,240,200,90,\n")
    ended = freehold("reconcile", "bill.csv", "--json")
    assert ended.code == 1
    assert {name: ended.json[name] for name in ("verdict", "since", "until", "providers", "bills")} == {
        "verdict": "drift",
        "since": "2026-09-21",
        "until": "2026-09-21",
        "providers": [],
        "bills": [{"name": "bill.csv", "format": "plain", "lines": 1, "left_out": 0}],
    }
    (finding,) = ended.json["findings"]
    assert finding["figures"]["requests"] == {"bill": 3, "ledger": 2, "difference": 1, "verdict": "drift"}
    assert finding["figures"]["cost_usd"] == {
        "bill": None, "ledger": "0.0000750", "difference": None, "verdict": "agrees"
    }  # fmt: skip
    assert [row["request_id"] for row in finding["rows"]] == ["req_1", "req_2"]
    assert finding["bill_lines"] == ["bill.csv:2"]


def test_a_cut_stream_that_was_billed_is_explained_and_ends_with_0(
    freehold: Freehold, folder: Path, wrote: Wrote
) -> None:
    cut = Attempt("gpt", "rented", "openai", 0.1, 0.5, "cut", 200)
    wrote(a_record("req_4", attempts=(cut,), usage=None, cost_usd=None, status=502))
    (folder / "bill.csv").write_text(HEAD + "2026-09-21,gpt-4o-mini,3,300,200,120,0.0001\n")
    ended = freehold("reconcile", "bill.csv")
    assert ended.code == 0
    assert "but for 1 attempt that may have been billed" in ended.out
    assert "req_4" in ended.out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (AGREES.replace("240", "plenty"), "error: bill.csv:2: input_tokens 'plenty' is no number"),
        ("what,ever\n", "error: bill.csv:1: no known bill begins so"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_ends_with_2(
    freehold: Freehold, folder: Path, text: str, said: str
) -> None:
    (folder / "bill.csv").write_text(text)
    ended = freehold("reconcile", "bill.csv")
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert "hint:" in ended.err


@pytest.mark.parametrize(
    "arguments",
    [("missing.csv",), (), ("bill.csv", "--since", "2027-01-01"), ("bill.csv", "--tolerance", "x")],
)
def test_a_wrong_call_ends_with_2(freehold: Freehold, folder: Path, arguments: tuple[str, ...]) -> None:
    (folder / "bill.csv").write_text(AGREES)
    assert freehold("reconcile", *arguments).code == 2


def test_a_bill_that_is_not_there_is_named_with_the_folder_and_no_number_of_an_error(
    freehold: Freehold, folder: Path
) -> None:
    ended = freehold("reconcile", "missing.csv")
    assert ended.err == f"error: missing.csv does not exist\nhint: it was looked for in {folder}\n"
    (folder / "picture.csv").write_bytes(b"\x89PNG\xff")
    assert (
        freehold("reconcile", "picture.csv").err
        == "error: picture.csv cannot be read: it is not UTF-8 text\n"
    )


def test_only_the_days_asked_for_are_compared(freehold: Freehold, folder: Path) -> None:
    (folder / "bill.csv").write_text(AGREES + "2026-09-20,gpt-4o-mini,9,9,9,9,9\n")
    assert freehold("reconcile", "bill.csv").code == 1
    assert freehold("reconcile", "bill.csv", "--since", "2026-09-21").code == 0
    assert freehold("reconcile", "bill.csv", "--until", "2026-09-21").code == 1


def test_whose_bill_it_is_can_be_said(freehold: Freehold, folder: Path, wrote: Wrote) -> None:
    at = Attempt("groq", "rented", "groq", 0.1, 0.5, "ok", 200)
    wrote(a_record("req_5", attempts=(at,), model="groq", upstream_model="llama-3.1-8b-instant"))
    (folder / "bill.csv").write_text(AGREES)
    assert "only in the ledger" in freehold("reconcile", "bill.csv").out
    assert freehold("reconcile", "bill.csv", "--provider", "openai").code == 0


def test_openais_usage_export_is_compared_with_openais_requests_alone(
    freehold: Freehold, folder: Path, wrote: Wrote
) -> None:
    at = Attempt("azure", "rented", "azure", 0.1, 0.5, "ok", 200)
    wrote(a_record("req_6", attempts=(at,), model="azure", provider="azure"))
    start = int(datetime(2026, 9, 21, tzinfo=UTC).timestamp())
    (folder / "usage.csv").write_text(
        "start_time,end_time,num_model_requests,model,input_tokens,output_tokens,input_cached_tokens\n"
        f"{start},{start + 86_400},2.0,gpt-4o-mini-2024-07-18,240.0,90.0,200.0\n"
    )
    (folder / "costs.csv").write_text(
        "start_time,end_time,amount_value,amount_currency,line_item\n"
        f'{start},{start + 86_400},{Decimal("0.00005")},usd,"gpt-4o-mini-2024-07-18, input"\n'
        f'{start},{start + 86_400},{Decimal("0.000025")},usd,"gpt-4o-mini-2024-07-18, output"\n'
    )
    ended = freehold("reconcile", "usage.csv", "costs.csv", "--json")
    assert (ended.code, ended.json["providers"]) == (0, ["openai"])
    (finding,) = ended.json["findings"]
    assert all(figure["bill"] is not None for figure in finding["figures"].values())


def test_nothing_on_the_bill_and_nothing_in_the_ledger_agrees_and_says_so(
    freehold: Freehold, folder: Path
) -> None:
    (folder / "bill.csv").write_text(AGREES + "2026-09-22,gpt-4o-mini,0,0,0,0,0\n")
    ended = freehold("reconcile", "bill.csv")
    assert ended.code == 0
    row = next(line for line in ended.out.splitlines() if line.startswith("2026-09-22"))
    assert "agrees" in row
    assert "only in" not in row
