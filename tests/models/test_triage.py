from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TRIAGE = ROOT / "models" / "triage"

pytestmark = pytest.mark.skipif(
    find_spec("xllamacpp") is None, reason="xllamacpp is not installed: no engine to ask"
)


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    """The shipped GGUF measured as it is served, in a child process, which the engine never outlives."""
    command = [sys.executable, str(TRIAGE / "evaluate.py"), "--fresh", "150", "--grammar-only", "--json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


# The shipped weights answer 0.952 of 500 fresh tickets exactly (the card); 150 of them vary by 0.018
# around that. It is to become 0.98: raise this with the weights that reach it.
SHIPPED_FRESH_EXACT = 0.91


def test_fresh_tickets_of_its_own_generator_are_answered_as_often_as_the_card_says(
    measured: dict[str, Any],
) -> None:
    assert measured["tickets"]["fresh"] == 150
    assert measured["fresh_grammar"]["exact"] >= SHIPPED_FRESH_EXACT


def test_tickets_written_by_hand_are_answered_exactly_more_often_than_not(measured: dict[str, Any]) -> None:
    assert measured["tickets"]["unseen"] >= 100
    assert measured["unseen_grammar"]["exact"] >= 0.60


def test_the_same_seed_makes_the_same_tickets_and_no_torch_is_needed() -> None:
    script = (
        "import sys; from tickets import generate as g; print(g(50, 3) == g(50, 3), 'torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=TRIAGE, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["True", "False"]


def test_every_order_id_of_the_generator_stands_in_its_ticket_and_may_be_answered() -> None:
    script = (
        "import tickets; from freehold.providers import load_grammar; g = load_grammar('ticket')\n"
        "named = [t for t in tickets.generate(3000, 11) if t.order_id]\n"
        "print(len(named), sum(t.order_id not in t.text for t in named),"
        " [t for t in named if f'\\\\\"{t.order_id}\\\\\"' not in g(t.text)])"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=TRIAGE,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    count, absent, forbidden = done.stdout.split(maxsplit=2)
    assert int(count) > 1000
    assert absent == "0"
    assert forbidden.strip() == "[]"
