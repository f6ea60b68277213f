"""Whether llama.cpp is installed, which runs owned weights. Looks for it without loading it."""

from __future__ import annotations

from importlib.util import find_spec

from freehold.cli.extras import install_hint
from freehold.config import Settings
from freehold.errors import FreeholdError

INSTALL = install_hint("own")


def is_installed() -> bool:
    return find_spec("xllamacpp") is not None


def missing() -> FreeholdError:
    return FreeholdError("llama.cpp, which runs owned models, is not installed", hint=INSTALL)


def require(settings: Settings) -> None:
    """Raises where these settings need llama.cpp and it is not here."""
    if any(model.embedded for model in settings.models.values()) and not is_installed():
        raise missing()
