"""A model hub on loopback, with a second origin that its files are redirected to. It fails as it is told.

Speaks as much of huggingface.co's API as the product asks for, and as its own client needs to fetch the same
files (`tests/clients/test_hub.py`), and writes down what it was asked.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import unquote

LARGE = (".gguf", ".safetensors", ".bin")
"""What hubs keep outside git, with a SHA-256."""

Kind = Literal[
    "status", "cut", "short", "wrong", "ignore range", "redirect", "slow", "elsewhere", "refuse range"
]


@dataclass(slots=True)
class Fault:
    """Something to do wrong, `times` times, when a file whose path contains `at` is asked of the store.

    `cut` breaks the connection after `after` bytes, `short` claims to be whole after as many, `wrong` sends
    other bytes of the right length, `slow` sends a little every now and then, `elsewhere` begins at the wrong
    byte.
    """

    kind: Kind
    at: str = ""
    times: int = 1
    after: int = 0
    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Asked:
    """One request. `origin` is `hub` or `store`."""

    origin: str
    path: str
    headers: dict[str, str]


@dataclass(slots=True)
class StandInHub:
    url: str = ""
    store: str = ""
    repos: dict[str, dict[str, bytes]] = field(default_factory=dict)
    infos: dict[str, dict[str, Any]] = field(default_factory=dict)
    gated: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    page_size: int = 1000
    redirect_to: str | None = None  # where the hub sends those who ask for a file, instead of its store
    claimed: dict[str, dict[str, Any]] = field(default_factory=dict)  # lies in the list of files, by path

    def add(self, repo: str, files: dict[str, bytes], **info: Any) -> None:
        self.repos[repo] = files
        self.infos[repo] = info

    def of_store(self, path: str = "") -> list[Asked]:
        return [asked for asked in self.asked if asked.origin == "store" and path in asked.path]

    def take_fault(self, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.at in path and fault.times > 0:
                fault.times -= 1
                return fault
        return None


def commit_of(files: dict[str, bytes]) -> str:
    return hashlib.sha1(repr(sorted(files)).encode(), usedforsecurity=False).hexdigest()


def _entry(hub: StandInHub, path: str, content: bytes) -> dict[str, Any]:
    git = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
    entry: dict[str, Any] = {"type": "file", "path": path, "size": len(content), "oid": git}
    if path.endswith(LARGE):
        entry["lfs"] = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 135}
    return entry | hub.claimed.get(path, {})


def _told(hub: StandInHub, files: dict[str, bytes], path: str) -> dict[str, str]:
    """What a hub's headers say of a file, wherever it is kept."""
    entry = _entry(hub, path, files[path])
    told = {"x-repo-commit": commit_of(files), "etag": f'"{entry["oid"]}"'}
    if "lfs" in entry:
        told |= {"x-linked-etag": f'"{entry["lfs"]["oid"]}"', "x-linked-size": str(entry["size"])}
    return told


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    origin: str
    hub: StandInHub

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the standard library
        """Say nothing."""

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.hub.asked.append(Asked(self.origin, self.path, headers))
        path = unquote(self.path.partition("?")[0])
        try:
            if self.origin == "store":
                self._store(path)
            elif path.startswith("/api/models/"):
                self._api(path.removeprefix("/api/models/"))
            else:
                self._resolve(path)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_HEAD(self) -> None:
        """The hub's own client asks so where a file is, and of what commit."""
        self.do_GET()

    def _failed(self, path: str) -> bool:
        """Whether a fault has answered with a status or a redirect."""
        fault = next((f for f in self.hub.faults if f.kind == "status" and f.at in path and f.times), None)
        if fault is None:
            return False
        fault.times -= 1
        self._answer(fault.status, b"<html>no</html>", fault.headers)
        return True

    def _api(self, rest: str) -> None:
        if self._failed(f"/api/models/{rest}"):
            return
        name, _, revision = rest.partition("/tree/")
        files = self.hub.repos.get(name)
        if files is None:
            self._answer(401, b'{"error": "Invalid username or password."}', {"x-error-code": "RepoNotFound"})
        elif name in self.hub.gated and "authorization" not in self.headers and revision:
            self._answer(401, b'{"error": "gated"}', {"x-error-code": "GatedRepo"})
        elif revision:
            self._tree(name, files)
        else:
            info = {"id": name, "sha": commit_of(files), **self.hub.infos[name]}
            self._answer(200, json.dumps(info).encode(), {"content-type": "application/json"})

    def _tree(self, name: str, files: dict[str, bytes]) -> None:
        cursor = int((re.search(r"cursor=(\d+)", self.path) or [0, 0])[1])
        entries = [_entry(self.hub, path, content) for path, content in files.items()]
        page = entries[cursor : cursor + self.hub.page_size]
        headers = {"content-type": "application/json"}
        if cursor + self.hub.page_size < len(entries):
            following = f"{self.hub.url}/api/models/{name}/tree/x?cursor={cursor + self.hub.page_size}"
            headers["link"] = f'<{following}>; rel="next"'
        self._answer(200, json.dumps(page).encode(), headers)

    def _resolve(self, path: str) -> None:
        if self._failed(path):
            return
        found = re.fullmatch(r"/([^/]+/[^/]+)/resolve/([0-9a-f]{40}|main)/(.+)", path)
        files = self.hub.repos.get(found[1]) if found else None
        if (
            found is None
            or files is None
            or found[3] not in files
            or found[2] not in (commit_of(files), "main")
        ):
            self._answer(404, b"Entry not found", {"x-error-code": "EntryNotFound"})
            return
        if found[1] in self.hub.gated and "authorization" not in self.headers:
            self._answer(401, b"gated", {"x-error-code": "GatedRepo"})
            return
        told = _told(self.hub, files, found[3])
        if found[3].endswith(LARGE):
            target = self.hub.redirect_to or f"{self.hub.store}/{found[1]}/{found[3]}?signature=secret"
            self._answer(302, b"", told | {"location": target})
        else:
            self._answer(200, files[found[3]], told)

    def _store(self, path: str) -> None:
        if self._failed(path):
            return
        _, org, name, rest = path.split("/", 3)
        self._send(self.hub.repos[f"{org}/{name}"][rest], self.hub.take_fault(path))

    def _send(self, content: bytes, fault: Fault | None) -> None:
        kind = None if fault is None else fault.kind
        etag = hashlib.md5(content, usedforsecurity=False).hexdigest()
        start = self._range_start(content, etag)
        if kind == "refuse range" and start:
            self._answer(416, b"")
            return
        if kind == "ignore range":
            start = 0
        if kind == "elsewhere":
            start = start // 2
        body = content[start:]
        if kind == "wrong":
            body = bytes(255 - byte for byte in body)
        if kind == "short" and fault is not None:
            body = body[: fault.after]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("content-range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("etag", f'"{etag}"')
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self._write(body, kind, fault)

    def _range_start(self, content: bytes, etag: str) -> int:
        found = re.fullmatch(r"bytes=(\d+)-\d*", self.headers.get("range", ""))
        if found is None or self.headers.get("if-range", f'"{etag}"') != f'"{etag}"':
            return 0
        return min(int(found[1]), len(content))

    def _write(self, body: bytes, kind: Kind | None, fault: Fault | None) -> None:
        if kind == "cut" and fault is not None:
            self.wfile.write(body[: fault.after])
            self.wfile.flush()
            self.close_connection = True
            self.connection.close()
        elif kind == "slow":
            for at in range(0, len(body), 65_536):
                self.wfile.write(body[at : at + 65_536])
                self.wfile.flush()
                time.sleep(0.05)
        else:
            self.wfile.write(body)


@contextmanager
def stand_in_hub() -> Iterator[StandInHub]:
    """A hub and its store, each on a port of its own, for as long as the block lasts."""
    hub = StandInHub()
    servers = []
    for origin in ("hub", "store"):
        handler = type(f"{origin.title()}Handler", (_Handler,), {"origin": origin, "hub": hub})
        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), handler))
    hub.url, hub.store = (f"http://127.0.0.1:{server.server_address[1]}" for server in servers)
    threads = [threading.Thread(target=server.serve_forever, args=(0.02,)) for server in servers]
    for server, thread in zip(servers, threads, strict=True):
        server.daemon_threads = True
        thread.start()
    try:
        yield hub
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            thread.join()
            server.server_close()
