"""The hub's own client, at the stand-in hub that `freehold pull` is tested against: it finds a hub there.

Nobody here can ask the real one; so what the stand-in says is held against what its client understands.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from tests.engine.stand_in_hub import commit_of, stand_in_hub

hub_client = pytest.importorskip(
    "huggingface_hub", reason="the hub's own client is not installed: `make test-clients`"
)

WEIGHTS = b"GGUF" + bytes(range(256)) * 40
FILES = {"tiny-Q4_K_M.gguf": WEIGHTS, "README.md": b"# A model", "config.json": b"{}"}


def test_its_own_client_lists_and_fetches_from_the_stand_in(tmp_path: Path) -> None:
    with stand_in_hub() as hub:
        hub.store = hub.store.replace("127.0.0.1", "localhost")  # another host, as a hub's store is
        hub.add("org/tiny", FILES, cardData={"license": "apache-2.0"})
        client = hub_client.HfApi(endpoint=hub.url, token=False)
        info = client.model_info("org/tiny")
        assert info.sha == commit_of(FILES)
        assert info.card_data.license == "apache-2.0"
        listed = {entry.path: entry for entry in client.list_repo_tree("org/tiny", recursive=True)}
        assert {path: entry.size for path, entry in listed.items()} == {p: len(c) for p, c in FILES.items()}
        assert listed["tiny-Q4_K_M.gguf"].lfs.sha256 == hashlib.sha256(WEIGHTS).hexdigest()
        for path, content in FILES.items():
            fetched = hub_client.hf_hub_download(
                "org/tiny", path, endpoint=hub.url, cache_dir=tmp_path, token=False
            )
            assert Path(fetched).read_bytes() == content


def test_a_long_list_is_read_to_its_end_by_both() -> None:
    many = {f"{n:03}.txt": b"x" for n in range(25)} | FILES
    with stand_in_hub() as hub:
        hub.page_size = 10
        hub.add("org/many", many)
        client = hub_client.HfApi(endpoint=hub.url, token=False)
        assert {entry.path for entry in client.list_repo_tree("org/many", recursive=True)} == set(many)


def test_both_tell_a_gated_model_from_a_missing_one() -> None:
    with stand_in_hub() as hub:
        hub.add("org/gated", FILES)
        hub.gated.add("org/gated")
        client = hub_client.HfApi(endpoint=hub.url, token=False)
        with pytest.raises(hub_client.errors.GatedRepoError):
            list(client.list_repo_tree("org/gated"))
        with pytest.raises(hub_client.errors.RepositoryNotFoundError):
            client.model_info("org/nobody")
