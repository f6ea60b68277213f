"""Nobody pays for pages that nobody opens."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

SERVE = """
import asyncio, sys
from pathlib import Path
from tests.gateway.house import gateway
from tests.cli.conftest import CONFIG

def loaded():
    return sorted({"starlette", "jinja2", "anyio"} & set(sys.modules))

async def main():
    async with gateway(Path(sys.argv[1]), CONFIG) as running:
        answer = await running.chat("gpt")
        missing = await running.ask("/no-such-path")
        print(answer.status, missing.status, missing.error["code"], loaded())
        page = await running.ask("/", accept="text/html")
        print(page.status, loaded())

asyncio.run(main())
"""


def test_the_path_of_a_request_loads_no_web_framework_and_the_first_page_does(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SERVE, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.stderr == ""
    traffic, page = ran.stdout.splitlines()
    assert traffic == "200 404 unknown_url []"
    assert page == "303 ['anyio', 'jinja2', 'starlette']"  # by the name `test`, which is not this machine's
