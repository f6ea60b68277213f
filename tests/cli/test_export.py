from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import tracemalloc
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.cli.conftest import Freehold, Wrote, environment, spawn
from tests.ledger.samples import a_record

from freehold.cli.exporting.text import write_csv, write_jsonl
from freehold.ledger import Attempt, Record
from freehold.wire import Usage

pytestmark = pytest.mark.usefixtures("config")

LATER = 1_790_000_500.0


def history() -> list[Record]:
    """Rented, owned, simulated, unknown, failed: real money is 0.0000375 × 2 + 0.0004166…7 in all."""
    return [
        a_record("req_1"),
        a_record("req_2", route=None, usage=None, cost_usd=None, label=None, key=None),
        a_record("req_3", provider="sandbox", simulated=True, cost_usd=Decimal("0.00021")),
        a_record("req_4", model="llama", tenure="owned", at=LATER, cost_usd=Decimal("0.0000375")),
        a_record(
            "req_5",
            at=LATER,
            model=None,
            tenure=None,
            status=503,
            usage=None,
            cost_usd=None,
            attempts=(),
            reason='=1+1 "quoted"\nwith, everything',
            error="naïve ☂",
        ),
        a_record("req_6", model="llama", tenure="owned", cost_usd=Decimal(1) / Decimal(2400)),
    ]


def exported(freehold: Freehold, folder: Path, *options: str) -> list[dict[str, Any]]:
    """The rows as DuckDB reads a Parquet file of them."""
    ended = freehold("export", "--format", "parquet", "--output", "rows.parquet", *options)
    assert ended.code == 0, ended.err
    with duckdb.connect(":memory:") as connection:
        read = connection.execute(
            'SELECT * REPLACE (epoch("at") AS "at") FROM read_parquet(?)', [str(folder / "rows.parquet")]
        )
        names = [column[0] for column in read.description or ()]
        return [dict(zip(names, row, strict=True)) for row in read.fetchall()]


def test_json_lines_hold_every_record_oldest_first(freehold: Freehold, wrote: Wrote) -> None:
    wrote(*history())
    rows = freehold("export", "--format", "jsonl").json_lines
    assert [row["request_id"] for row in rows] == [f"req_{n}" for n in range(1, 7)]
    first, unknown = rows[0], rows[1]
    assert first["cost_usd"] == "0.0000375"
    assert first["at"] == "2026-09-21T14:13:20.123Z"
    assert (first["input_tokens"], first["cached_tokens"], first["reasoning_tokens"]) == (120, 100, None)
    assert first["attempts"][0]["outcome"] == "ok"
    assert (unknown["route"], unknown["input_tokens"], unknown["cost_usd"]) == (None, None, None)


def test_csv_has_the_same_rows_with_unknown_left_empty(freehold: Freehold, wrote: Wrote) -> None:
    wrote(*history())
    rows = list(csv.DictReader(io.StringIO(freehold("export", "--format", "csv").out, newline="")))
    lines = freehold("export", "--format", "jsonl").json_lines
    assert list(rows[0]) == list(lines[0])
    assert [row["cost_usd"] for row in rows] == [line["cost_usd"] or "" for line in lines]
    assert [json.loads(row["attempts"]) for row in rows] == [line["attempts"] for line in lines]
    assert (rows[1]["route"], rows[1]["output_tokens"], rows[1]["stream"]) == ("", "", "false")


def test_a_spreadsheet_does_not_take_text_from_outside_for_a_formula(
    freehold: Freehold, wrote: Wrote
) -> None:
    wrote(*history())
    rows = list(csv.DictReader(io.StringIO(freehold("export", "--format", "csv").out, newline="")))
    assert rows[4]["reason"] == '\'=1+1 "quoted"\nwith, everything'
    assert rows[4]["error"] == "naïve ☂"


def test_parquet_holds_money_as_decimals_and_times_as_times(
    freehold: Freehold, wrote: Wrote, folder: Path
) -> None:
    wrote(*history())
    rows = exported(freehold, folder)
    lines = freehold("export", "--format", "jsonl").json_lines
    assert [list(row) for row in rows] == [list(line) for line in lines]
    assert rows[0]["cost_usd"] == Decimal("0.0000375")
    assert rows[5]["cost_usd"] == round(Decimal(1) / 2400, 24)
    assert rows[0]["at"] == 1_790_000_000.123
    assert [json.loads(row["attempts"]) for row in rows] == [line["attempts"] for line in lines]
    assert (rows[1]["route"], rows[1]["cost_usd"], rows[4]["error"]) == (None, None, "naïve ☂")
    with duckdb.connect(":memory:") as connection:
        kinds = connection.execute(
            "SELECT name, type, type_length FROM parquet_schema('rows.parquet') WHERE name = 'cost_usd'"
        ).fetchall()
    assert kinds == [("cost_usd", "FIXED_LEN_BYTE_ARRAY", "16")]


