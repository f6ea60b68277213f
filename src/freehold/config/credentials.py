"""An upstream's key: from the environment or from a file that the config names, never from the config itself.

The only part of the room that sees a secret. No message repeats what might be one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from freehold.config.findings import Findings
from freehold.config.kinds import Place
from freehold.config.lines import KeyPath

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WRITTEN_KEYS = ("key", "api_key", "apikey", "token", "secret", "password")
_NAME_IT = 'name it instead: key_env = "OPENAI_API_KEY" or key_file = "path"'
_LONGEST_KEY = 64 * 1024


def read_secret(
    table: Mapping[str, Any], path: KeyPath, place: Place, environ: Mapping[str, str], findings: Findings
) -> str | None:
    """The key of the model at `path`. `None` where it names none, or where what it names is not there."""
    key_env, key_file = table.get("key_env"), table.get("key_file")
    if key_env is not None and key_file is not None:
        findings.wrong((*path, "key_file"), "key_env and key_file are both there", "keep one of them")
        return None
    if isinstance(key_env, str):
        return _from_environment(key_env, (*path, "key_env"), environ, findings)
    if isinstance(key_file, str) and key_file.strip():
        return _from_file(key_file, (*path, "key_file"), place, findings)
    return None


def written_keys(table: Mapping[str, Any], path: KeyPath, findings: Findings) -> frozenset[str]:
    """Which keys of a model hold a secret in plain sight. Each is a mistake."""
    written = frozenset(name for name in table if name.lower() in _WRITTEN_KEYS)
    for name in written:
        findings.wrong((*path, name), "a key must not be written into this file", _NAME_IT)
    return written


def _from_environment(name: str, path: KeyPath, environ: Mapping[str, str], findings: Findings) -> str | None:
    if not _VARIABLE.fullmatch(name) or _looks_like_a_key(name):
        findings.wrong(path, "takes the name of an environment variable, not a key itself", _NAME_IT)
        return None
    secret = environ.get(name, "").strip()
    if not secret:
        state = "empty" if name in environ else "not set"
        findings.wrong(path, f"the environment variable {name} is {state}", f"export {name}=...")
        return None
    return _one_line(secret, path, findings)


def _looks_like_a_key(name: str) -> bool:
    mixed = any(letter.isdigit() for letter in name) and any(letter.islower() for letter in name)
    return name.lower().startswith("sk_") or (len(name) >= 20 and mixed)


def _from_file(name: str, path: KeyPath, place: Place, findings: Findings) -> str | None:
    file = place.resolve(name)
    try:
        with file.open("rb") as stream:
            secret = stream.read(_LONGEST_KEY).decode().strip()
    except OSError as error:
        findings.wrong(path, f"cannot read {file}: {error.strerror}", "it holds the key and nothing else")
        return None
    except ValueError:
        findings.wrong(path, f"{file} does not hold a key", "it holds the key and nothing else")
        return None
    if not secret:
        findings.wrong(path, f"{file} is empty", "it holds the key and nothing else")
        return None
    return _one_line(secret, path, findings)


def _one_line(secret: str, path: KeyPath, findings: Findings) -> str | None:
    if secret.isascii() and secret.isprintable():
        return secret
    findings.wrong(path, "what it names does not hold a key of one printable line")
    return None
