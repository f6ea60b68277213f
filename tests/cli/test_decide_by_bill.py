"""`freehold decide --usage`: volumes and lengths by a provider's bill."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numpy")

RENT = ["--rent", "openai/gpt-4o-mini", "--rent", "openai/gpt-4"]
OWN = ["--own", "llama-3.1-8b", "--precision", "fp8", "--gpu", "h100", "--gpu-usd-per-hour", "2.5"]
Freehold = Callable[..., Any]
BILL = """\
date,model,requests,input_tokens,cached_tokens,output_tokens,cost_usd
2026-11-01,gpt-4o-mini,100,90000,9000,20000,1.50
2026-11-02,gpt-4o-mini,300,270000,27000,60000,4.50
"""


def test_a_bill_gives_volumes_and_lengths(freehold: Freehold, folder: Path) -> None:
    (folder / "bill.csv").write_text(BILL)
    answer = freehold("decide", "--usage", "bill.csv", "--rent", "openai/gpt-4o-mini", "--json", *OWN).json
    traffic = answer["traffic"]
    assert Decimal(traffic["requests_per_month"]) == pytest.approx(Decimal(400) / 2 * 730 / 24)
    figures = [Decimal(traffic[name]) for name in ("input_tokens", "cached_tokens", "output_tokens")]
    assert figures == [900, 90, 200]
    seen = {"source": "the bill", "requests": 400, "days": 2.0, "usd": "6.00", "simulated": 0, "repeated": 0}
    assert answer["window"] == seen


def test_a_bill_whose_lines_stand_twice_is_taken_with_a_word_about_it(
    freehold: Freehold, folder: Path
) -> None:
    (folder / "bill.csv").write_text(BILL + "".join(BILL.splitlines(keepends=True)[1:]))
    asked = ("decide", "--usage", "bill.csv", *RENT)
    assert freehold(*asked, "--json").json["window"]["repeated"] == 2
    assert "2 lines of it stood there before, word for word" in freehold(*asked).out


def test_a_volume_that_was_typed_is_not_told_from_the_few_requests_of_a_bill(
    freehold: Freehold, folder: Path
) -> None:
    (folder / "bill.csv").write_text(BILL)
    scaled = freehold("decide", "--usage", "bill.csv", *RENT, *OWN, "--json").json
    assert scaled["reason"].startswith("Too little was seen to tell a month from it: 400 requests in 2 days")
    assert scaled["enough_was_seen"] is False
    typed = freehold(
        "decide", "--usage", "bill.csv", "--requests-per-month", "1M", *RENT, *OWN, "--json"
    ).json
    assert typed["enough_was_seen"] is True
    assert "Too little" not in typed["reason"]


@pytest.mark.parametrize(
    ("bill", "says"),
    [
        (
            BILL + "2026-11-03,gpt-4o-mini,1,10,11,1,1\n",
            "bill.csv:4: 11 cached tokens of 10 input tokens cannot be",
        ),
        (BILL + "2026-11-02,gpt-4o,1,1,0,1,1\n", "is about 2 models: gpt-4o, gpt-4o-mini"),
        ("date,model,cost_usd\n2026-11-01,gpt-4o,1\n", "tells no tokens"),
        ("date,model,input_tokens\n2026-11-01,gpt-4o,1\n", "counts no requests"),
        ("moon,phase\n1,2\n", "no known bill begins so"),
    ],
)
def test_a_bill_that_says_too_little_is_refused_with_a_hint(
    freehold: Freehold, folder: Path, bill: str, says: str
) -> None:
    (folder / "bill.csv").write_text(bill)
    ended = freehold("decide", "--usage", "bill.csv", *RENT)
    assert ended.code == 2
    assert says in ended.err
    assert "hint:" in ended.err


def test_a_bill_without_requests_gives_lengths_once_they_are_said(freehold: Freehold, folder: Path) -> None:
    (folder / "bill.csv").write_text("date,model,input_tokens,output_tokens\n2026-11-01,gpt-4o,24000,2400\n")
    said = freehold("decide", "--usage", "bill.csv", "--requests-per-month", "7300", *RENT, "--json").json
    assert [Decimal(said["traffic"][name]) for name in ("input_tokens", "output_tokens")] == [100, 10]
