"""The docs say everything that there is, nothing that there is not, and their code runs."""

from __future__ import annotations

import configparser
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from scripts.reference import command_names, generated
from tests.code_blocks import LANGUAGES, Block, blocks_in, completed
from tests.conftest import ROOT, Gateway, serving

from freehold.cli import command_line
from freehold.config import (
    AuditSettings,
    LedgerSettings,
    ModelSettings,
    PriceSettings,
    RouteSettings,
    ServerSettings,
    parse,
    render_sample,
)
from freehold.costs import read_prices
from freehold.ledger import Attempt, Idle, IdleSums, ModelSums, Record, RouteSums, Stats
from freehold.privacy import all_types, detector_names
from freehold.providers import grammar_names, provider_names
from freehold.routing import policy_names
from freehold.wire import Usage

DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *DOCS.rglob("*.md")])
BLOCKS = [block for page in PAGES for block in blocks_in(page)]
ADDRESS = "127.0.0.1:8400"


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def of(*languages: str) -> list[object]:
    return [
        pytest.param(block, id=f"{name(block.file)}:{block.line}")
        for block in BLOCKS
        if block.language in languages
    ]


def runs(page: Path) -> list[Block]:
    """The blocks of a page that are run, in their order."""
    return [b for b in blocks_in(page) if b.language in ("bash", "python") and b.why_not_run is None]


# These change the config, so each has a gateway of its own.
OWN_GATEWAY = [DOCS / "tutorial.md"]
SHARED_GATEWAY = [page for page in PAGES if page not in OWN_GATEWAY and runs(page)]


def test_every_block_says_what_language_it_is_in() -> None:
    assert [f"{name(b.file)}:{b.line}: {b.language!r}" for b in BLOCKS if b.language not in LANGUAGES] == []


def test_a_block_that_is_not_run_has_a_reason() -> None:
    reasons = [block.why_not_run for block in BLOCKS if block.why_not_run is not None]
    assert reasons
    assert all(len(reason.split()) > 1 for reason in reasons)


@pytest.mark.parametrize("block", of("bash", "python"))
def test_a_block_is_sound_whether_or_not_it_is_run(block: Block) -> None:
    if block.language == "python":
        compile(block.code, str(block.file), "exec")
        return
    checked = subprocess.run(["bash", "-n"], input=block.code, text=True, capture_output=True, check=False)
    assert checked.stderr == ""
    assert checked.returncode == 0


@pytest.mark.parametrize("block", of("toml"))
def test_a_config_in_the_docs_has_no_mistake(block: Block, tmp_path: Path) -> None:
    if block.note == "read as prices":
        assert read_prices(block.code).prices
        return
    if block.note is not None and block.note.startswith("not a config: "):
        return
    variables = dict.fromkeys(re.findall(r'key_env\s*=\s*"(\w+)"', block.code), "not-a-key")
    parse(
        completed(block.code, render_sample()),
        source=f"{name(block.file)}:{block.line}",
        base=tmp_path,
        environ=variables,
        providers=provider_names(),
        policies=policy_names(),
        grammars=grammar_names(),
    )


@pytest.mark.parametrize("block", of("json", "ini"))
def test_what_is_shown_as_json_or_ini_is_that(block: Block) -> None:
    if block.language == "json":
        json.loads(block.code)
    else:
        configparser.ConfigParser(interpolation=None).read_string(block.code)


@pytest.mark.parametrize("page", [pytest.param(page, id=name(page)) for page in SHARED_GATEWAY])
def test_every_block_of_a_page_runs(page: Path, gateway: Gateway) -> None:
    run_page(page, gateway)


@pytest.mark.parametrize("page", [pytest.param(page, id=name(page)) for page in OWN_GATEWAY])
def test_every_block_of_a_page_that_changes_the_config_runs(
    page: Path, tmp_path: Path, free_port: int
) -> None:
    with serving(tmp_path, free_port) as own:
        run_page(page, own)


def run_page(page: Path, gateway: Gateway) -> None:
    """Runs a page's blocks as one script, in the gateway's folder, so that later blocks see earlier ones."""
    script = "\n".join(_steps(page, gateway))
    ran = subprocess.run(
        ["bash", "-euo", "pipefail"],
        input=script,
        text=True,
        cwd=gateway.folder,
        env=dict(gateway.environment),
        capture_output=True,
        check=False,
        timeout=300,  # a page that decides ten times takes a minute where nothing else runs
    )
    assert ran.returncode == 0, f"{name(page)}:\n{ran.stdout[-3000:]}\n{ran.stderr[-3000:]}"


