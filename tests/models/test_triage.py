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


# The shipped weights answer 0.987 of 2,000 fresh tickets exactly (the card);
# 150 of them vary by 0.009 around that.
SHIPPED_FRESH_EXACT = 0.95


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


# Each ticket twice: by the chat template, and raw, as training puts it. The same prompt has the same answer.
SHOUTED = """
import json, logging, xllamacpp
from evaluate import HERE
from template import as_read
logging.disable(logging.INFO)
params = xllamacpp.CommonParams()
params.model.path = str(HERE / "triage.gguf")
params.n_ctx, params.cpuparams.n_threads, params.verbosity = 1024, 1, -1
server = xllamacpp.Server(params)
tickets = ["MY PARCEL ORD-77 IS LATE.\\nWHERE IS IT?", " Where is 4711? ", "STOP IT! NO. A9-1", "ok 12"]
greedy = {"temperature": 0, "max_tokens": 40, "cache_prompt": False}
for ticket in tickets:
    chat = server.handle_chat_completions({"messages": [{"role": "user", "content": ticket}], **greedy})
    raw = server.handle_completions({"prompt": "<|ticket|>" + as_read(ticket) + "<|answer|>", **greedy})
    asked = [answer["usage"]["prompt_tokens"] for answer in (chat, raw)]
    said = [chat["choices"][0]["message"]["content"], raw["choices"][0]["text"]]
    print(json.dumps([as_read(ticket), *asked, *said]))
"""


def test_llama_cpp_puts_a_ticket_before_the_model_as_training_did() -> None:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{TRIAGE}"}
    done = subprocess.run(
        [sys.executable, "-c", SHOUTED],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    read = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    assert [line[0] for line in read] == [
        "my parcel ORD-77 is late.\nwhere is it?",
        "Where is 4711?",
        "stop it! no. A9-1",
        "ok 12",
    ]
    assert [line[1] for line in read] == [line[2] for line in read]
    assert [line[3] for line in read] == [line[4] for line in read]


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
