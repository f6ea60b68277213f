"""Secrets appear in no log, error, page or repr.

One gateway with a secret in every place where one can stand, upstreams that repeat their keys in every way,
and every path driven into failure with all logging on. Then everything that anybody can read is searched.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gc
import io
import json
import logging
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
import pytest_asyncio
from tests.gateway.house import Gateway, gateway, hang_up
from tests.gateway.upstream import Exchange, Upstream, says, upstream
from tests.planting import PLAIN_MODES, STREAM_MODES, Echo, Planted, write_config

from freehold.access import create_key, revoke_key
from freehold.cli.entry import run
from freehold.console.session import Sessions
from freehold.engine import Engine
from freehold.providers import EntraCredentials

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Evidence:
    """All that was seen, by what it is."""

    planted: Planted = field(default_factory=Planted)
    seen: dict[str, str] = field(default_factory=dict)
    heard: set[str] = field(default_factory=set)
    statuses: set[int] = field(default_factory=set)
    token_given: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, what: str, text: str) -> None:
        self.seen[what] = self.seen.get(what, "") + text + "\n"


@dataclass
class Asking:
    """Asks the gateway over TLS and keeps what it says."""

    house: Gateway
    evidence: Evidence
    tls: ssl.SSLContext

    async def away(self, what: str, path: str, body: bytes | None = None, **headers: str) -> bytes:
        """As somebody whom a proxy forwards from another machine."""
        return await self(what, path, body, x_forwarded_for="10.0.0.7", accept="text/html", **headers)

    async def __call__(
        self, what: str, path: str, body: bytes | None = None, *, method: str = "", **headers: str
    ) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.house.port, ssl=self.tls)
        said = {"host": "localhost", "connection": "close", "content-length": str(len(body or b""))}
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = [f"{method or ('GET' if body is None else 'POST')} {path} HTTP/1.1"]
        head += [f"{name}: {value}" for name, value in said.items()]
        writer.write("\r\n".join([*head, "", ""]).encode() + (body or b""))
        try:
            raw = await asyncio.wait_for(reader.read(), 60)
        finally:
            await hang_up(writer)
        self.evidence.statuses.add(int(raw.split()[1]))
        shown = raw.decode("utf-8", "replace")
        if what == "a login":  # the cookie goes to whoever has just proved who they are, and nowhere else
            shown = "".join(
                line for line in shown.splitlines(keepends=True) if "set-cookie" not in line.lower()
            )
        self.evidence.add(what, shown)
        return raw

    async def chat(self, model: str, mode: str, key: str, *, stream: bool = False) -> None:
        body = {"model": model, "messages": [{"role": "user", "content": mode}], "stream": stream}
        raw = json.dumps(body).encode()
        await self("answers", "/v1/chat/completions", raw, authorization=f"Bearer {key}")

    async def respond(self, model: str, mode: str, key: str, *, stream: bool = False) -> None:
        raw = json.dumps({"model": model, "input": mode, "stream": stream}).encode()
        await self("answers", "/v1/responses", raw, authorization=f"Bearer {key}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def evidence(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Evidence]:
    folder = tmp_path_factory.mktemp("secrets")
    found = Evidence()
    with pytest.MonkeyPatch.context() as patch, _everything_logged(found), _terminal(found):
        patch.chdir(folder)
        asyncio.get_running_loop().set_debug(enabled=True)
        asyncio.get_running_loop().slow_callback_duration = (
            0.0  # every callback is logged, with its arguments
        )
        await _drive(folder, found, patch)
        asyncio.get_running_loop().set_debug(enabled=False)
    for file in folder.rglob("*"):
        if file.is_file() and file.name not in ("key.txt", "metrics.key", "key.pem", "bad.toml"):
            found.add("files", f"{file.name}: {file.read_bytes().decode('latin-1')}")
    yield found


async def _drive(folder: Path, found: Evidence, patch: pytest.MonkeyPatch) -> None:
    echo = Echo()
    async with AsyncExitStack() as stack:
        entra = await stack.enter_async_context(upstream(_login_server(found)))
        served: Upstream = await stack.enter_async_context(upstream(echo.step))
        urls = {
            "echo": served.url,
            "azure": served.url.removesuffix("/v1"),
            "entra": entra.url.removesuffix("/v1"),
        }
        for name, secret in write_config(folder, found.planted, urls).items():
            patch.setenv(name, secret)
        config = (folder / "freehold.toml").read_text()
        async with gateway(folder, config) as house:
            await _drive_gateway(folder, found, house)
            await _look_from_the_command_line(found, house)
            await _walk_the_heap(found)
        await _commands_without_a_gateway(folder, found, served.url)
    found.heard = echo.heard


def _login_server(found: Evidence):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a step, see `upstream`
    """Entra, which first refuses and repeats the client's secret, and then gives a token."""
    asked = 0

    async def step(exchange: Exchange) -> None:
        nonlocal asked
        asked += 1
        secret = exchange.body.decode().partition("client_secret=")[2].partition("&")[0]
        if asked == 1:
            said = {"error": f"invalid_client {secret}", "error_description": secret}
            await says(said, "401 Unauthorized")(exchange)
            return
        token = found.planted.by_place.get("entra token") or found.planted.plant("entra token", "eyJ")
        await says({"access_token": token, "expires_in": 3600})(exchange)
        found.token_given.set()

    return step


