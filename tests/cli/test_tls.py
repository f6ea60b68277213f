"""`[server] tls_cert, tls_key`: what is served with them, and what is said of a pair that cannot be."""

from __future__ import annotations

import json
import os
import pty
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from tests.certificates import make_pair
from tests.cli.conftest import CONFIG, Freehold, command, environment, spawn
from tests.cli.test_serving import first_line, running, told_when_ready

TLS = CONFIG.replace("port = 0", 'port = 0\ntls_cert = "cert.pem"\ntls_key = "key.pem"')
CHAT = {"model": "gpt", "messages": [{"role": "user", "content": "hi"}]}


@dataclass(frozen=True, slots=True)
class Served:
    """A gateway that serves TLS. `log` is its stderr."""

    folder: Path
    port: int
    log: Path

    def shown(self, host: str | None = "localhost") -> int:
        """The serial number of the certificate that a new connection is shown."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as plain:
            with context.wrap_socket(plain, server_hostname=host) as wrapped:
                der = wrapped.getpeercert(binary_form=True)
                assert der is not None
                return x509.load_der_x509_certificate(der).serial_number

    def logs(self, text: str) -> bool:
        return text in self.log.read_text()


def eventually(is_so: Any) -> None:
    """Wait until it is; a gateway looks at its files twice a second."""
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def pair(config: Path) -> x509.Certificate:
    """A pair beside the config that names it."""
    config.write_text(TLS)
    return make_pair(config.parent)


@pytest.fixture
def served(config: Path, pair: x509.Certificate) -> Iterator[Served]:
    assert pair.serial_number
    log = config.parent / "stderr"
    with log.open("wb") as told:
        process = subprocess.Popen(
            command("serve"),
            cwd=config.parent,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=told,
            text=True,
        )
    with process:
        try:
            port = int(first_line(process).split()[2].rpartition(":")[2].removesuffix("/v1"))
            yield Served(config.parent, port, log)
        finally:
            process.terminate()
            process.wait(60)


def trusted(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=folder / "cert.pem")


def test_requests_are_answered_over_tls_and_only_so(served: Served) -> None:
    url = f"https://localhost:{served.port}/v1/chat/completions"
    request = urllib.request.Request(url, json.dumps(CHAT).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, context=trusted(served.folder), timeout=60) as answer:  # noqa: S310 - loopback
        assert json.load(answer)["choices"]
    with pytest.raises((urllib.error.URLError, ConnectionError)):
        urllib.request.urlopen(url.replace("https", "http"), timeout=60)  # noqa: S310 - loopback


def test_the_commands_that_ask_a_gateway_ask_it_over_tls(served: Served) -> None:
    tried = spawn(["try", "gpt", "hi", "--json"], served.folder)
    assert (tried.returncode, tried.stderr) == (0, "")
    named = spawn(["try", "gpt", "hi", "--url", f"https://localhost:{served.port}", "--json"], served.folder)
    assert (named.returncode, named.stderr) == (0, "")
    looked = spawn(["doctor", "--json"], served.folder)
    checks = {(c["group"], c["name"]): c for c in json.loads(looked.stdout)["checks"]}
    assert checks["gateway", "ready"]["verdict"] == "good"
    assert f"https://127.0.0.1:{served.port}" in checks["gateway", "running"]["said"]
    assert "through the gateway" in checks["model gpt", "first token"]["said"]
    benched = spawn(["bench", "gpt", "--requests", "1", "--concurrency", "1", "--json"], served.folder)
    assert json.loads(benched.stdout)["levels"][0]["answers"] == 1


def test_a_gateway_that_is_started_for_a_command_serves_tls_too(config: Path, pair: x509.Certificate) -> None:
    assert pair.serial_number
    ended = spawn(["try", "gpt", "hi", "--json"], config.parent)
    assert ended.returncode == 0
    assert "one is started for this command" in ended.stderr


def test_whoever_is_not_the_holder_of_the_certificate_is_not_asked(served: Served) -> None:
    make_pair(served.folder)
    eventually(lambda: served.logs("the changed certificate is in use"))
    assert spawn(["try", "gpt", "hi"], served.folder).returncode == 0
    (served.folder / "tls").mkdir()
    make_pair(served.folder / "tls")
    shutil.copy(served.folder / "freehold.toml", served.folder / "other.toml")
    other = served.folder / "other.toml"
    other.write_text(other.read_text().replace('"cert.pem"', '"tls/cert.pem"').replace('"key', '"tls/key'))
    ended = spawn(["try", "gpt", "hi", "--config", "other.toml"], served.folder)
    assert ended.returncode == 1
    assert "TLS connection" in ended.stdout
    assert "another certificate" in spawn(["doctor", "--config", "other.toml"], served.folder).stdout


def test_what_up_shows_to_copy_runs_as_it_stands(config: Path, pair: x509.Certificate) -> None:
    assert pair.serial_number
    with running(config.parent, "up") as process:
        lines = [first_line(process)]
        while not lines[-1].startswith("  Stop"):
            lines.append(first_line(process))
        shown = [line.strip() for line in lines]
        start = next(i for i, line in enumerate(shown) if line.startswith("curl --cacert"))
        end = next(i for i in range(start, len(shown)) if not shown[i].endswith("\\"))
        asked = shown[start : end + 1]
        ran = subprocess.run(
            ["bash", "-c", "\n".join(asked)], cwd=config.parent, capture_output=True, text=True, check=False
        )
        assert json.loads(ran.stdout)["choices"], ran.stderr
        python = shown.index("from openai import OpenAI")
        assert (
            shown[python - 1]
            == f"# its certificate vouches for itself: SSL_CERT_FILE={config.parent}/cert.pem python"
        )
        code = "\n".join(shown[python : python + 3])
        asked_by_client = subprocess.run(
            [sys.executable, "-c", code],
            env={**environment(), "SSL_CERT_FILE": str(config.parent / "cert.pem")},
            capture_output=True,
            text=True,
            check=False,
        )
    assert "ChatCompletion" in asked_by_client.stdout, asked_by_client.stderr
    assert "https://127.0.0.1:" in next(line for line in shown if line.startswith("Page"))


@pytest.mark.parametrize("is_rsa", [False, True])
def test_new_connections_get_the_changed_certificate_and_old_ones_go_on(
    served: Served, pair: x509.Certificate, *, is_rsa: bool
) -> None:
    before = served.shown()
    assert before == pair.serial_number
    kept = HTTPSConnection("localhost", served.port, timeout=60, context=trusted(served.folder))
    with closing(kept):
        ask(kept)
        first = kept.sock
        made = make_pair(served.folder, is_rsa=is_rsa)
        eventually(lambda: served.shown() != before)
        assert served.shown() == served.shown(None) == made.serial_number
        ask(kept)
        assert kept.sock is first
    assert served.logs("the changed certificate is in use: for localhost, 127.0.0.1, until ")


def ask(kept: HTTPSConnection) -> None:
    kept.request("GET", "/healthz")
    assert json.load(kept.getresponse()) == {"status": "ok"}


def test_a_changed_pair_that_does_not_fit_leaves_the_old_one_and_says_why(
    served: Served, pair: x509.Certificate
) -> None:
    good = (served.folder / "key.pem").read_bytes()
    other = served.folder / "other"
    other.mkdir()
    made = make_pair(other)
    shutil.copy(other / "key.pem", served.folder / "key.pem")
    eventually(lambda: served.logs("key.pem is not the key of the certificate in"))
    assert served.logs("the changed certificate is not used, the one before stays")
    assert served.shown() == pair.serial_number
    (served.folder / "cert.pem").unlink()
    eventually(lambda: served.logs("cannot read"))
    assert served.shown() == pair.serial_number
    shutil.copy(other / "cert.pem", served.folder / "cert.pem")
    eventually(lambda: served.shown() == made.serial_number)
    assert good.decode() not in served.log.read_text()


def test_other_files_in_a_changed_config_are_taken_up_as_well(served: Served) -> None:
    (served.folder / "new").mkdir()
    made = make_pair(served.folder / "new")
    config = served.folder / "freehold.toml"
    config.write_text(TLS.replace('"cert.pem"', '"new/cert.pem"').replace('"key.pem"', '"new/key.pem"'))
    eventually(lambda: served.shown() == made.serial_number)
    assert not served.logs("restart")


def broken(folder: Path, how: str) -> None:
    """Make the pair one that cannot be used."""
    if how == "no cert":
        (folder / "cert.pem").unlink()
    elif how == "no key":
        (folder / "key.pem").unlink()
    elif how == "not a cert":
        (folder / "cert.pem").write_text("hello")
    elif how == "not a key":
        (folder / "key.pem").write_text("hello")
    elif how == "locked":
        make_pair(folder, passphrase=b"secret")
    else:
        kept = (folder / "cert.pem").read_bytes()
        make_pair(folder)
        (folder / "cert.pem").write_bytes(kept)


BROKEN = [
    ("no cert", "server.tls_cert", "cannot read"),
    ("no key", "server.tls_key", "cannot read"),
    ("not a cert", "server.tls_cert", "holds no certificate in PEM"),
    ("not a key", "server.tls_key", "cannot be used together"),
    ("locked", "server.tls_key", "is locked by a passphrase"),
    ("another's", "server.tls_key", "is not the key of the certificate in"),
]


@pytest.mark.parametrize(("how", "key", "said"), BROKEN)
def test_a_pair_that_cannot_be_used_is_a_mistake_with_its_line(
    how: str, key: str, said: str, freehold: Freehold, config: Path, pair: x509.Certificate
) -> None:
    assert pair.serial_number
    broken(config.parent, how)
    line = (
        TLS.splitlines().index(next(t for t in TLS.splitlines() if t.startswith(key.partition(".")[2]))) + 1
    )
    ended = freehold("check", "--json")
    (finding,) = ended.json
    assert (ended.code, finding["key"], finding["line"]) == (1, key, line)
    assert finding["severity"] == "mistake"
    assert said in finding["message"]
    assert finding["hint"]
    refused = freehold("serve")
    assert refused.code == 2
    assert said in refused.err
    assert "hint:" in refused.err
    (doctored,) = [c for c in freehold("doctor", "--no-ask", "--json").json["checks"] if c["name"] == key]
    assert doctored["verdict"] == "bad"
    assert f"line {line}" in doctored["said"]


def test_a_locked_key_asks_nobody_on_the_terminal(config: Path, pair: x509.Certificate) -> None:
    assert pair.serial_number
    make_pair(config.parent, passphrase=b"secret")
    ours, theirs = pty.openpty()
    ended = subprocess.run(
        command("serve"),
        cwd=config.parent,
        env=environment(),
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(theirs)
    os.close(ours)
    assert ended.returncode == 2
    assert b"passphrase" in ended.stderr


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"days": (-30, -2)}, "cert.pem expired on "),
        ({"days": (-30, 3)}, "cert.pem expires on "),
        ({"days": (2, 30)}, "is not valid before "),
        ({"hosts": ["freehold.example"]}, "is for freehold.example, not for 127.0.0.1"),
        ({"hosts": []}, "names no host"),
    ],
)
def test_a_pair_that_clients_would_stumble_over_is_a_warning_and_served(
    how: dict[str, Any], said: str, freehold: Freehold, config: Path
) -> None:
    config.write_text(TLS)
    made = make_pair(config.parent, **how)
    ended = freehold("check", "--json")
    (finding,) = ended.json
    assert (ended.code, finding["key"], finding["severity"]) == (0, "server.tls_cert", "warning")
    assert said in finding["message"]
    with running(config.parent, "serve", "--json") as process:
        url = told_when_ready(process)["url"]
        served = Served(config.parent, int(url.rpartition(":")[2].removesuffix("/v1")), config)
        assert served.shown() == made.serial_number
        process.terminate()
        assert said in process.communicate(timeout=60)[1]


def test_a_key_that_everybody_may_read_is_a_warning(
    freehold: Freehold, config: Path, pair: x509.Certificate
) -> None:
    assert pair.serial_number
    (config.parent / "key.pem").chmod(0o644)
    (finding,) = freehold("check", "--json").json
    assert (finding["key"], finding["hint"]) == ("server.tls_key", f"chmod 600 {config.parent / 'key.pem'}")


@pytest.mark.parametrize(("given", "missing"), [("tls_cert", "tls_key"), ("tls_key", "tls_cert")])
def test_one_without_the_other_is_a_mistake(
    given: str, missing: str, freehold: Freehold, config: Path
) -> None:
    config.write_text(CONFIG.replace("port = 0", f'port = 0\n{given} = "a.pem"'))
    (finding,) = freehold("check", "--json").json
    assert finding["key"] == f"server.{missing}"
    assert f"{missing} is missing" in finding["message"]


def test_a_gateway_is_shown_by_a_name_that_its_certificate_is_for(config: Path) -> None:
    config.write_text(TLS)
    make_pair(config.parent, hosts=["localhost"])
    with running(config.parent, "serve", "--json") as process:
        told = told_when_ready(process)
        assert told["url"].startswith("https://localhost:")
        assert spawn(["try", "gpt", "hi"], config.parent).returncode == 0
