"""Fetching weights from a hub on loopback that fails, redirects, cuts and lies."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.engine.stand_in_hub import Fault, StandInHub, commit_of, stand_in_hub

from freehold.engine import hub as hubs
from freehold.engine.hub import (
    Chosen,
    Event,
    Finished,
    Hub,
    HubError,
    Patience,
    Progress,
    Pulled,
    Waiting,
    parse_name,
    pulled_from,
)
from freehold.engine.hub.address import follow
from freehold.errors import FreeholdError, UpstreamError

WEIGHTS = bytes(range(256)) * 4096  # 1 MiB
NAME = "m-Q4_K_M.gguf"
QUICK = Patience(tries=3, first_seconds=0.001)


@pytest.fixture
def hub() -> Iterator[StandInHub]:
    with stand_in_hub() as running:
        running.add(
            "org/m-GGUF",
            {NAME: WEIGHTS, "m-Q8_0.gguf": WEIGHTS * 2, "README.md": b"# m"},
            cardData={"license": "apache-2.0"},
        )
        yield running


def pull(
    hub: StandInHub,
    into: Path,
    name: str = "org/m-GGUF",
    *,
    token: str | None = None,
    told: list[Event] | None = None,
    room: int | None = None,
    patience: Patience = QUICK,
) -> Pulled:
    events: list[Event] = [] if told is None else told

    async def fetch() -> Pulled:
        async with Hub(hub.url, token) as there:
            wanted = parse_name(name)
            if room is None:
                return await hubs.pull(there, wanted, into, events.append, patience=patience)
            return await hubs.pull(there, wanted, into, events.append, patience=patience, room=lambda _: room)

    return asyncio.run(fetch())


def part_of(into: Path, content: bytes = WEIGHTS, name: str = NAME) -> Path:
    return into / f"{name}.{hashlib.sha256(content).hexdigest()[:12]}.part"


def leave_part(into: Path, content: bytes) -> None:
    """What a run that was killed has left."""
    into.mkdir(parents=True, exist_ok=True)
    part_of(into).write_bytes(content)


def test_weights_arrive_checked_with_their_origin_beside_them(hub: StandInHub, tmp_path: Path) -> None:
    told: list[Event] = []
    pulled = pull(hub, tmp_path / "models", told=told)
    assert pulled.path == tmp_path / "models" / NAME
    assert pulled.path.read_bytes() == WEIGHTS
    assert sorted(file.name for file in pulled.path.parent.iterdir()) == [NAME, f"{NAME}.source.json"]
    said = json.loads(pulled.record.read_text())
    assert said["repo"] == "org/m-GGUF"
    assert said["revision"] == commit_of(hub.repos["org/m-GGUF"])
    assert said["licence"] == "apache-2.0"
    assert said["quantisation"] == "Q4_K_M"
    assert said["page"] == f"{hub.url}/org/m-GGUF"
    assert said["pulled_at"].endswith("Z")
    (file,) = said["files"]
    assert file["sha256"] == hashlib.sha256(WEIGHTS).hexdigest()
    assert file["bytes"] == len(WEIGHTS)
    assert file["url"].startswith(f"{hub.url}/org/m-GGUF/resolve/{said['revision']}/")
    assert pulled_from(pulled.path) == pulled.provenance
    kinds = [type(event) for event in told]
    assert kinds[0] is Chosen
    assert kinds[-1] is Finished
    assert told[-2] == Progress(NAME, len(WEIGHTS), len(WEIGHTS))


def test_what_is_here_is_not_fetched_again(hub: StandInHub, tmp_path: Path) -> None:
    pull(hub, tmp_path)
    before = len(hub.of_store())
    told: list[Event] = []
    pull(hub, tmp_path, told=told)
    assert len(hub.of_store()) == before
    assert Finished(NAME, was_here=True) in told


def test_a_file_of_the_same_name_with_other_content_is_never_overwritten(
    hub: StandInHub, tmp_path: Path
) -> None:
    (tmp_path / NAME).write_bytes(b"mine")
    with pytest.raises(HubError, match="other content"):
        pull(hub, tmp_path)
    assert (tmp_path / NAME).read_bytes() == b"mine"


def test_a_broken_connection_goes_on_where_it_broke(hub: StandInHub, tmp_path: Path) -> None:
    hub.faults.append(Fault("cut", NAME, times=2, after=300_000))
    told: list[Event] = []
    assert pull(hub, tmp_path, told=told).path.read_bytes() == WEIGHTS
    first, second, third = hub.of_store(NAME)
    assert "range" not in first.headers
    begins = [int(asked.headers["range"].removeprefix("bytes=").rstrip("-")) for asked in (second, third)]
    assert 0 < begins[0] < begins[1] <= 600_000
    assert second.headers["if-range"].startswith('"')
    assert sum(isinstance(event, Waiting) for event in told) == 2


def test_as_long_as_it_gets_anywhere_it_goes_on(hub: StandInHub, tmp_path: Path) -> None:
    hub.faults.append(Fault("cut", NAME, times=8, after=100_000))
    assert pull(hub, tmp_path).path.read_bytes() == WEIGHTS


def test_an_answer_that_claims_to_be_whole_and_is_not_is_continued(hub: StandInHub, tmp_path: Path) -> None:
    hub.faults.append(Fault("short", NAME, after=500_000))
    assert pull(hub, tmp_path).path.read_bytes() == WEIGHTS


def test_what_an_earlier_run_left_is_taken_up(hub: StandInHub, tmp_path: Path) -> None:
    leave_part(tmp_path, WEIGHTS[:700_000])
    told: list[Event] = []
    assert pull(hub, tmp_path, told=told).path.read_bytes() == WEIGHTS
    (asked,) = hub.of_store(NAME)
    assert asked.headers["range"] == "bytes=700000-"
    assert isinstance(told[0], Chosen)
    assert told[0].missing_bytes == len(WEIGHTS) - 700_000
    assert told[1] == Progress(NAME, 700_000, len(WEIGHTS))


def test_a_part_that_is_whole_already_is_only_checked(hub: StandInHub, tmp_path: Path) -> None:
    leave_part(tmp_path, WEIGHTS)
    assert pull(hub, tmp_path).path.read_bytes() == WEIGHTS
    assert hub.of_store() == []


@pytest.mark.parametrize("kind", ["ignore range", "refuse range", "elsewhere"])
def test_a_store_that_does_not_go_on_as_asked_is_asked_from_the_start(
    hub: StandInHub, tmp_path: Path, kind: str
) -> None:
    leave_part(tmp_path, WEIGHTS[:700_000])
    hub.faults.append(Fault(kind, NAME))  # type: ignore[arg-type]  # one of the words it takes
    assert pull(hub, tmp_path).path.read_bytes() == WEIGHTS


def test_a_part_that_was_damaged_is_fetched_anew_once(hub: StandInHub, tmp_path: Path) -> None:
    leave_part(tmp_path, b"\xff" * 700_000)
    assert pull(hub, tmp_path).path.read_bytes() == WEIGHTS
    assert len(hub.of_store(NAME)) == 2


def test_a_part_longer_than_the_file_is_begun_anew(hub: StandInHub, tmp_path: Path) -> None:
    leave_part(tmp_path, WEIGHTS + b"more")
    assert pull(hub, tmp_path).path.read_bytes() == WEIGHTS


def test_a_part_of_another_commit_is_not_mixed_in(hub: StandInHub, tmp_path: Path) -> None:
    stale = tmp_path / f"{NAME}.0123456789ab.part"
    stale.write_bytes(WEIGHTS[:700_000])
    assert pull(hub, tmp_path).path.read_bytes() == WEIGHTS
    assert not stale.exists()
    assert "range" not in hub.of_store(NAME)[0].headers


def test_bytes_with_the_wrong_checksum_are_not_kept(hub: StandInHub, tmp_path: Path) -> None:
    hub.faults.append(Fault("wrong", NAME, times=9))
    with pytest.raises(HubError, match="another checksum") as raised:
        pull(hub, tmp_path)
    assert raised.value.hint
    assert list(tmp_path.iterdir()) == []


def test_more_bytes_than_listed_are_not_taken(hub: StandInHub, tmp_path: Path) -> None:
    digest = hashlib.sha256(WEIGHTS[:1000]).hexdigest()
    hub.claimed[NAME] = {"size": 1000, "lfs": {"oid": digest}}
    with pytest.raises(HubError, match=r"more for .* than the 1,000 bytes"):
        pull(hub, tmp_path)


def test_a_file_without_a_checksum_is_not_taken(hub: StandInHub, tmp_path: Path) -> None:
    hub.claimed[NAME] = {"lfs": {"size": len(WEIGHTS)}}
    with pytest.raises(HubError, match="gives no checksum"):
        pull(hub, tmp_path)
    assert hub.of_store() == []


def test_a_busy_hub_is_asked_again_when_it_says(hub: StandInHub, tmp_path: Path) -> None:
    hub.faults += [
        Fault("status", "/api/models/", status=429, headers={"retry-after": "0"}),
        Fault("status", NAME, status=503, times=2),
        Fault("status", NAME, status=500),
    ]
    told: list[Event] = []
    patience = Patience(tries=5, first_seconds=0.001)
    assert pull(hub, tmp_path, told=told, patience=patience).path.read_bytes() == WEIGHTS
    waits = [event for event in told if isinstance(event, Waiting)]
    assert len(waits) == 4
    assert waits[0].seconds == 0
    assert "429" in waits[0].why


def test_a_hub_that_asks_for_too_long_a_wait_is_believed_and_left(hub: StandInHub, tmp_path: Path) -> None:
    hub.faults.append(Fault("status", NAME, status=429, headers={"retry-after": "86400"}))
    with pytest.raises(UpstreamError, match="429"):
        pull(hub, tmp_path)


def test_a_hub_that_never_recovers_ends_it_and_keeps_what_came(hub: StandInHub, tmp_path: Path) -> None:
    hub.faults.append(Fault("status", NAME, times=99))
    leave_part(tmp_path, WEIGHTS[:200_000])
    with pytest.raises(UpstreamError, match="503"):
        pull(hub, tmp_path)
    assert part_of(tmp_path).stat().st_size == 200_000


def test_the_token_goes_to_the_hub_and_to_nobody_else(hub: StandInHub, tmp_path: Path) -> None:
    hub.gated.add("org/m-GGUF")
    told: list[Event] = []
    pulled = pull(hub, tmp_path, token="hf_secret", told=told)
    at_hub = [asked for asked in hub.asked if asked.origin == "hub"]
    assert {asked.headers.get("authorization") for asked in at_hub} == {"Bearer hf_secret"}
    assert hub.of_store()
    assert all("authorization" not in asked.headers for asked in hub.of_store())
    assert "hf_secret" not in pulled.record.read_text() + repr(told)


def test_a_token_that_would_travel_in_the_clear_is_not_sent() -> None:
    with pytest.raises(HubError, match="unencrypted"):
        Hub("http://hub.example", "hf_secret")
    with pytest.raises(HubError, match="one printable word") as raised:
        Hub("https://hub.example", "hf_\nsecret")
    assert "secret" not in str(raised.value)


def test_a_gated_model_is_told_from_a_missing_one(hub: StandInHub, tmp_path: Path) -> None:
    hub.gated.add("org/m-GGUF")
    with pytest.raises(HubError, match="gated") as raised:
        pull(hub, tmp_path)
    assert "HF_TOKEN" in str(raised.value.hint)
    with pytest.raises(HubError, match="no such model") as raised:
        pull(hub, tmp_path, "org/nothing")
    assert "check the name" in str(raised.value.hint)
    with pytest.raises(HubError, match="HF_TOKEN may not see it"):
        pull(hub, tmp_path, "org/nothing", token="hf_x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_refusal_is_not_asked_again(hub: StandInHub, tmp_path: Path, status: int) -> None:
    hub.faults.append(Fault("status", "/api/models/", status=status, times=9))
    with pytest.raises(HubError):
        pull(hub, tmp_path)
    assert len(hub.asked) == 1


def test_redirects_in_a_circle_end(hub: StandInHub, tmp_path: Path) -> None:
    hub.redirect_to = f"{hub.url}/org/m-GGUF/resolve/{commit_of(hub.repos['org/m-GGUF'])}/{NAME}"
    with pytest.raises(HubError, match="more than 5 times"):
        pull(hub, tmp_path)
    assert sum("/resolve/" in asked.path for asked in hub.asked) == 6


def test_a_redirect_into_the_open_is_refused_and_one_to_this_machine_is_not() -> None:
    with pytest.raises(HubError, match="not encrypted"):
        follow("https://hub.example/a", b"http://store.example/b")
    assert follow("https://hub.example/a", b"http://127.0.0.1:9/b") == "http://127.0.0.1:9/b"
    assert follow("https://hub.example/a/b?x=1", b"../c?y=2") == "https://hub.example/c?y=2"
    with pytest.raises(HubError, match="without saying where"):
        follow("https://hub.example/a", None)


@pytest.mark.parametrize("target", ["ftp://x/y", "file:///etc/passwd", "http://user:pw@127.0.0.1/x"])
def test_a_redirect_to_what_cannot_be_asked_is_refused(hub: StandInHub, tmp_path: Path, target: str) -> None:
    hub.redirect_to = target
    with pytest.raises(HubError, match="nothing can be asked"):
        pull(hub, tmp_path)


def test_a_signed_address_is_not_shown(hub: StandInHub, tmp_path: Path) -> None:
    hub.faults.append(Fault("status", f"/org/m-GGUF/{NAME}", status=410))
    with pytest.raises(HubError, match="410") as raised:
        pull(hub, tmp_path)
    assert "signature" not in str(raised.value)


def test_a_full_disk_is_told_before_anything_is_fetched(hub: StandInHub, tmp_path: Path) -> None:
    with pytest.raises(HubError, match=r"1\.05 MB are to be fetched") as raised:
        pull(hub, tmp_path / "models", room=1000)
    assert "--into" in str(raised.value.hint)
    assert hub.of_store() == []
    assert not (tmp_path / "models").exists()


def test_a_model_that_no_disk_could_hold_is_refused(hub: StandInHub, tmp_path: Path) -> None:
    hub.claimed[NAME] = {"size": 10**18}
    with pytest.raises(HubError, match="are to be fetched"):
        pull(hub, tmp_path)


def test_all_parts_of_a_model_come_and_stand_beside_each_other(hub: StandInHub, tmp_path: Path) -> None:
    files = {f"Q8_0/b-Q8_0-0000{n}-of-00003.gguf": WEIGHTS[: n * 1000] for n in (1, 2, 3)}
    hub.add("org/big-GGUF", files)
    pulled = pull(hub, tmp_path, "org/big-GGUF:q8_0")
    assert pulled.path == tmp_path / "b-Q8_0-00001-of-00003.gguf"
    assert [(tmp_path / file.file).stat().st_size for file in pulled.provenance.files] == [1000, 2000, 3000]


def test_safetensors_come_with_their_tokenizer_into_a_folder_of_their_own(
    hub: StandInHub, tmp_path: Path
) -> None:
    files = {
        "model.safetensors": WEIGHTS,
        "config.json": b"{}",
        "tokenizer.json": b'{"a": 1}',
        "x.py": b"boo",
    }
    hub.add("org/full", files, cardData={"license": "mit"})
    pulled = pull(hub, tmp_path, "org/full")
    assert pulled.path == tmp_path / "org--full"
    names = sorted(file.name for file in pulled.path.iterdir())
    assert names == ["config.json", "model.safetensors", "source.json", "tokenizer.json"]
    digest = next(file.sha256 for file in pulled.provenance.files if file.file == "tokenizer.json")
    assert digest == hashlib.sha256(files["tokenizer.json"]).hexdigest()
    assert pulled_from(pulled.path / "model.safetensors") == pulled.provenance


def test_a_small_file_is_checked_as_git_names_it(hub: StandInHub, tmp_path: Path) -> None:
    hub.add("org/full", {"model.safetensors": WEIGHTS, "config.json": b"{}"})
    hub.claimed["config.json"] = {"oid": "0" * 40}
    with pytest.raises(HubError, match=r"config\.json has another checksum"):
        pull(hub, tmp_path, "org/full")


def test_pickles_are_refused_before_anything_is_fetched(hub: StandInHub, tmp_path: Path) -> None:
    hub.add("org/old", {"pytorch_model.bin": WEIGHTS})
    with pytest.raises(FreeholdError, match="may run code"):
        pull(hub, tmp_path, "org/old")
    assert hub.of_store() == []


def test_a_long_list_of_files_is_read_to_its_end(hub: StandInHub, tmp_path: Path) -> None:
    hub.page_size = 1
    assert pull(hub, tmp_path, "org/m-GGUF:Q8_0").path.name == "m-Q8_0.gguf"


def test_two_at_once_do_not_write_into_each_other(hub: StandInHub, tmp_path: Path) -> None:
    hub.faults.append(Fault("slow", NAME))

    async def both() -> list[BaseException | Pulled]:
        async with Hub(hub.url) as first, Hub(hub.url) as second:
            tasks = (
                hubs.pull(there, parse_name("org/m-GGUF"), tmp_path, lambda _: None)
                for there in (first, second)
            )
            return await asyncio.gather(*tasks, return_exceptions=True)

    outcomes = asyncio.run(both())
    refused = [outcome for outcome in outcomes if isinstance(outcome, HubError)]
    assert len(refused) == 1
    assert "another process" in str(refused[0])
    assert (tmp_path / NAME).read_bytes() == WEIGHTS


def test_what_is_no_hub_is_told_so(tmp_path: Path) -> None:
    with stand_in_hub() as other:
        other.faults.append(Fault("status", "/api/", status=200))
        with pytest.raises(HubError, match="does not answer in JSON"):
            pull(other, tmp_path)
    with pytest.raises(HubError, match="HF_ENDPOINT"):
        Hub("huggingface.co")
