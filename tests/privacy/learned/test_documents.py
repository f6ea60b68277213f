"""A part of a learned document is found though it was reformatted; common text is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import ROOT
from tests.privacy.learned.lessons import KEY, found, packed_documents, spans

from freehold.privacy import DocumentShingles, Seal

MEMO = """\
Minutes of the steering group, 4 March

The Wolverton smelter is to be mothballed in the third quarter; its two furnaces go to Ploiesti. Until the
works council has been heard, nobody outside this circle is to learn of it. The severance envelope is capped
at eleven million, of which four are provisioned already. Quillfeather advises on the carve-out of the rolling
mill, whose buyer insists on the nickel hedges being novated before closing.
"""
CODE = """\
def settle_hedges(portfolio, spot_curve):
    exposure = sum(leg.notional * spot_curve.forward(leg.maturity) for leg in portfolio.nickel_legs)
    margin = exposure * HAIRCUT_BY_RATING[portfolio.counterparty.rating]
    ledger.post(margin, account=portfolio.margin_account, memo="nightly nickel margin")
    return margin
"""
LEARNED = packed_documents([MEMO, CODE])


def test_a_sentence_is_found_though_case_and_line_breaks_and_quotation_changed() -> None:
    part = MEMO[MEMO.index("The Wolverton") : MEMO.index("Until")]
    for text in (part, part.upper(), part.replace(" ", "\n> "), f"<p>{part.replace(';', '</p><p>')}</p>"):
        assert found(f"Please rephrase: {text}", LEARNED) != []


def test_code_is_found_though_it_was_reformatted_and_its_comments_changed() -> None:
    squeezed = re.sub(r"\s+", " ", CODE)
    assert found(squeezed, LEARNED) != []
    assert (
        found(CODE.replace("(", "(\n        ").replace("    exposure", "    # why?\n\texposure"), LEARNED)
        != []
    )
    assert found("\n".join(CODE.splitlines()[1:3]), LEARNED) != []


def test_the_span_is_where_the_copy_stands_and_says_that_it_is_of_a_document() -> None:
    before = "Could you translate this into French for me, please? "
    (span,) = spans(before + MEMO.splitlines()[2], LEARNED)
    assert (span.type, span.known) == ("SECRET", "document")
    assert span.start >= len(before)
    assert span.end > len(before) + 60


@pytest.mark.parametrize(
    "text",
    [
        "Where is the third quarter's report, and who is in the steering group?",
        "for leg in portfolio: margin = sum(leg)",
        "Licensed under the Apache License, Version 2.0; you may not use this file except in compliance.",
        "",
    ],
)
def test_single_words_and_common_phrases_are_nobodys_document(text: str) -> None:
    assert found(text, LEARNED) == []


def test_licences_and_imports_are_not_learned() -> None:
    licence = (ROOT / "LICENSE").read_text()
    head = "# Copyright 2026 Quillfeather\n# SPDX-License-Identifier: Apache-2.0\n\n"
    imports = (
        "import asyncio\nfrom quillfeather.smelter.furnaces import tapping, charging, skimming, fluxing\n"
    )
    learned = packed_documents([head + imports + "\n" + CODE])
    assert found(head + imports, learned) == []
    assert found(licence[:4000], learned) == []
    assert found(CODE, learned) != []


def test_what_stands_in_many_files_of_a_house_is_its_boilerplate() -> None:
    footer = "Quillfeather Wolverton foundries: confidential memoranda circulate via registered couriers."
    files = [f"{footer}\n\n{'abcdefghijklmnopqrstuvwxyz'[n % 26]}{n}x zyxomma" for n in range(60)]
    assert found(footer, packed_documents(files)) == []
    assert found(footer, packed_documents(files[:5])) != []


def test_a_document_too_short_to_be_known_is_counted() -> None:
    prints = DocumentShingles(Seal(KEY))
    for text in ("hello", MEMO):
        prints.add(text)
    assert (prints.values, prints.left_out) == (1, 1)


WORDS = [w for w in re.findall(r"[a-z]+", (MEMO + CODE).lower()) if len(w) > 1]


@given(st.integers(0, 60), st.sampled_from([" ", "\n", ", ", " \u2014 ", "\t\t", "**"]), st.booleans())
def test_any_run_of_so_many_words_is_found_in_any_format(start: int, joint: str, upper: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    text = joint.join(WORDS[start : start + 28])
    assert found(text.upper() if upper else text, packed_documents([" ".join(WORDS)])) != []


def test_no_line_of_a_document_is_in_what_is_kept(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(LEARNED)
    held = kept.read_bytes().lower()
    for word in {word for word in WORDS if len(word) > 3} - {"kind", "name", "type", "values"}:
        assert word.encode() not in held.partition(b"\n")[2].partition(b"\n")[2]
