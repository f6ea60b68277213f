"""Installs the browser that tests of the console need, where this system lets it. Without one they skip.

Debian's Chromium and two typefaces, by apt, and only as root; elsewhere it says what is missing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

PACKAGES = ("chromium", "fonts-inter", "fonts-urw-base35")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    if any(map(shutil.which, BROWSERS)):
        return
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        _say("no browser here: the tests in one will skip. Install Chromium to run them.")
        return
    _say(f"installing {PACKAGES[0]}, which the console's tests drive")
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", *PACKAGES]):
        if _apt(apt, arguments) != 0:
            _say("that did not work: the tests in a browser will skip")
            return


def _apt(apt: str, arguments: list[str]) -> int:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    command = [apt, "-qq", *arguments]
    return subprocess.run(command, env=environment, stdout=sys.stderr, check=False).returncode  # noqa: S603 - apt, told by us alone


def _say(text: str) -> None:
    sys.stderr.write(f"browser: {text}\n")


if __name__ == "__main__":
    main()