async def _drive_gateway(folder: Path, found: Evidence, house: Gateway) -> None:
    context = ssl.create_default_context(cafile=folder / "cert.pem")
    asking = Asking(house, found, context)
    engine = house.running.engines["ours"]
    _plant_the_engines(found, engine)
    ledger = house.running.ledger_path
    _, key = create_key(ledger, note="a client", who="test")
    found.planted.by_place["client key"] = key
    await _ask_in_every_way(asking, key)
    await _ask_with_other_keys(asking, ledger, found)
    await _log_in(asking, ledger, found)
    await _ask_our_own(asking, engine, key)
    for path in ("/v1/models", "/v1/responses/resp_x", "/metrics", "/readyz", "/v1/none"):
        bearer = found.planted.by_place["metrics_key_file" if path == "/metrics" else "client key"]
        await asking("answers", path, authorization=f"Bearer {bearer}")


def _plant_the_engines(found: Evidence, engine: Engine) -> None:
    assert engine.secret is not None
    found.planted.by_place["engine"] = engine.secret
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            found.add("command lines", (process / "cmdline").read_bytes().decode("latin-1"))


async def _ask_in_every_way(asking: Asking, key: str) -> None:
    await asking.chat("by_entra", "400", key)  # before there is a token, and after
    await asyncio.wait_for(asking.evidence.token_given.wait(), 60)
    for model in ("by_env", "by_file", "by_entra"):
        for mode in PLAIN_MODES:
            await asking.chat(model, mode, key)
        for mode in STREAM_MODES:
            await asking.chat(model, mode, key, stream=True)
    for mode in ("400", "401", "500", "200 half", "stream late error", "stream garbage"):
        await asking.respond("by_env", mode, key, stream="stream" in mode)
    await asking.chat("support", "500", key)


async def _ask_with_other_keys(asking: Asking, ledger: Path, found: Evidence) -> None:
    old, revoked = create_key(ledger, who="test")
    revoke_key(ledger, old.id, who="test")
    found.planted.by_place["revoked key"] = revoked
    for secret in (
        revoked,
        found.planted.plant("wrong key", "fh-"),
        found.planted.plant("foreign key", "sk-"),
    ):
        await asking.chat("by_env", "400", secret)
        await asking("answers", "/v1/models", authorization=f"Bearer {secret}")
        await asking.away("answers", "/metrics", authorization=f"Bearer {secret}")
    basic = base64.b64encode(f"user:{found.planted.plant('basic password')}".encode()).decode()
    await asking("answers", "/v1/models", authorization=f"Basic {basic}")


async def _log_in(asking: Asking, ledger: Path, found: Evidence) -> None:
    _, admin = create_key(ledger, admin=True, who="test")
    found.planted.by_place["admin key"] = admin
    shown = (await asking.away("pages", "/login")).decode()
    visit = shown.partition("freehold-visit=")[2].partition(";")[0]
    token = shown.partition('name="token" value="')[2].partition('"')[0]
    for secret in (found.planted.plant("wrong admin key", "fh-"), admin):
        form = urlencode({"token": token, "key": secret, "next": "/"}).encode()
        entered = await asking.away("a login", "/login", form, cookie=f"freehold-visit={visit}")
    cookie = entered.decode().partition("__Host-freehold=")[2].partition(";")[0].strip('"')
    found.planted.by_place["session"] = cookie.rpartition(".")[2]
    for path in ("/", "/requests", "/requests.csv", "/playground", "/requests/req_none"):
        raw = await asking.away("pages", path, cookie=f"__Host-freehold={cookie}")
        assert b" 404 " in raw[:20] or raw.startswith(b"HTTP/1.1 200"), path
    for record in await asking.house.records():
        await asking.away("pages", f"/requests/{record.request_id}", cookie=f"__Host-freehold={cookie}")
    await asking.away("pages", "/", cookie=f"__Host-freehold={cookie[:-1]}x")


async def _ask_our_own(asking: Asking, engine: Engine, key: str) -> None:
    body = {"model": "ours", "messages": "nonsense"}
    raw = json.dumps(body).encode()
    await asking("answers", "/v1/chat/completions", raw, authorization=f"Bearer {key}")
    await engine.stop()
    await asking.chat("ours", "hi", key)


async def _look_from_the_command_line(found: Evidence, house: Gateway) -> None:
    ids = [record.request_id for record in await house.records()]
    for command in (
        *(["requests"], ["requests", "--json"], ["stats"], ["stats", "--json"], ["keys", "list"]),
        *(
            ["keys", "list", "--json"],
            ["check"],
            ["check", "--json"],
            ["schema"],
            ["doctor"],
            ["doctor", "--json"],
        ),
        *(
            ["export", "all.csv"],
            ["export", "all.jsonl"],
            ["try", "by_env", "400"],
            ["try", "by_env", "500", "--json"],
        ),
        *(["explain", id_] for id_ in ids[-4:]),
        *(["explain", id_, "--json"] for id_ in ids[:4]),
    ):
        await _command(found, *command)