def _steps(page: Path, gateway: Gateway) -> Iterator[str]:
    for block in runs(page):
        code = block.code.replace(ADDRESS, f"127.0.0.1:{gateway.port}")
        yield f"echo '--- line {block.line}'"
        if block.language == "python":
            yield f"python - <<'END OF BLOCK'\n{code}END OF BLOCK"
        else:
            yield code.replace("curl -s", "curl --fail-with-body -s")


@pytest.mark.parametrize("page", [pytest.param(page, id=name(page)) for page in PAGES])
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\((?!https?://|mailto:)([^)\s]+)\)", page.read_text()):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        anchors = [slug(heading) for heading in headings(file)] if anchor else [""]
        if not file.exists() or anchor not in anchors:
            broken.append(target)
    assert broken == []


def headings(file: Path) -> list[str]:
    return re.findall(r"^#+ (.+)$", file.read_text(), re.MULTILINE) if file.suffix == ".md" else []


def slug(heading: str) -> str:
    """A heading's anchor as code hosts make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_page_is_in_the_index() -> None:
    index = (DOCS / "README.md").read_text()
    missing = [name(page) for page in DOCS.rglob("*.md") if f"({page.relative_to(DOCS)})" not in index]
    assert missing == ["docs/README.md"]


@pytest.mark.parametrize("file", [pytest.param(file, id=file.name) for file in generated()])
def test_a_generated_part_is_what_the_code_says_now(file: Path) -> None:
    assert file.read_text() == generated()[file], "run `make docs`"


@pytest.mark.parametrize(
    "section",
    [ServerSettings, LedgerSettings, PriceSettings, AuditSettings, ModelSettings, RouteSettings],
)
def test_every_setting_is_in_the_reference(section: type[ModelSettings]) -> None:
    text = (DOCS / "reference" / "config.md").read_text()
    assert [key for key in section.model_fields if f"| `{key}` |" not in text] == []


@pytest.mark.parametrize("known", [provider_names(), policy_names(), tuple(grammar_names())])
def test_every_provider_policy_and_grammar_is_in_the_reference(known: tuple[str, ...]) -> None:
    text = (DOCS / "reference" / "routing.md").read_text()
    assert known
    assert [word for word in known if f"| `{word}` |" not in text] == []


def test_every_detector_and_type_is_in_the_reference() -> None:
    text = (DOCS / "reference" / "detection.md").read_text()
    assert [word for word in detector_names() if f"| `{word}` |" not in text] == []
    assert [word for word in sorted(all_types()) if f"`{word}`" not in text] == []


def test_every_command_and_each_of_its_options_is_in_the_reference() -> None:
    text = (DOCS / "reference" / "cli.md").read_text()
    names = [" ".join(words) for words in command_names(command_line)]
    assert "freehold keys create" in names
    assert [command for command in names if f"## `{command}`" not in text] == []


@pytest.mark.parametrize("values", [Record, Attempt, Idle, Usage, Stats, ModelSums, RouteSums, IdleSums])
def test_every_figure_of_the_ledger_is_in_the_reference(values: type[Record]) -> None:
    text = (DOCS / "reference" / "ledger.md").read_text()
    columns = {"from_": "from_at", "to": "to_at", "usage": "input_tokens"}
    fields = [columns.get(field, field) for field in values.__struct_fields__]
    assert [field for field in fields if f"`{field}`" not in text] == []


def test_every_error_code_of_the_surface_is_in_the_reference() -> None:
    text = (DOCS / "reference" / "http.md").read_text()
    rooms = ("wire", "gateway", "routing", "privacy", "egress", "cli", "access")
    files = [file for room in rooms for file in (ROOT / "src" / "freehold" / room).rglob("*.py")]
    files += [
        *(ROOT / "src" / "freehold" / "providers").glob("*.py"),
        ROOT / "src" / "freehold" / "errors.py",
    ]
    codes = {code for file in files for code in re.findall(r'code="(\w+)"', file.read_text())}
    assert "model_not_found" in codes
    assert sorted(code for code in codes - {"internal_error"} if f"`{code}`" not in text) == []


def test_every_header_of_ours_is_in_the_reference() -> None:
    text = (DOCS / "reference" / "http.md").read_text()
    files = (ROOT / "src" / "freehold" / "gateway").rglob("*.py")
    headers = {found for file in files for found in re.findall(r'b"(x-[a-z-]+)"', file.read_text())}
    assert "x-freehold-reason" in headers
    others = {"x-accel-buffering", "x-amzn-trace-id"}  # nginx's and a load balancer's
    assert sorted(header for header in headers - others if f"`{header}`" not in text) == []
