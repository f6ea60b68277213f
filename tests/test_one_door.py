"""Promise 1, read off the code: `egress` alone opens connections, and `privacy` alone makes permits.

The walk covers every import, call, attribute and string of every module, those imported inside functions and
those that only a child process runs included. It reads names, so it also refuses what merely looks like a way
out; whoever needs such a name for something else has it named in `LAWFUL`, with the reason.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parent.parent / "src" / "freehold"

# Modules that connect, or that other code connects through.
CONNECTING_MODULES = frozenset(
    [
        *(
            "aiohttp",
            "boto3",
            "botocore",
            "ftplib",
            "grpc",
            "h2",
            "http.client",
            "http.cookiejar",
            "httpcore",
        ),
        *("httpcore2", "httplib2", "httpx", "httpx2", "huggingface_hub", "imaplib", "openai", "paramiko"),
        *("multiprocessing.connection", "nntplib", "poplib", "psycopg", "pycurl", "requests", "smtplib"),
        *("telnetlib", "tornado", "trio", "urllib.request", "urllib3", "websocket", "websockets", "xmlrpc"),
    ]
)
# Names that connect, send to an address or look one up, whatever object they are asked of.
CONNECTING_NAMES = frozenset(
    [
        *("connect", "connect_ex", "create_connection", "create_datagram_endpoint", "create_unix_connection"),
        *("getaddrinfo", "gethostbyname", "gethostbyname_ex", "open_connection", "open_unix_connection"),
        *("sendmsg", "sendto", "sock_connect", "sock_sendto", "start_tls", "urlopen", "urlretrieve"),
        "UpdatePrices",
    ]
)
# Programs that connect on somebody's behalf.
CONNECTING_PROGRAMS = frozenset(
    ["aria2c", "curl", "git", "nc", "ncat", "netcat", "pip", "socat", "ssh", "wget"]
)
# Names that unmask: fetching any of the above by a string.
DYNAMIC_IMPORTS = frozenset(["__import__", "import_module"])

# (name, what it is asked of or imported from) that connect to nothing outside.
LAWFUL = {
    ("connect", "sqlite3"): "opens a file",
    ("connect", "duckdb"): "a database in memory, told to fetch nothing",
    ("connect", "freehold.ledger.schema"): "opens the ledger's file",
    ("connect", ""): "a function of the module's own, or imported from one of the above",
    ("sendto", "machine"): "the number of the system call that the engine's child is denied",
}


def _modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def _room(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0]


def _imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and _name(node.func) in DYNAMIC_IMPORTS and node.args:
            named = node.args[0]
            if isinstance(named, ast.Constant):
                yield node.lineno, str(named.value)


def _name(node: ast.expr) -> str:
    """The last name of an expression: `b` of `a.b`, `a` of `a`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _connects_by_module(name: str) -> bool:
    return any(name == module or name.startswith(f"{module}.") for module in CONNECTING_MODULES)