async def _commands_without_a_gateway(folder: Path, found: Evidence, url: str) -> None:
    await _command(found, "doctor", "--json")
    password = found.planted.plant("a password in an address")
    plain = found.planted.plant("a key in the config", "sk-")
    host = url.removeprefix("http://").removesuffix("/v1")
    (folder / "bad.toml").write_text(
        f'[models.a]\ntenure = "rented"\nprovider = "compatible"\nurl = "http://user:{password}@{host}/v1"\n'
        f'api_key = "{plain}"\nkey_env = "{plain}"\nentra_client_secret = "{plain}"\n'
        f'hourly_cost_usd = "{plain}"\n'
        f'label = "{plain}"\nregion = 5\nweights = ["{plain}"]\n'
    )
    for command in (["check"], ["check", "--json"], ["doctor"], ["serve"], ["keys", "list"]):
        await _command(found, *command, "--config", "bad.toml")
    for address in (f"http://user:{password}@{host}", f"ftp://user:{password}@{host}", f"{password}@{host}"):
        await _command(found, "try", "by_env", "hi", "--url", address)
        await _command(found, "bench", "m", "--url", address)
    await _command(found, "bench", "m", "--url", url, "--key-env", "BENCH_KEY", "--requests", "1", "--json")
    with pytest.MonkeyPatch.context() as patch:
        for hub in (url.removesuffix("/v1"), f"http://user:{password}@{host}", "http://hub.example"):
            patch.setenv("HF_ENDPOINT", hub)
            await _command(found, "pull", "some/model")
            await _command(found, "fit", "some/model")


async def _command(found: Evidence, *arguments: str) -> None:
    """In this process, so that its logs are heard too; in a thread, since it has a loop of its own."""
    out, told = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(told):
        code = await asyncio.to_thread(run, list(arguments))
    found.add(f"freehold {arguments[0]}", f"{code}\n{out.getvalue()}\n{told.getvalue()}")


async def _walk_the_heap(found: Evidence) -> None:
    """The repr of everything of ours that is alive."""
    gc.unfreeze()  # what a gateway started with is kept out of the collector's sight
    for thing in gc.get_objects():
        if str(type(thing).__module__).startswith("freehold."):
            found.add("reprs", repr(thing))
    for made in (
        EntraCredentials("tenant", "client", found.planted.by_place["entra client secret"]),
        Sessions(),
    ):
        found.add("reprs", repr(made))


class _Kept(logging.Handler):
    """Every line of every logger, as it would be written."""

    def __init__(self, found: Evidence) -> None:
        super().__init__(level=1)
        self._found = found
        self._lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))

    def close(self) -> None:
        self._found.add("logs", "\n".join(self._lines))
        super().close()


@contextlib.contextmanager
def _everything_logged(found: Evidence) -> Iterator[None]:
    handler, root = _Kept(found), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(1)
    try:
        yield
    finally:
        root.setLevel(before)
        root.removeHandler(handler)
        handler.close()


@contextlib.contextmanager
def _terminal(found: Evidence) -> Iterator[None]:
    out, told = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(told):
        yield
    found.add("terminal", f"everything: {out.getvalue()}{told.getvalue()}")


SURFACES = [
    *("answers", "pages", "a login", "logs", "terminal", "files", "reprs", "command lines"),
    *(f"freehold {name}" for name in ("requests", "stats", "keys", "check", "schema", "doctor", "export")),
    *(f"freehold {name}" for name in ("try", "explain", "bench", "pull", "fit", "serve")),
]


@pytest.mark.parametrize("surface", SURFACES)
async def test_no_secret_is_on(surface: str, evidence: Evidence) -> None:
    text = evidence.seen[surface]
    assert len(text) > 10
    assert evidence.planted.found_in(text) == [], _lines(evidence, text)


def _lines(evidence: Evidence, text: str) -> list[str]:
    """Where it was found."""
    return [line[:300] for line in text.splitlines() if evidence.planted.found_in(line)][:5]


async def test_every_surface_was_searched(evidence: Evidence) -> None:
    assert set(evidence.seen) == set(SURFACES)


async def test_the_secrets_were_really_there_and_repeated_by_the_upstreams(evidence: Evidence) -> None:
    there = evidence.planted.by_place
    assert len(there) == 20
    asked_with = " ".join(evidence.heard)
    for place in ("key_env", "key_file", "entra token", "bench key", "HF_TOKEN"):
        assert there[place] in asked_with, place
    assert {200, 303, 400, 401, 404, 429, 500, 502, 503, 504} <= evidence.statuses
    assert "[our key]" in evidence.seen["answers"]
    assert "[our key]" in evidence.seen["pages"]
    assert "[our key]" in evidence.seen["files"]


async def test_a_search_finds_what_is_there() -> None:
    planted = Planted()
    secret = planted.plant("somewhere")
    assert planted.found_in(f"x{secret[4:-4]}y") == ["somewhere"]
    assert planted.found_in("nothing") == []
