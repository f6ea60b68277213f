"""The report says what the decision says, in four pages, as HTML and as PDF alike, and needs nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from freehold.console import board
from freehold.costs import Price, Rates
from freehold.costs.decide import (
    Decision,
    Known,
    Owned,
    Question,
    Removed,
    Rented,
    Spread,
    ToAsk,
    Traffic,
    Way,
    Weighed,
    assumptions,
    decide,
    plan,
    sentence,
)
from freehold.costs.fleet import Outcome, Promise

pytest.importorskip("numpy")

AT = datetime(2026, 11, 24, 9, 30, 1, 5, tzinfo=UTC)
FLEET = Owned(
    "llama", "fp8", "h100", 2, Spread(4.0, 5.0, 6.0), Spread(2.0, 2.5, 3.0), notes=("vllm assumed",)
)
PAGES = ("The verdict", "What it costs", "Evidence and latency", "Risks, assumptions, how to reproduce")


def decided(**changes: object) -> Decision:
    traffic = Traffic(Decimal(3_000_000), Decimal(500), Decimal(250), 3.0)
    price = Price(Rates(Decimal(3), Decimal(6)), "a price list of today")
    names = ("openai/dear", "openai/<b>&amp;#odd")
    rented = [Rented(name, price) for name in names]
    question = Question(
        traffic, rented, [FLEET, replace(FLEET, gpu="a100", tenancy="spot")], assumptions(), worlds=400
    )
    return decide(replace(question, **changes))  # type: ignore[arg-type]  # fields of a question


def brief(decision: Decision, **changes: object) -> board.Brief:
    made = board.Brief(decision, Promise(2.0, 0.1), AT, "freehold report --pdf 'a b.pdf'", "freehold test")
    return replace(made, **changes)  # type: ignore[arg-type]  # fields of a brief


class _Words(HTMLParser):
    """The text of a page, a heading's too, and every tag with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.said).replace("\N{NO-BREAK SPACE}", " ").split())


def html_of(made: board.Report) -> _Words:
    return _Words(board.as_html(made))


def pdf_pages(made: board.Report) -> list[str]:
    pdfium = pytest.importorskip("pypdfium2")
    pytest.importorskip("typst")
    document = pdfium.PdfDocument(board.as_pdf(made, AT))
    texts = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return [" ".join(text.replace("\ufffe", "-").split()) for text in texts]


@pytest.fixture(scope="module")
def decision() -> Decision:
    return decided()


@pytest.fixture(scope="module")
def report(decision: Decision) -> board.Report:
    return board.board_report(brief(decision))


def test_there_are_four_pages_and_the_first_begins_with_the_verdict(
    report: board.Report, decision: Decision
) -> None:
    assert tuple(page.title for page in report.pages) == PAGES
    told = pdf_pages(report)
    assert len(told) == 4
    assert all(title in text for title, text in zip(PAGES, told, strict=True))
    assert told[0].startswith(sentence(decision))
    page = html_of(report)
    assert sentence(decision) in page.text
    assert page.text.index(sentence(decision)) < page.text.index("The verdict")


def test_letters_that_the_pdfs_fonts_lack_are_named_before_anybody_sees_a_box(decision: Decision) -> None:
    titled = [
        board.board_report(brief(decision, title=title))
        for title in ("支援: 租 or own 支", "Поддержка, Ενοικίαση, łódź, 4 ≤ 5 €, “so” – …", "ok \N{ROCKET}")
    ]
    assert [board.not_in_its_fonts(made) for made in titled] == ["支援租", "", "\N{ROCKET}"]


def test_the_pdf_shows_what_is_said_to_be_in_its_fonts(decision: Decision) -> None:
    """A letter without a shape in any font is drawn as the box that stands for any other."""
    pdfium = pytest.importorskip("pypdfium2")
    pytest.importorskip("typst")
    letters = "ĞčœĦşβΩжЯѢԱא€₿→≤□–…№"
    assert not board.not_in_its_fonts(board.board_report(brief(decision, title=letters)))

    def footer(title: str) -> bytes:
        made = board.as_pdf(board.board_report(brief(decision, title=title)), AT)
        page = pdfium.PdfDocument(made)[3]
        return bytes(page.render(scale=3, crop=(0, 0, 300, 790)).buffer)

    box = footer("支")
    assert footer("援") == box
    assert [letter for letter in letters if footer(letter) == box] == []


def test_a_board_page_names_no_command_but_the_last_one(report: board.Report) -> None:
    assert all("--json" not in text for text in pdf_pages(report))


def test_html_needs_nothing_outside_itself(report: board.Report) -> None:
    text = board.as_html(report)
    assert not re.search(r"\b(src|href|action)\s*=|url\(|@import|<script|<link|<iframe|https?://", text)
    assert {"light", "dark"} <= set(re.findall(r"light|dark", text))
    assert "@media print" in text
    assert "break-before:page" in text


def test_names_stand_as_they_are_and_are_never_read_as_markup(report: board.Report) -> None:
    page = html_of(report)
    assert "openai/<b>&amp;#odd" in page.text
    assert not [tag for tag, attributes in page.tags if tag == "b" and "odd" in str(attributes)]
    assert "openai/<b>&amp;#odd" in pdf_pages(report)[1]