def _names(tree: ast.AST) -> Iterator[tuple[int, str, str]]:
    """Every name that is read or called, with what it is asked of (empty for a plain name)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Store):
            continue
        if isinstance(node, ast.Attribute):
            yield node.lineno, node.attr, _name(node.value) or "an expression"
        elif isinstance(node, ast.Name):
            yield node.lineno, node.id, ""
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, alias.name, node.module or "") for alias in node.names)


def _fetched_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Names fetched by a string: `getattr(x, "connect")`, `attrgetter("connect")`, `vars(x)["connect"]`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in {"getattr", "attrgetter", "methodcaller"}:
            constants = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            constants = [node.slice.value]
        else:
            continue
        yield from ((node.lineno, constant) for constant in constants if isinstance(constant, str))


def _programs(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The program of `run(["curl", ...])`, `create_subprocess_exec("curl", ...)`, `system("curl ...")`."""
    starters = {"run", "Popen", "call", "check_call", "check_output", "system", "popen", "execv", "execvp"}
    starters |= {"create_subprocess_exec", "create_subprocess_shell", "posix_spawn", "getoutput", "which"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in starters and node.args:
            first = node.args[0]
            if isinstance(first, ast.List | ast.Tuple) and first.elts:
                first = first.elts[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value.split():
                yield node.lineno, Path(first.value.split()[0]).name


def ways_out(source: str) -> list[str]:
    """Each way out in a module, as `line: what`."""
    tree = ast.parse(source)
    found = [f"{line}: imports {name}" for line, name in _imports(tree) if _connects_by_module(name)]
    found += [
        f"{line}: {base}.{name}" if base else f"{line}: {name}"
        for line, name, base in _names(tree)
        if name in CONNECTING_NAMES and (name, base) not in LAWFUL
    ]
    found += [f"{line}: fetches {name!r}" for line, name in _fetched_names(tree) if name in CONNECTING_NAMES]
    found += [f"{line}: runs {name}" for line, name in _programs(tree) if name in CONNECTING_PROGRAMS]
    return found


def permits_made(source: str) -> list[str]:
    """Each place that makes, unmasks or alters a permit, as `line: what`."""
    nodes = list(ast.walk(ast.parse(source)))
    found = [
        f"{node.lineno}: {what}" for node in nodes if isinstance(node, ast.Call) and (what := _makes(node))
    ]
    found += [
        f"{node.lineno}: derives from Permit"
        for node in nodes
        if isinstance(node, ast.ClassDef) and any(_name(base) == "Permit" for base in node.bases)
    ]
    found += [
        f"{node.lineno}: alters a permit"
        for node in nodes
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store | ast.Del)
        and _is_permit(node.value)
    ]
    return found + ["touches the seal" for node in nodes if _is_seal(node)]


def _makes(call: ast.Call) -> str | None:
    name = _name(call.func)
    if name == "Permit":
        return "makes a permit"
    around = {"__new__", "copy", "deepcopy", "replace", "__setattr__", "setattr", "force_setattr"}
    return f"{name} of a permit" if name in around and any(map(_is_permit, call.args)) else None


def _is_permit(node: ast.expr) -> bool:
    return _name(node).lower().endswith("permit")


def _is_seal(node: ast.AST) -> bool:
    match node:
        case ast.Name(id="_SEAL") | ast.Attribute(attr="_SEAL"):
            return True
        case ast.alias(name="_SEAL") | ast.Constant(value="_SEAL"):
            return True
    return False


def test_only_egress_opens_outbound_connections() -> None:
    found = {
        str(path.relative_to(SOURCE)): ways
        for path in _modules()
        if _room(path) != "egress" and (ways := ways_out(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_only_privacy_makes_permits() -> None:
    found = {
        str(path.relative_to(SOURCE)): places
        for path in _modules()
        if _room(path) != "privacy" and (places := permits_made(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_egress_connects_in_one_place() -> None:
    """The door is one function; a second one would need its own check of the permit."""
    doors = [
        path.name
        for path in _modules()
        if _room(path) == "egress"
        for _, name, _ in _names(ast.parse(path.read_text(encoding="utf-8")))
        if name in CONNECTING_NAMES
    ]
    assert doors == ["pool.py"]


def test_the_walk_sees_the_whole_house() -> None:
    rooms = {_room(path) for path in _modules()}
    assert {"egress", "privacy", "wire"} <= rooms


@pytest.mark.parametrize(
    "source",
    [
        "import http.client",
        "from http import client",
        "import urllib.request as u",
        "from urllib import request",
        "def f():\n    import httpx",
        "import importlib\nimportlib.import_module('requests')",
        "__import__('aiohttp.client')",
        "import socket\nsocket.create_connection(('a', 1))",
        "from socket import create_connection as c",
        "import socket\ns = socket.socket()\ns.connect(('a', 1))",
        "self.sock.connect_ex(address)",
        "await asyncio.open_connection('a', 1)",
        "await loop.create_connection(P, 'a', 1)",
        "make = asyncio.get_running_loop().create_connection",
        "getattr(loop, 'create_connection')",
        "vars(socket)['create_connection']",
        "subprocess.run(['/usr/bin/curl', url], check=True)",
        "os.system('wget http://a')",
        "from genai_prices import UpdatePrices",
    ],
)
def test_a_way_out_is_found(source: str) -> None:
    assert ways_out(source)


@pytest.mark.parametrize(
    "source",
    [
        "from freehold.privacy import Permit\nPermit(seal, label, label, 'x', 'y')",
        "privacy.Permit(None, a, b, c, d)",
        "object.__new__(Permit)",
        "import copy\ncopy.copy(permit)",
        "class Mine(Permit): ...",
        "from freehold.privacy.permit import _SEAL",
        "getattr(freehold.privacy.permit, '_SEAL')",
        "object.__setattr__(permit, 'destination', 'https://elsewhere:443')",
        "msgspec.structs.force_setattr(permit, 'destination', 'https://elsewhere:443')",
        "call.permit.destination = 'https://elsewhere:443'",
    ],
)
def test_a_forged_permit_is_found(source: str) -> None:
    assert permits_made(source)


@pytest.mark.parametrize(
    "source",
    [
        "import sqlite3\nsqlite3.connect(path)",
        "import socket\nlistener = socket.socket()\nlistener.bind(a)\nlistener.listen()",
        "await asyncio.start_server(serve, '127.0.0.1', 0)",
        "from urllib.parse import urlsplit",
        "subprocess.Popen([sys.executable, '-m', 'freehold.engine.child'])",
        "def send(permit: Permit) -> None: ...",
    ],
)
def test_what_stays_at_home_is_not_found(source: str) -> None:
    assert ways_out(source) == []
    assert permits_made(source) == []
