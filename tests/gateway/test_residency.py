"""Where requests may go, and a server that rents nothing: a second test of the same kind as the label."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.conftest import environment
from tests.gateway import upstream as up
from tests.gateway.house import gateway
from tests.gateway.test_who_answers import two_homes

from freehold.errors import Refused
from freehold.privacy import Label, clear


def with_region(text: str, model: str, region: str) -> str:
    return text.replace(f"[models.{model}]", f'[models.{model}]\nregion = "{region}"')


@pytest.fixture(autouse=True)
def rented_key(tmp_path: Path) -> None:
    (tmp_path / "rented.key").write_text("sk-rented")


async def test_a_model_in_another_region_is_not_asked_though_it_is_the_home(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        text = two_homes(rent.url, own.url, 'regions = "eu"')
        async with gateway(tmp_path, with_region(with_region(text, "gpt", "us"), "llama", "eu")) as house:
            answer = await house.chat()
    assert answer.headers["x-freehold-model"] == "llama"
    assert "gpt was out: it stands in us" in answer.headers["x-freehold-reason"]
    assert rent.requests == []


async def test_a_model_whose_region_nobody_stated_gets_nothing_of_a_bounded_route(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url, 'regions = ["eu", "ch"]')) as house:
            answer = await house.chat()
    assert (answer.status, answer.error["code"]) == (403, "region_not_allowed")
    assert "ch, eu only" in answer.error["message"]
    assert rent.requests == own.requests == []


def test_the_permit_is_refused_for_another_region_too() -> None:
    with pytest.raises(Refused) as refused:
        clear(
            Label.PUBLIC, Label.SECRET, "https://a:443", policy="home", region="us", regions=frozenset({"eu"})
        )
    assert refused.value.code == "region_not_allowed"


async def test_own_only_rents_nothing_whatever_the_client_asks_for(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        text = two_homes(rent.url, own.url, top="[server]\nown_only = true")
        async with gateway(tmp_path, text) as house:
            answer = await house.chat()
            asked = await house.chat(headers={"x-freehold-home": "rent"})
            named = await house.chat("gpt")
    assert answer.headers["x-freehold-model"] == "llama"
    assert "this server asks owned models only" in answer.headers["x-freehold-reason"]
    assert {asked.status, named.status} == {400}
    assert rent.requests == []


SCRIPT = r"""
ip link set lo up
freehold init >/dev/null
sed -i '/^\[server\]/,/^$/d' freehold.toml
printf '[server]\nown_only = true\nstrict_egress = true\n' | cat - freehold.toml > all.toml
mv all.toml freehold.toml
freehold serve --port 8477 >serve.log 2>&1 &
for i in $(seq 300); do curl -sf http://127.0.0.1:8477/readyz >/dev/null && break; sleep 0.2; done
curl -s http://127.0.0.1:8477/v1/chat/completions -H 'content-type: application/json' \
  -d '{"model": "triage", "messages": [{"role": "user", "content": "Where is order 48213?"}]}'
kill %1; wait
"""


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_without_any_network_the_owned_model_answers(tmp_path: Path) -> None:
    """In a network namespace that has a loopback and no route; strict mode on top."""
    probe = await asyncio.to_thread(
        subprocess.run, ["unshare", "--net", "true"], capture_output=True, check=False
    )
    if probe.returncode != 0:
        pytest.skip("this machine does not let us make a network namespace")
    done = await asyncio.to_thread(
        subprocess.run,
        ["unshare", "--net", "bash", "-c", SCRIPT],
        cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    log = (tmp_path / "serve.log").read_text()
    answer = json.loads(done.stdout or "{}")
    assert answer.get("choices"), (done, log)
    assert json.loads(answer["choices"][0]["message"]["content"])["order_id"] == "48213"
    assert "refused" not in log