@pytest.mark.parametrize("since", [(), ("--since", "2026-09-21T14:21")])
def test_the_totals_of_an_export_are_those_of_stats(
    freehold: Freehold, wrote: Wrote, folder: Path, since: tuple[str, ...]
) -> None:
    wrote(*history())
    stats = freehold("stats", "--json", *since).json
    lines = freehold("export", "--format", "jsonl", *since).json_lines
    real = [line for line in lines if not line["simulated"]]
    assert len(lines) == stats["requests"]
    assert sum(Decimal(r["cost_usd"]) for r in real if r["cost_usd"]) == Decimal(stats["cost_usd"])
    assert sum(r["cost_usd"] is None for r in real) == stats["unknown_cost_requests"]
    assert sum(line["input_tokens"] or 0 for line in lines) == stats["input_tokens"]
    rows = [row for row in exported(freehold, folder, *since) if not row["simulated"]]
    known = [row["cost_usd"] for row in rows if row["cost_usd"] is not None]
    assert sum(known) == round(Decimal(stats["cost_usd"]), 24)


def test_rows_can_be_narrowed_down(freehold: Freehold, wrote: Wrote) -> None:
    wrote(*history())

    def ids(*options: str) -> list[str]:
        return [row["request_id"] for row in freehold("export", "--format", "jsonl", *options).json_lines]

    assert ids("--since", "2026-09-21T14:21") == ["req_4", "req_5"]
    assert ids("--until", "2026-09-21T14:21") == ["req_1", "req_2", "req_3", "req_6"]
    assert ids("--route", "support", "--since", "2026-09-21T14:21") == ["req_4", "req_5"]
    assert ids("--route", "nobody") == []


def test_a_file_is_whole_private_and_told_of(freehold: Freehold, wrote: Wrote, folder: Path) -> None:
    wrote(*history())
    (folder / "rows.csv").write_text("what stood there")
    ended = freehold("export", "--format", "csv", "--output", "rows.csv", "--json")
    assert ended.json == {"output": str(folder / "rows.csv"), "format": "csv", "requests": 6}
    assert (folder / "rows.csv").read_bytes().decode() == freehold("export", "--format", "csv").out
    assert (folder / "rows.csv").stat().st_mode & 0o777 == 0o600
    assert not list(folder.glob(".freehold-export*"))


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--format", "parquet"], 2, "--output FILE"),
        (["--format", "csv", "--json"], 2, "--output FILE"),
        (["--format", "xml"], 2, "xml"),
        (["--format", "csv", "--output", "freehold.toml"], 1, "in use by Freehold itself"),
        (["--format", "csv", "--output", "freehold.db"], 1, "in use by Freehold itself"),
        (["--format", "csv", "--output", "nowhere/rows.csv"], 1, "is not a folder"),
    ],
)
def test_what_cannot_be_written_is_refused_in_a_sentence(
    freehold: Freehold, wrote: Wrote, options: list[str], code: int, said: str
) -> None:
    wrote(*history())
    ended = freehold("export", *options)
    assert ended.code == code
    assert said in ended.err
    assert freehold("stats", "--json").json["requests"] == 6


def test_without_duckdb_parquet_says_what_to_install(wrote: Wrote, folder: Path) -> None:
    wrote(*history())
    blocked = (
        "import sys, importlib.util as u\n"
        "real = u.find_spec\n"
        "u.find_spec = lambda name, package=None: None if name == 'duckdb' else real(name, package)\n"
        "from freehold.cli.entry import run\n"
        "sys.exit(run(['export', '--format', 'parquet', '--output', 'rows.parquet']))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", blocked],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert 'pip install "freehold[decide]"' in ended.stderr


def test_an_export_to_a_pipe_is_utf_8_whatever_the_terminal_speaks(wrote: Wrote, folder: Path) -> None:
    wrote(*history())
    ended = subprocess.run(
        [sys.executable, "-m", "freehold.cli", "export", "--format", "jsonl"],
        cwd=folder,
        env={**environment(), "LANG": "C", "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        check=True,
    )
    assert json.loads(ended.stdout.decode().splitlines()[4])["error"] == "naïve ☂"
    assert spawn(["export", "--format", "jsonl"], folder).stdout == ended.stdout.decode()


@pytest.mark.parametrize("write", [write_csv, write_jsonl])
def test_memory_does_not_grow_with_the_ledger(write: Any, tmp_path: Path) -> None:
    attempts = (Attempt("gpt", "rented", "openai", 0.0, 0.5, "ok", error="x" * 500),) * 3

    def peak_bytes(number: int) -> int:
        many = (a_record(f"r{n}", attempts=attempts, usage=Usage(n, n)) for n in range(number))
        with (tmp_path / "rows").open("w") as file:
            tracemalloc.start()
            try:
                assert write(many, file) == number
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

    peak_bytes(10)
    assert peak_bytes(2_000) < peak_bytes(50) + 20_000
