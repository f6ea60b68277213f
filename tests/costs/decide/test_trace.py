"""Traces as they are found: three forms, and what is wrong with a bad one."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from freehold.costs.decide import TraceError, read_trace

duckdb = pytest.importorskip("duckdb")

ROWS = [(0, 100, 20), (500, 50, 10), (250, 75, 0)]


def test_three_forms_of_the_same_trace_read_alike(tmp_path: Path) -> None:
    names = ("t_ms", "input_tokens", "output_tokens")
    (tmp_path / "t.csv").write_text(
        ",".join(names) + "\n" + "".join(f"{at},{given},{made}\n" for at, given, made in ROWS)
    )
    lines = [json.dumps(dict(zip(names, row, strict=True))) for row in ROWS]
    (tmp_path / "t.jsonl").write_text("\n".join(lines) + "\n")
    duckdb.read_csv(str(tmp_path / "t.csv")).write_parquet(str(tmp_path / "t.parquet"))
    for ending in ("csv", "jsonl", "parquet"):
        trace = read_trace(tmp_path / f"t.{ending}")
        assert trace.t_ms.tolist() == [0, 250, 500]
        assert trace.input_tokens.tolist() == [100, 75, 50]
        assert trace.output_tokens.tolist() == [20, 0, 10]
        assert trace.span_seconds == Decimal("0.5")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("t_ms,input_tokens\n1,2\n", "no column output_tokens"),
        ("t_ms,input_tokens,output_tokens\n", "holds no request"),
        ("t_ms,input_tokens,output_tokens\n1,2,3\n1,two,3\n", "line 3: input_tokens is 'two'"),
        ("t_ms,input_tokens,output_tokens\n1,-2,3\n", "line 2: input_tokens is -2"),
        ("t_ms,input_tokens,output_tokens\n1,2.5,3\n", "tokens are whole|line 2: input_tokens is 2.5"),
        ("t_ms,input_tokens,output_tokens\n1,,3\n", "line 2: input_tokens is missing"),
        ("t_ms,input_tokens,output_tokens\n1,2,3,4\n", "line 2: more cells"),
        ("t_ms,input_tokens,output_tokens,cached_tokens\n1,2,3,4\n", "line 2: 4 cached tokens of 2"),
    ],
)
def test_a_malformed_csv_is_refused_with_the_line_at_fault(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(TraceError, match=says):
        read_trace(path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"t_ms": 1, "input_tokens": 2, "output_tokens": 3}\nnonsense\n', "line 2"),
        ("[1, 2, 3]\n", "line 1: no JSON object"),
        ('{"t_ms": 1, "input_tokens": true, "output_tokens": 3}\n', "line 1: input_tokens is True"),
        ("\n\n", "holds no request"),
    ],
)
def test_malformed_json_lines_are_refused_with_the_line_at_fault(
    tmp_path: Path, text: str, says: str
) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(text)
    with pytest.raises(TraceError, match=says):
        read_trace(path)


def test_a_file_that_is_no_trace_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.parquet").write_bytes(b"PAR1 not really")
    for name, says in (("t.parquet", "cannot be read"), ("none.csv", "is not there"), ("t.xlsx", "no form")):
        with pytest.raises(TraceError, match=says):
            read_trace(tmp_path / name)


def test_only_the_asked_route_is_read(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("t_ms,input_tokens,output_tokens,route\n1,2,3,a\n2,20,30,b\n")
    assert read_trace(path, route="b").input_tokens.tolist() == [20]
    with pytest.raises(TraceError, match="holds no request of route c"):
        read_trace(path, route="c")


EXPORTS = {
    "litellm.csv": "request_id,startTime,prompt_tokens,completion_tokens,model_group\n"
    "a,2026-11-01T10:00:00Z,100,20,support\nb,2026-11-01 10:00:01.500,50,10,support\n",
    "helicone.csv": "request_created_at,prompt_tokens,completion_tokens,prompt_cache_read_tokens\n"
    "2026-11-01T10:00:00Z,100,20,\n2026-11-01T10:00:01.500Z,50,10,\n",
    "langfuse.jsonl": '{"startTime": "2026-11-01T10:00:00Z", "usageDetails": {"input": 100, "output": 20}}\n'
    '{"startTime": "2026-11-01T10:00:01.500Z", "usageDetails": {"input": 50, "output": 10}}\n',
    "langfuse.csv": "start_time,usage_details\n"
    '2026-11-01 10:00:00.000000,"{""input"": 100, ""output"": 20}"\n'
    '2026-11-01 10:00:01.500000,"{""input"": 50, ""output"": 10}"\n',
}


@pytest.mark.parametrize("name", EXPORTS)
def test_other_tools_exports_are_traces_too(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(EXPORTS[name])
    trace = read_trace(path)
    assert (trace.t_ms - trace.t_ms[0]).tolist() == [0, 1500]
    assert trace.input_tokens.tolist() == [100, 50]
    assert trace.output_tokens.tolist() == [20, 10]


def test_an_export_whose_time_cannot_be_read_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("startTime,prompt_tokens,completion_tokens\nyesterday,1,2\n")
    with pytest.raises(TraceError, match="line 2: t_ms is 'yesterday'"):
        read_trace(path)
