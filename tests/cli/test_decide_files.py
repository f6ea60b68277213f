"""Files that `freehold decide` cannot use are told in words: which file, which line, what is expected."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import Freehold

pytest.importorskip("numpy")

TYPED = ["--requests-per-month", "10M", "--input-tokens", "500", "--output-tokens", "250"]
RENT = ["--rent", "openai/gpt-4o-mini"]


@pytest.mark.parametrize("option", ["--trace", "--usage", "--assumptions", "--answers", "--facts"])
@pytest.mark.parametrize("content", [b"", b"= [", b"\xff\xfe\x00", b"a,b\n1\n"])
def test_a_file_that_is_none_ends_with_2_and_a_sentence(
    freehold: Freehold, folder: Path, option: str, content: bytes
) -> None:
    (folder / "given.csv").write_bytes(content)
    ended = freehold("decide", *TYPED, *RENT, option, "given.csv")
    if content == b"" and option in {"--assumptions", "--answers", "--facts"}:
        assert ended.code == 0  # nothing said: nothing replaced
        return
    assert ended.code == 2
    assert ended.err.startswith("error: ")
    assert "Traceback" not in ended.err
    assert not ended.out


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("t.csv", "", "has no column"),
        ("t.csv", "t_ms,input_tokens,output_tokens\n", "holds no request"),
        ("t.csv", "t_ms,input_tokens,output_tokens\n0,1,1\n5,x,1\n", "line 3: input_tokens is 'x'"),
        ("t.csv", "t_ms,input_tokens,output_tokens\n0,-1,1\n", "line 2: input_tokens is -1"),
        ("t.csv", "t_ms,input_tokens,output_tokens\n0,1,1\n", "spans no time"),
        ("t.jsonl", '{"t_ms":0,"input_tokens":1,"output_tokens":1}\n{oops\n', "line 2"),
        ("t.parquet", "no", "cannot be read"),
        ("t.xlsx", "no", "is no form of a trace"),
    ],
)
def test_a_trace_that_cannot_be_used_names_its_line(
    freehold: Freehold, folder: Path, name: str, content: str, says: str
) -> None:
    (folder / name).write_text(content)
    ended = freehold("decide", "--trace", name, *RENT)
    assert ended.code == 2
    assert says in ended.err
    assert "hint:" in ended.err
