"""The doctor on config, machine, ledger, weights and gateway: real files, a real gateway, real weights."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from tests.cli.conftest import CONFIG, Ended, Freehold, Wrote, spawn
from tests.cli.visits import RENTED, SECRET, found
from tests.conftest import serving
from tests.engine.tiny_gguf import Shape, write_gguf
from tests.gateway.upstream import (
    hangs,
    upstream,
)
from tests.ledger.samples import a_record


def test_a_key_that_is_not_here_is_a_mistake_and_the_rest_is_looked_at(
    freehold: Freehold, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UPSTREAM_KEY", raising=False)
    config.write_text(RENTED.format(url="http://127.0.0.1:9/v1", more=""))
    ended = freehold("doctor", "--json")
    checks = found(ended)
    assert ended.code == 1
    assert "UPSTREAM_KEY is not set" in checks["config", "models.gpt.key_env"]["said"]
    assert checks["model gpt", "reachable"]["verdict"] == "skipped"
    assert checks["ledger", "file"]["verdict"] == "good"


def test_a_config_that_cannot_be_used_tells_its_mistakes_alone(freehold: Freehold, config: Path) -> None:
    config.write_text(CONFIG.replace('own = "llama"', 'own = "lama"'))
    ended = freehold("doctor", "--json")
    assert ended.code == 1
    (check,) = ended.json["checks"]
    assert (check["name"], check["hint"]) == ("routes.support.own", 'did you mean "llama"?')


@pytest.mark.parametrize(("mode", "verdict"), [(0o600, "good"), (0o640, "good"), (0o644, "bad")])
def test_a_key_file_that_everybody_may_read_is_a_finding(
    freehold: Freehold, config: Path, mode: int, verdict: str
) -> None:
    key = config.parent / "key"
    key.write_text(SECRET)
    key.chmod(mode)
    text = RENTED.format(url="http://127.0.0.1:9/v1", more="")
    config.write_text(text.replace('key_env = "UPSTREAM_KEY"', 'key_file = "key"'))
    ended = freehold("doctor", "--json", "--no-ask")
    check = found(ended)["machine", "permissions"]
    assert check["verdict"] == verdict
    if verdict == "bad":
        assert check["hint"] == f"chmod 600 {key}"
    assert SECRET not in ended.out


def test_a_config_that_everybody_may_change_is_a_finding(freehold: Freehold, config: Path) -> None:
    config.chmod(0o666)
    assert found(freehold("doctor", "--json", "--no-ask"))["machine", "permissions"]["verdict"] == "bad"


@pytest.mark.usefixtures("config")
def test_the_ledger_is_opened_and_looked_through(freehold: Freehold, wrote: Wrote) -> None:
    path = wrote(*(a_record(f"r{n}") for n in range(300)))
    checks = found(freehold("doctor", "--json", "--no-ask"))
    assert [checks["ledger", name]["verdict"] for name in ("file", "integrity", "lag")] == ["good"] * 3
    assert "newest request 2026-09-21 14:13:20 UTC" in checks["ledger", "file"]["said"]
    whole = bytearray(path.read_bytes())
    whole[8192:12288] = b"\xff" * 4096
    path.write_bytes(bytes(whole))
    ended = freehold("doctor", "--json", "--no-ask")
    assert ended.code == 1
    damaged = [c for c in ended.json["checks"] if c["group"] == "ledger" and c["verdict"] == "bad"]
    assert "damaged" in damaged[0]["said"]
    assert damaged[0]["hint"]


@pytest.mark.usefixtures("config")
def test_a_file_that_is_no_ledger_is_a_finding(freehold: Freehold, folder: Path) -> None:
    (folder / "freehold.db").write_text("a shopping list" * 1000)
    ended = freehold("doctor", "--json", "--no-ask")
    assert ended.code == 1
    assert found(ended)["ledger", "file"]["verdict"] == "bad"


def test_weights_that_do_not_fit_or_are_broken_are_findings(freehold: Freehold, config: Path) -> None:
    owned = CONFIG.replace('"compatible"', '"llamacpp"').replace(
        'url = "http://127.0.0.1:9/v1"', 'weights = "w.gguf"'
    )
    config.write_text(owned)
    assert found(freehold("doctor", "--json", "--no-ask"))["model llama", "weights"]["verdict"] == "bad"
    write_gguf(config.parent / "w.gguf", Shape())
    checks = found(freehold("doctor", "--json", "--no-ask"))
    assert checks["model llama", "weights"]["verdict"] == "good"
    assert checks["model llama", "memory"]["verdict"] == "good"
    assert checks["machine", "llama.cpp"]["verdict"] == "good"
    config.write_text(owned.replace("slots = 4", "slots = 4\ncontext_tokens = 99_000_000"))
    assert found(freehold("doctor", "--json", "--no-ask"))["model llama", "context"]["verdict"] == "bad"


def test_the_sample_is_well_its_owned_model_started_for_the_while(folder: Path) -> None:
    assert spawn(["init"], folder).returncode == 0
    ended = spawn(["doctor", "--json"], folder, timeout=180)
    assert ended.returncode == 0, ended.stdout
    checks = {(check["group"], check["name"]): check for check in json.loads(ended.stdout)["checks"]}
    assert checks["model llama", "first token"]["verdict"] == "good"
    assert checks["model gpt", "price"]["said"].startswith("simulated: ")


def test_a_person_reads_marks_groups_and_hints(freehold: Freehold, config: Path) -> None:
    config.chmod(0o666)
    lines = freehold("doctor", "--no-ask").out.splitlines()
    assert {"Config", "Machine", "Ledger", "Gateway", "Model gpt", "Model llama"} <= set(lines)
    assert any(line.startswith("  ✓ price: ") for line in lines)
    assert any(line.startswith("  ✗ permissions: ") for line in lines)
    assert f"    hint: chmod o-w {config.name}" in lines
    assert lines[-1].startswith("2 findings")


def test_a_running_gateway_is_asked_and_its_ledger_has_the_question(folder: Path, free_port: int) -> None:
    (folder / "freehold.toml").write_text(CONFIG)
    with serving(folder, free_port):
        ended = spawn(["doctor", "--json"], folder)
        checks = {(check["group"], check["name"]): check for check in json.loads(ended.stdout)["checks"]}
        assert [checks["gateway", name]["verdict"] for name in ("running", "ready", "version")] == [
            "good"
        ] * 3
        assert checks["model gpt", "first token"]["said"].endswith("through the gateway")
        assert checks["model llama", "reachable"]["verdict"] == "bad"
        requests = [json.loads(line) for line in spawn(["requests", "--json"], folder).stdout.splitlines()]
        assert {request["model"] for request in requests if request["status"] == 200} == {"gpt"}
        assert ("gateway", "port") not in checks


def test_a_gateway_that_wants_keys_is_passed_by_without_one_and_refuses_a_wrong_one(
    folder: Path, free_port: int
) -> None:
    (folder / "freehold.toml").write_text(CONFIG.replace("port = 0", "port = 0\nrequire_keys = true"))
    with serving(folder, free_port):
        ended = spawn(["doctor", "--json"], folder)
        first = next(c for c in json.loads(ended.stdout)["checks"] if c["name"] == "first token")
        assert "gateway" not in first["said"]
        ended = spawn(["doctor", "--json", "--key", "wrong-key-of-ours"], folder)
        first = next(c for c in json.loads(ended.stdout)["checks"] if c["name"] == "first token")
        assert first["said"] == "the gateway that runs here does not let this key of ours ask it"
        assert "wrong-key-of-ours" not in ended.stdout


def test_a_gateway_that_runs_on_an_older_config_is_told_apart_from_a_model_that_is_gone(
    folder: Path, free_port: int
) -> None:
    (folder / "freehold.toml").write_text(CONFIG)
    with serving(folder, free_port):
        renamed = CONFIG.replace("models.gpt]", "models.new]").replace('"gpt"', '"new"')
        (folder / "other.toml").write_text(renamed)
        ended = spawn(["doctor", "--json", "--config", "other.toml"], folder)
        first = next(c for c in json.loads(ended.stdout)["checks"] if c["name"] == "first token")
        assert first["said"] == "the gateway that runs here does not know this model"


@pytest.mark.usefixtures("config")
def test_a_port_that_is_taken_is_a_finding(freehold: Freehold, config: Path) -> None:
    async def go() -> Ended:
        async with upstream(hangs) as served:
            port = served.url.removesuffix("/v1").rpartition(":")[2]
            config.write_text(CONFIG.replace("port = 0", f"port = {port}"))
            return await asyncio.to_thread(freehold, "doctor", "--json", "--no-ask")

    check = found(asyncio.run(go()))["gateway", "port"]
    assert check["verdict"] == "bad"
    assert "another program" in check["hint"]
