"""The rooms of the house: who may import whom, and how long a file may be. Each rule is shown to bite."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.architecture import FLOORS, broken_rules, oversized, unexplained_exceptions, vague_names

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "freehold"
FOLDERS = [ROOT / name for name in ("src", "tests", "models", "bench", "scripts", "examples")]

Build = Callable[[dict[str, str]], Path]


@pytest.fixture
def house(tmp_path: Path) -> Build:
    """Builds a package `freehold` of the given files; every room has a front door."""

    def build(files: dict[str, str]) -> Path:
        package = tmp_path / "freehold"
        for room in (room for floor in FLOORS for room in floor):
            (package / room).mkdir(parents=True)
            (package / room / "__init__.py").touch()
        for name, text in files.items():
            (package / name).write_text(text)
        return package

    return build


def test_every_import_goes_down_and_through_a_front_door() -> None:
    assert broken_rules(PACKAGE) == []


def test_no_file_and_no_function_is_too_long_to_hold_in_mind() -> None:
    assert [fault for folder in FOLDERS for fault in oversized(folder)] == []


def test_every_exception_to_a_linter_rule_names_its_code_and_a_reason() -> None:
    assert [fault for folder in FOLDERS for fault in unexplained_exceptions(folder)] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [fault for folder in FOLDERS for fault in vague_names(folder)] == []


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("wire/ask.py", "from freehold.ledger import Record", "up from wire"),
        ("egress/pool.py", "import freehold.access", "on the same floor as egress"),
        ("trials/judge.py", "from freehold import gateway", "on the same floor as trials"),
        ("ledger/rows.py", "from freehold.wire.ask import Ask", "past its front door"),
        ("ledger/rows.py", "from freehold.wire import ask", "past its front door"),
        ("wire/ask.py", "def f():\n    from freehold.cli import main", "up from wire"),
        ("wire/ask.py", "import importlib\nimportlib.import_module('freehold.cli')", "up from wire"),
        ("wire/ask.py", "if TYPE_CHECKING:\n    import freehold.engine", "up from wire"),
        ("errors.py", "from freehold.wire import Ask", "below all rooms"),
        ("cellar.py", "", "no room of the house"),
        ("wire/ask.py", "import freehold.cellar", "which is no room"),
        ("wire/ask.py", "count = 0\ndef f():\n    global count", "global count"),
        ("wire/ask.py", "_seen: dict[str, int] = {}", "state of the module"),
        ("wire/ask.py", "_seen = collections.deque()", "state of the module"),
    ],
)
def test_a_tree_that_breaks_a_rule_is_found_out(house: Build, file: str, text: str, said: str) -> None:
    (fault,) = broken_rules(house({"wire/ask.py": "", file: text}))
    assert said in fault
    assert fault.startswith(f"freehold/{file}:")


def test_a_tree_that_keeps_the_rules_is_left_alone(house: Build) -> None:
    package = house(
        {
            "errors.py": "import enum",
            "__main__.py": "from freehold.cli import main",
            "wire/__init__.py": "from freehold.wire.ask import ask\n__all__ = ['ask']",
            "wire/ask.py": "from freehold.errors import Refused\n_WORDS = {'a': 1}",
            "ledger/rows.py": "from freehold.wire import ask\nfrom freehold.ledger import x",
            "cli/compose.py": "def f():\n    from freehold.gateway import App",
        }
    )
    assert broken_rules(package) == []


def test_what_is_too_long_is_found_out(tmp_path: Path) -> None:
    (tmp_path / "long.py").write_text("x = 1\n" * 401)
    (tmp_path / "winding.py").write_text("async def wind():\n" + "    x = 1\n" * 60)
    (tmp_path / "fine.py").write_text("def f():\n" + "    x = 1\n" * 59)
    long, winding = oversized(tmp_path)
    assert "401 lines" in long
    assert "wind has 61 lines" in winding


@pytest.mark.parametrize(
    "comment",
    ["noqa", "noqa: S311", "type: ignore", "type: ignore[call-arg]", "type: ignore # why not", "NOQA:S1"],
)
def test_an_exception_without_code_or_reason_is_found_out(tmp_path: Path, comment: str) -> None:
    (tmp_path / "bad.py").write_text(f"x = 1  # {comment}\n")
    assert len(unexplained_exceptions(tmp_path)) == 1


@pytest.mark.parametrize(
    "comment",
    ["noqa: S311, S1 - jitter guards nothing", "type: ignore[call-arg]  # as they call it", "noqed"],
)
def test_an_exception_with_code_and_reason_stands(tmp_path: Path, comment: str) -> None:
    (tmp_path / "good.py").write_text(f"x = 1  # {comment}\n")
    assert unexplained_exceptions(tmp_path) == []


@pytest.mark.parametrize("name", ["utils.py", "_helpers.py", "common/x.py", "manager.py"])
def test_a_name_that_says_nothing_is_found_out(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.touch()
    assert len(vague_names(tmp_path)) == 1
