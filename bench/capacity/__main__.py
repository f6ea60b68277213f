"""Command line of the capacity benchmark."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from bench.capacity.evaluate import Held, Report, leave_out, report
from bench.capacity.fit import constants_at, fit, free_constants
from bench.capacity.rows import read_rows, say
from bench.capacity.write import write_constants
from freehold.costs.capacity import Constants, shipped_facts, textbook

_WAYS = ("group", "gpu", "model", "framework")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.capacity", description=__doc__)
    parser.add_argument("command", choices=("evaluate", "fit"))
    shared = Path(os.environ.get("FREEHOLD_SHARED", "../shared"))
    parser.add_argument("--data", type=Path, default=shared / "data/economics/throughput_public.csv")
    parser.add_argument("--by", choices=_WAYS, action="append", help="what is left out; all four")
    given = parser.parse_args()
    book = textbook()
    base = Constants(
        values={name: known.value for name, known in book.constants.items()},
        generations=book.generations,
        measured={},
        spread={},
        promises=book.promises,
        source="textbook",
    )
    rows = read_rows(given.data, shipped_facts(), base)
    best = fit(rows, base)
    _tell(
        "nothing",
        report([Held(row, say(row, constants_at(base, free_constants(), best.x))) for row in rows], "group"),
    )
    reports = {}
    for by in given.by or _WAYS:
        reports[by] = report(leave_out(rows, base, by, best), by)
        _tell(by, reports[by])
    if given.command == "fit":
        write_constants(constants_at(base, free_constants(), best.x), rows, reports)


def _tell(by: str, found: Report) -> None:
    print(f"Left out: {by}. Rows, median error of tokens a second, of TPOT")
    for name, (rows, tokens, tpot) in found.groups.items():
        print(f"  {name:40} {rows:4}  {tokens:6.1%}  {'' if tpot is None else f'{tpot:6.1%}'}")
    print(
        f"  mean over them {found.in_all:.1%}; fully stated {found.stated:.1%}; p90 of rows {found.p90:.1%}"
    )
    print(f"  TPOT {found.tpot:.1%}; spread {found.spread:.3f}, of TPOT {found.tpot_spread:.3f}")


if __name__ == "__main__":
    main()
