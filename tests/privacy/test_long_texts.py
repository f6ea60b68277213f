"""Long texts are scanned piece by piece: nothing is lost at the seams, and time grows with length alone."""

from __future__ import annotations

import time
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.privacy.found import found, usual_scanner

from freehold.privacy import Reading, Span, scan

CARD = "4539 1488 0343 6467"


@given(st.integers(0, 20_000), st.sampled_from(["lorem ipsum ", "x", "a,b;c ", "ä ö\n"]))
def test_a_value_is_found_wherever_it_stands_in_a_long_text(before: int, filler: str) -> None:
    text = (filler * 20_000)[:before] + f" card {CARD} " + (filler * 20_000)[:9_000]
    start = text.index(CARD)
    assert [(s.start, s.end) for s in usual_scanner().spans(text) if s.type == "CREDIT_CARD"] == [
        (start, start + len(CARD))
    ]


@pytest.mark.parametrize("before", [0, 5_000, 7_000, 8_100, 8_190, 12_000])
def test_a_private_key_is_whole_wherever_it_stands(before: int) -> None:
    kind = "RSA PRIVATE " + "KEY"
    block = f"-----BEGIN {kind}-----\n" + "q7Zr2Lm9Xc4Vb8Nt\n" * 180 + f"-----END {kind}-----"
    text = ("word " * 4_000)[:before] + "\n" + block + "\nword" * 3_000
    (span,) = usual_scanner().spans(text)
    assert text[span.start : span.end] == block


def test_a_long_encoded_file_is_read() -> None:
    file = b64encode(("nothing here\n" * 3_000 + f"card {CARD}\n").encode()).decode()
    assert [type_ for type_, _ in found(f"data:text/plain;base64,{file}")] == ["CREDIT_CARD"]


def test_the_caller_is_asked_between_pieces_and_may_end_it() -> None:
    class Enough(Exception):
        pass

    def enough() -> None:
        raise Enough

    assert usual_scanner().spans("short", enough) == ()
    with pytest.raises(Enough):
        usual_scanner().spans("word " * 10_000, enough)


@given(
    st.text(st.sampled_from("0123456789AB -./()+\n"), max_size=60), st.sampled_from(["", "ssn ", "tax id: "])
)
def test_no_span_goes_beyond_its_text(numbers: str, before: str) -> None:
    text = before + numbers
    for span in usual_scanner().spans(text):
        assert 0 <= span.start < span.end <= len(text)


class _Says:
    """A detector that finds what it is told to."""

    def __init__(self, spans: list[Span]) -> None:
        self.types = frozenset({"A", "B"})
        self._spans = spans

    def find(self, reading: Reading) -> list[Span]:
        return [] if reading.disguised else self._spans


_SPANS = st.tuples(
    st.integers(0, 30), st.integers(1, 15), st.sampled_from("AB"), st.sampled_from([0.5, 0.7, 1.0])
).map(lambda drawn: Span(drawn[0], drawn[0] + drawn[1], drawn[2], drawn[3]))


@given(st.lists(_SPANS, max_size=12))
def test_spans_are_told_apart_and_the_surest_is_whole(spans: list[Span]) -> None:
    told = scan("x" * 50, [_Says(spans)])
    covered = [at for span in told for at in range(span.start, span.end)]
    assert len(covered) == len(set(covered))
    assert covered == sorted(at for at in range(50) if any(s.start <= at < s.end for s in spans))
    surest = max((s.score for s in spans), default=0.0)
    for at in covered:
        if any(s.score == surest and s.start <= at < s.end for s in spans):
            assert next(s.score for s in told if s.start <= at < s.end) == surest


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    ["@", "a@", "1 ", "1-", "(1", "+1", "password=", "%41", "A", "4", ":", "one ", "\u200b", "а", "born 1 ",
     "http://a:b", f"{CARD} ", "(555) 123-4567 ", "34 ", "QUJDREVGR0hJSktMTU5PUA== "],
)  # fmt: skip
def test_hostile_texts_take_time_in_proportion_to_their_length(text: str) -> None:
    def seconds(length: int) -> float:
        start = time.thread_time()
        usual_scanner().spans((text * (length // len(text) + 1))[:length])
        return time.thread_time() - start

    assert seconds(320_000) < 16 * seconds(40_000) + 0.05  # quadratic would be 64 times
