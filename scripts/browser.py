"""Installs the browser and the shells that tests need, where this system lets it. Without them those skip.

Debian's Chromium, two typefaces, zsh and fish, by apt, and only as root; elsewhere it says what is missing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

PACKAGES = ("chromium", "fonts-inter", "fonts-urw-base35", "zsh", "fish")
SHELLS = ("zsh", "fish")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    if any(map(shutil.which, BROWSERS)) and all(map(shutil.which, SHELLS)):
        return
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        _say(
            "no browser, or no zsh or fish: tests in them will skip. Install Chromium and those to run them."
        )
        return
    _say(f"installing {', '.join(PACKAGES)}, which tests drive")
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", *PACKAGES]):
        if _apt(apt, arguments) != 0:
            _say("that did not work: what is missing will skip")
            return


def _apt(apt: str, arguments: list[str]) -> int:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    command = [apt, "-qq", *arguments]
    return subprocess.run(command, env=environment, stdout=sys.stderr, check=False).returncode  # noqa: S603 - apt, told by us alone


def _say(text: str) -> None:
    sys.stderr.write(f"browser: {text}\n")


if __name__ == "__main__":
    main()
