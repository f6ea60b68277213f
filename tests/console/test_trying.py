"""The box to try a text: a form that only we can have shown, whose text goes nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.console.asking import HERE, Site, read, site
from tests.console.test_login import AWAY, Browser

from freehold.access import create_key
from freehold.console.trying import pieces
from freehold.console.view import TriedSpan

TEXT = "anna@example.com <b>wrote</b>"


@pytest.fixture
def here(tmp_path: Path) -> Site:
    return site(tmp_path)


def local(here: Site) -> Browser:
    """A browser on this machine."""
    browser = Browser(here, client=HERE)
    browser.go("/privacy/try", host="127.0.0.1:8400")
    return browser


def form(browser: Browser, **headers: str) -> dict[str, str]:
    page = browser.go("/privacy/try", None, **headers).text
    token = page.partition('name="token" value="')[2].partition('"')[0]
    return {"token": token, "route": "support", "text": TEXT}


LOCAL = {"host": "127.0.0.1:8400"}


def test_what_was_found_is_marked_and_what_each_would_receive_stands_beside(here: Site) -> None:
    browser = local(here)
    answer = browser.go("/privacy/try", form(browser, **LOCAL), **LOCAL)
    assert answer.status == 200
    assert here.tried == [("support", TEXT)]
    shown = read(answer.text)
    assert "This would be a personal request." in shown.text
    assert shown.tables[0][1] == ["anna", "EMAIL_ADDRESS", "0.88", "0", "4"]
    assert '<mark class="">anna<span class="what"> EMAIL_ADDRESS</span></mark>' in answer.text
    assert "<b>wrote" not in answer.text
    assert "nothing · cleared for internal No." in shown.text
    assert "as it is · cleared for secret anna@example.com &lt;b" not in shown.text
    assert "as it is · cleared for secret anna@example.com <b>wrote</b>" in shown.text


@pytest.mark.parametrize("token", ["", "x" * 64, "é"])
def test_a_form_that_we_did_not_show_is_not_looked_at(here: Site, token: str) -> None:
    browser = local(here)
    fields = form(browser, **LOCAL)
    assert browser.go("/privacy/try", {**fields, "token": token}, **LOCAL).status == 403
    assert browser.go("/privacy/try", fields, sec_fetch_site="cross-site", **LOCAL).status == 403
    stranger = Browser(here, client=HERE)
    assert stranger.go("/privacy/try", fields, **LOCAL).status == 403  # without the cookie of the visit
    assert here.tried == []


def test_from_another_machine_it_wants_an_admins_session_and_the_token_of_that(here: Site) -> None:
    away = Browser(here, client=AWAY)
    assert away.go("/privacy/try", {"route": "support", "text": TEXT}).status == 401
    away.log_in(create_key(here.ledger, admin=True, who="test")[1])
    fields = form(away)
    assert away.go("/privacy/try", {**fields, "token": "0" * 64}).status == 403
    assert away.go("/privacy/try", fields).status == 200
    other = Browser(here, client=AWAY)
    other.log_in(create_key(here.ledger, admin=True, who="test")[1])
    assert other.go("/privacy/try", fields).status == 403
    assert len(here.tried) == 1


def test_a_route_that_is_none_and_a_text_that_is_too_long_are_refused(here: Site) -> None:
    browser = local(here)
    fields = form(browser, **LOCAL)
    assert browser.go("/privacy/try", {**fields, "route": "nope"}, **LOCAL).status == 404
    assert browser.go("/privacy/try", {**fields, "text": "x" * 300_000}, **LOCAL).status == 413
    many = fields | {f"f{n}": "" for n in range(20)}
    assert browser.go("/privacy/try", many, **LOCAL).status == 400
    assert here.tried == []


def test_no_text_is_taken_from_the_url(here: Site) -> None:
    assert "canary" not in here.get("/privacy/try?text=canary&q=canary").text


@given(st.text(max_size=60), st.data())
def test_the_pieces_are_the_text_and_the_marked_ones_its_spans(text: str, data: st.DataObject) -> None:
    places = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    found = [TriedSpan(a, b, "X", 1.0) for a, b in zip(places[::2], places[1::2], strict=False)]
    cut = list(pieces(text, found))
    assert "".join(part for part, _ in cut) == text
    assert [span for _, span in cut if span is not None] == found
    assert all(part == text[span.start : span.end] for part, span in cut if span is not None)