def test_both_say_the_same_figures(report: board.Report, decision: Decision) -> None:
    page, told = html_of(report).text, " ".join(pdf_pages(report))
    assert decision.own is not None
    usd = decision.own.usd_per_month
    wanted = [f"{usd.p50:,.0f}", f"{usd.p10:,.0f} to {usd.p90:,.0f}", "a price list of today"]
    wanted += [row.name for row in decision.question.assumed.figures.values()]
    wanted += [f"{item.usd_per_month:,.0f} for tokens" for item in decision.rent]
    wanted += [item.name for item in decision.scenarios]
    assert [each for each in wanted if each not in page] == []
    assert [each for each in wanted if each not in told] == []


def test_every_assumption_has_its_source_and_date_on_the_last_page(
    report: board.Report, decision: Decision
) -> None:
    last = pdf_pages(report)[3]
    for row in decision.question.assumed.figures.values():
        assert row.as_of.isoformat() in last
        assert " ".join(row.source.split()[:3]) in last
    assert f"seed {decision.question.seed}" in last
    assert "freehold report --pdf 'a b.pdf'" in last


def test_the_plan_is_on_the_first_page(report: board.Report, decision: Decision) -> None:
    first = pdf_pages(report)[0]
    made = plan(decision, measured=False)
    assert made.now in first
    assert made.reopen
    for each in made.reopen:
        assert each.says[1:] in first


def test_with_real_arrivals_the_fleet_and_one_less_are_shown_beside_the_promise(decision: Decision) -> None:
    assert decision.own is not None
    enough = Outcome(3, 0.2, 1.9, 0.03, 0.05, 0.6, 900.0)
    less = Outcome(2, 4.0, 31.0, 0.06, 0.14, 1.0, 800.0)
    seen = board.Measured("trace.csv", 4_000, 0.5, None, has_arrivals=True)
    made = brief(decision, fleets=(Way(decision.own.owned, enough, less),), measured=seen)
    third = pdf_pages(board.board_report(made))[2]
    assert "3 0.2 1.9 50 60% kept" in third
    assert "2 4 31 140 100% broken" in third
    assert "4,000 requests over 12 hours" in third
    assert "Simulated: the traffic's own arrivals" in third


def test_without_arrivals_it_says_that_nothing_was_counted(report: board.Report) -> None:
    third = pdf_pages(report)[2]
    assert "no request was counted for this report" in third
    assert "arrivals drawn by chance" in third
    assert "every volume and length here was typed or assumed" in third


def test_traffic_that_a_sandbox_answered_is_called_simulated_on_every_page(decision: Decision) -> None:
    seen = board.Measured("the ledger", 40, 2.0, None, has_arrivals=True, simulated=39)
    made = board.board_report(brief(decision, measured=seen))
    says = "Simulated: 39 of 40 requests of this traffic were answered by a sandbox."
    assert all(says in page for page in pdf_pages(made))
    assert html_of(made).text.count(says) == 4


def test_a_bill_leaves_the_peak_assumed_and_says_what_was_paid(decision: Decision) -> None:
    seen = board.Measured("the bill", 900, 30.0, Decimal("412.50"), has_arrivals=False)
    third = pdf_pages(board.board_report(brief(decision, measured=seen)))[2]
    assert "412.50 USD were billed" in third
    assert "counts days, so the peak within a day is assumed" in third


def test_what_counts_beside_the_money_is_told_with_who_says_so() -> None:
    weighed = Weighed(
        removed=(Removed("openai/gone", "rent", "residency", "cannot be had in eu"),),
        to_ask=(ToAsk("openai/dear", "support", "whether support is business-hours"),),
        known=(
            Known(
                "llama",
                "does 88% of the work well enough (stated)",
                "our trial",
                date(2026, 11, 2),
                "quality",
            ),
        ),
    )
    told = pdf_pages(board.board_report(brief(decided(weighed=weighed))))
    assert "out: cannot be had in eu you declared residency" in told[3]
    assert "ask whether support is business-hours" in told[3]
    assert "our trial, 2026-11-02" in told[2]
    assert "whether llama is good enough" not in told[2]


def test_where_one_side_is_missing_the_report_still_says_what_is_known() -> None:
    only_rent = decided(owned=[])
    told = pdf_pages(board.board_report(brief(only_rent)))
    assert len(told) == 4
    assert told[0].startswith(sentence(only_rent))
    only_own = decided(rented=[])
    assert sentence(only_own) in pdf_pages(board.board_report(brief(only_own)))[0]


def test_a_full_report_still_has_four_pages() -> None:
    """Ten rented models, sixteen fleets, long names, sources of three lines, everything declared."""
    price = Price(Rates(Decimal(3), Decimal(6)), "the price list of a provider with a rather long name")
    rented = [Rented(f"some-provider/a-model-with-quite-a-long-name-{n}", price) for n in range(10)]
    owned = [
        replace(FLEET, model=f"deepseek-r1-distill-llama-70b-{n % 4}", gpu=f"gpu-{n}", gpus=1 + n)
        for n in range(16)
    ]
    asks = tuple(
        ToAsk(f"some-provider/model-{n}", "certifications", "whether it is certified by ISO 27001")
        for n in range(6)
    )
    facts = tuple(
        Known(
            f"some-provider/model-{n}",
            "keeps what it is sent for 30 days; " * 3,
            "https://example.com/terms" * 2,
            None,
        )
        for n in range(6)
    )
    made = brief(decided(rented=rented, owned=owned, weighed=Weighed(to_ask=asks, known=facts)))
    assert len(pdf_pages(board.board_report(made))) == 4


def test_the_same_report_is_the_same_bytes(report: board.Report) -> None:
    pytest.importorskip("typst")
    assert board.as_pdf(report, AT) == board.as_pdf(report, AT)
    assert board.as_html(report) == board.as_html(report)
