"""A gateway that the network can reach needs keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import CONFIG, Freehold
from tests.gateway.house import gateway

OPEN = CONFIG.replace("port = 0", 'port = 0\nhost = "0.0.0.0"')


@pytest.mark.parametrize("command", ["serve", "up"])
def test_it_does_not_start_beyond_loopback_without_keys(
    command: str, freehold: Freehold, config: Path
) -> None:
    config.write_text(OPEN)
    ended = freehold(command)
    assert ended.code != 0
    assert "whoever reaches 0.0.0.0 could ask every model" in ended.err
    assert "require_keys = true" in ended.err
    assert not (config.parent / "freehold.db").exists()


def test_nor_where_the_command_line_says_to_listen_there(freehold: Freehold, config: Path) -> None:
    for host in ("0.0.0.0", "::", "192.0.2.1", "freehold.example"):  # noqa: S104 - refused, never bound
        assert "no key is required" in freehold("serve", "--host", host).err
    assert config.read_text() == CONFIG


def test_check_calls_it_a_mistake_with_its_line(freehold: Freehold, config: Path) -> None:
    config.write_text(OPEN)
    ended = freehold("check", "--json")
    (finding,) = ended.json
    assert ended.code == 1
    assert (finding["key"], finding["severity"]) == ("server.host", "mistake")
    assert finding["line"] == OPEN.splitlines().index('host = "0.0.0.0"') + 1


def test_other_commands_work_so_that_keys_can_be_made_first(freehold: Freehold, config: Path) -> None:
    config.write_text(OPEN)
    assert freehold("keys", "create", "--json").code == 0


async def test_a_gateway_on_loopback_needs_none(tmp_path: Path) -> None:
    async with gateway(tmp_path, CONFIG) as house:
        assert (await house.ask("/readyz")).status == 200
