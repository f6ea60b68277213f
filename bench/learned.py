"""What learned values and documents cost to look for, how much room they take, and what they take for ours.

    python bench/learned.py [--values 1000000] [--code FOLDER]

Names are drawn from the public lists of US names by how common they are; `--code` is learned as documents
(this package, where none is named) and looked for in the code of the installed packages, which is not it. CPU
time of one thread, the least of five runs. Needs the public data (FREEHOLD_SHARED, or ../shared).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from freehold.cli.learning import learned
from freehold.cli.learning.teaching import Lesson, learn
from freehold.privacy import Detector, Reading

SHARED = Path(os.environ.get("FREEHOLD_SHARED", "../shared")) / "data" / "privacy"
SOURCE = Path(__file__).parents[1] / "src" / "freehold"
TIMES, BLOCK, WINDOW_LINES = 5, 1024, 40


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--values", type=int, default=1_000_000)
    asked.add_argument("--code", type=Path, default=SOURCE)
    given = asked.parse_args()
    prompts, posts = texts("clean_prompts"), texts("clean_wildguard")
    code = windows(Path(sysconfig.get_path("purelib")))
    print(f"a yardstick, two million additions: {yardstick():.2f} s CPU; python {sys.version.split()[0]}")
    for name, make, columns in (
        ("names", lambda folder: census(folder, given.values), ("name",)),
        ("distinct names of three words", lambda folder: distinct(folder, given.values), ("name",)),
        ("documents", lambda _: given.code, ()),
    ):
        print(f"\n{name}")
        with tempfile.TemporaryDirectory() as folder:
            detector = taught(make, Path(folder), columns)
            for what, looked in (("ordinary prompts", prompts), ("prompts held out", posts), ("code", code)):
                print(f"  {what}: {per_kb(detector, blocks(looked)):.1f} µs a KB; {alarms(detector, looked)}")
    with tempfile.TemporaryDirectory() as folder:
        detector = taught(lambda _: given.code, Path(folder), ())
        for lines in (2, 3, 5, 8):
            print(f"  copies of {lines} lines found: {copies(detector, given.code, lines):.0%}")


def taught(make: Callable[[Path], Path], folder: Path, columns: tuple[str, ...]) -> Detector:
    path, ledger = make(folder), folder / "freehold.db"
    began = time.process_time()
    held = learn(Lesson(path, columns, "PERSON" if columns else "SECRET", None), ledger, who="bench")
    size = held.file.stat().st_size / 1e6
    print(f"  {held.values:,} learned in {time.process_time() - began:.1f} s CPU: {size:.1f} MB", end="")
    began = time.process_time()
    detector, problems = learned(ledger)
    assert detector is not None
    assert not problems
    print(f", loaded in {time.process_time() - began:.3f} s")
    return detector


def census(folder: Path, count: int) -> Path:
    """Names by how common they are."""
    drawn = random.Random(7)
    columns = []
    for name in ("names_first_ssa", "names_surnames"):
        rows = [row.split("\t") for row in (SHARED / f"{name}.txt").read_text().splitlines()]
        columns.append(
            drawn.choices([row[0].title() for row in rows], [float(row[1]) for row in rows], k=count)
        )
    file = folder / "customers.csv"
    file.write_text("name\n" + "\n".join(" ".join(pair) for pair in zip(*columns, strict=True)))
    return file


def distinct(folder: Path, count: int) -> Path:
    """Names of which no two share a word, the most that there can be to keep."""
    file = folder / "customers.csv"
    file.write_text("name\n" + "\n".join(f"Ama{n:x}a Bet{n:x}e Cor{n:x}o" for n in range(count)))
    return file


def texts(name: str) -> list[str]:
    return [json.loads(line)["text"] for line in (SHARED / f"{name}.jsonl").read_text().splitlines()]


def windows(folder: Path, most: int = 4000) -> list[str]:
    """Pieces of public code, forty lines each."""
    found = []
    for file in sorted(folder.rglob("*.py")):
        lines = file.read_text(errors="replace").splitlines()
        found += ["\n".join(lines[at : at + WINDOW_LINES]) for at in range(0, len(lines), WINDOW_LINES)]
    return random.Random(3).sample(found, min(most, len(found)))


def blocks(looked: Sequence[str], most: int = 300) -> list[str]:
    whole = "\n".join(looked)
    return [whole[at : at + BLOCK] for at in range(0, min(len(whole), most * BLOCK), BLOCK)]


def per_kb(detector: Detector, looked: Sequence[str]) -> float:
    readings = [Reading(text) for text in looked]
    size = sum(len(text.encode()) for text in looked) / 1024
    return min(timed(detector, readings) for _ in range(TIMES)) / size * 1e6


def timed(detector: Detector, readings: Sequence[Reading]) -> float:
    began = time.thread_time()
    for reading in readings:
        list(detector.find(reading))
    return time.thread_time() - began


def alarms(detector: Detector, looked: Sequence[str]) -> str:
    found = sum(any(True for _ in detector.find(Reading(text))) for text in looked)
    return f"found something in {found} of {len(looked):,} ({found / len(looked):.2%})"


def copies(detector: Detector, code: Path, lines: int) -> float:
    """The share of copies found: so many lines out of a file, on one line and in capitals."""
    drawn, found, tried = random.Random(5), 0, 0
    for file in drawn.sample(sorted(code.rglob("*.py")), 200):
        said = [*_statements(file)]
        if len(said) > lines + 5:
            at = drawn.randrange(len(said) - lines)
            copy = " ".join(" ".join(said[at : at + lines]).upper().split())
            found += any(True for _ in detector.find(Reading(f"Please review: {copy}")))
            tried += 1
    return found / tried


def _statements(file: Path) -> Iterator[str]:
    for line in file.read_text(errors="replace").splitlines():
        if line.strip() and not line.startswith(("import", "from")):
            yield line


def yardstick() -> float:
    began, total = time.thread_time(), 0
    for number in range(2_000_000):
        total += number
    return time.thread_time() - began


if __name__ == "__main__":
    main()
