"""`freehold fit`: files, models of the config, and headers read over a hub on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import gguf
import numpy as np
import pytest
from tests.cli.conftest import CONFIG, Freehold
from tests.engine.stand_in_hub import Fault, StandInHub, stand_in_hub
from tests.engine.tiny_gguf import Shape, write_gguf

OWNED = """
[models.tiny]
tenure = "owned"
provider = "llamacpp"
weights = "tiny.gguf"
slots = 3
context_tokens = 512
"""
LLAMA_8B = {
    "model_type": "llama",
    "torch_dtype": "bfloat16",
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "hidden_size": 4096,
    "vocab_size": 128_256,
    "max_position_embeddings": 131_072,
}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandInHub]:
    with stand_in_hub() as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        monkeypatch.delenv("HF_TOKEN", raising=False)
        yield running


@pytest.fixture
def tiny(folder: Path) -> Path:
    return write_gguf(folder / "tiny.gguf", Shape())


def large_header(folder: Path) -> bytes:
    """A GGUF whose header is larger than the first piece that is asked for."""
    writer = gguf.GGUFWriter(folder / "large.gguf", "llama")
    writer.add_block_count(1)
    writer.add_head_count(4)
    writer.add_embedding_length(64)
    writer.add_context_length(2048)
    writer.add_token_list([f"token number {number} " + "x" * 40 for number in range(60_000)])
    writer.add_tensor("output.weight", np.ones((64, 64), dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return (folder / "large.gguf").read_bytes()


def test_a_small_file_fits_a_large_gpu(tiny: Path, freehold: Freehold) -> None:
    ended = freehold("fit", str(tiny), "--gpu", "h100")
    assert ended.code == 0, ended.err
    assert "✓ It fits" in ended.out
    assert "4 slots × 2,048 tokens × 0.25 KiB" in ended.out
    assert "estimate" in ended.out


def test_what_does_not_fit_is_exit_code_1_and_says_what_would(tiny: Path, freehold: Freehold) -> None:
    ended = freehold("fit", str(tiny), "--gpu", "L4", "--memory", "0.01")
    assert ended.code == 1
    assert "✗ It does not fit" in ended.out
    said = freehold("fit", str(tiny), "--gpu", "L4", "--memory", "0.01", "--json").json
    assert said["fits"] is False
    assert said["total_bytes"] == said["weight_bytes"] + said["cache_bytes"] + said["overhead_bytes"]
    assert said["most_slots"] == 0


def test_this_machine_is_measured(tiny: Path, freehold: Freehold) -> None:
    said = freehold("fit", str(tiny), "--json").json
    assert said["machine"]["name"] == "this machine"
    assert said["estimate"]["prefill"] is None
    assert (said["estimate"]["decode"] is None) is (said["machine"]["bandwidth"] is None)


def test_a_model_of_the_config_is_judged_as_the_config_runs_it(tiny: Path, freehold: Freehold) -> None:
    (tiny.parent / "freehold.toml").write_text(CONFIG + OWNED)
    said = freehold("fit", "tiny", "--json").json
    assert (said["slots"], said["context_tokens"]) == (3, 512)
    said = freehold("fit", "tiny", "--slots", "5", "--context", "100", "--json").json
    assert (said["slots"], said["context_tokens"]) == (5, 100)
    ended = freehold("fit", "gpt")
    assert ended.code == 2
    assert "sandbox" in ended.err


def test_the_builtin_model_fits_here(freehold: Freehold) -> None:
    said = freehold("fit", "builtin:triage", "--json").json
    assert said["fits"] is True
    assert said["model"]["architecture"] == "llama"


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (["fit", "nothing"], "no file and no model called nothing", 1),
        (["fit", "./nothing.gguf"], "no file and no model called", 1),
        (["fit", "builtin:other"], "no built-in model", 2),
        (["fit", "builtin:triage", "--gpu", "RTX 4091"], 'did you mean "RTX 4090"', 1),
        (["fit", "builtin:triage", "--context", "5000"], "trained for 1,024", 2),
    ],
)
def test_a_wrong_call_is_told_in_a_sentence(
    arguments: list[str], said: str, code: int, freehold: Freehold
) -> None:
    ended = freehold(*arguments)
    assert ended.code == code
    assert said in ended.err


def test_a_header_on_a_hub_is_read_without_the_weights(
    hub: StandInHub, folder: Path, freehold: Freehold
) -> None:
    content = large_header(folder)
    padded = content + bytes(20 << 20)
    hub.add("org/m-GGUF", {"m-Q4_K_M.gguf": padded, "m-Q8_0.gguf": padded * 2})
    hub.faults.append(Fault("cut", "m-Q4_K_M", after=100_000))
    ended = freehold("fit", "org/m-GGUF", "--gpu", "L4", "--json")
    assert ended.code == 0, ended.err
    said = ended.json
    assert said["model"]["parameters"] == 64 * 64
    assert said["model"]["trained_context_tokens"] == 2048
    assert [(o["quantisation"], o["fits"]) for o in said["offered"]] == [("Q4_K_M", True), ("Q8_0", True)]
    ranges = [asked.headers["range"] for asked in hub.of_store()]
    assert ranges[0] == ranges[1] == "bytes=0-1048575"
    assert int(ranges[-1].rpartition("-")[2]) < 8 << 20
    assert not (folder / "models").exists()


def test_a_model_in_safetensors_is_judged_by_its_config(
    hub: StandInHub, folder: Path, freehold: Freehold
) -> None:
    config = json.dumps(LLAMA_8B).encode()
    hub.add(
        "org/Llama-8B",
        {"model.safetensors": b"x", "config.json": config},
        safetensors={"total": 8_030_261_248},
    )
    hub.claimed["model.safetensors"] = {"size": 16_060_522_496}
    said = freehold("fit", "org/Llama-8B", "--gpu", "L4", "--json").json
    assert said["fits"] is True
    assert said["cache_bytes"] == 131_072 * 8192 * 4
    ended = freehold("fit", "org/Llama-8B", "--gpu", "T4")
    assert ended.code == 1
    assert "Q6_K" in ended.out
    assert list(folder.iterdir()) == []


def test_what_is_no_gguf_on_a_hub_is_told_so(hub: StandInHub, freehold: Freehold) -> None:
    hub.add("org/bad", {"m-Q4_K_M.gguf": b"<html>" * 1000})
    ended = freehold("fit", "org/bad")
    assert ended.code == 1
    assert "is not a GGUF file" in ended.err
