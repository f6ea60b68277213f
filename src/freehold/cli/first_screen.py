"""What `freehold up` tells when it is ready: what runs, what to try next, where things are."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from freehold import __version__
from freehold.cli.calling import call
from freehold.cli.cells import SIMULATED, tenure_word
from freehold.cli.running import Running
from freehold.cli.screen import Block, Cell, Column, Meaning, Screen, Table, Word, line, to_copy
from freehold.config import ModelSettings, RouteSettings

_TICKET = "My order #48213 arrived broken. I need a replacement before Friday."


def running_shape(running: Running) -> dict[str, Any]:
    """The same as JSON."""
    settings = running.settings
    return {
        "url": f"{running.url}/v1",
        "page": f"{running.url}/",
        "config": str(running.config_path.absolute()),
        "ledger": str(running.ledger_path),
        "models": [
            {
                "name": name,
                "tenure": model.tenure,
                "provider": model.provider,
                "simulated": is_simulated(model),
                "status": _status(running, name),
            }
            for name, model in settings.models.items()
        ],
        "routes": [
            {"name": name, "home": route.home, "rent": list(route.rent), "own": list(route.own)}
            for name, route in settings.routes.items()
        ],
    }


def is_simulated(model: ModelSettings) -> bool:
    return model.provider == "sandbox"


def first_screen(running: Running, *, is_new: bool) -> Screen:
    settings = running.settings
    blocks: list[Block] = [
        line(),
        line(Word("Freehold", "title"), f" {__version__}  ", Word(f"{running.url}/v1", "code")),
        line(),
        line(Word("Models", "faint"), indent=2),
        _models(running),
        line(),
    ]
    if settings.routes:
        blocks += [line(Word("Routes", "faint"), indent=2), _routes(running), line()]
    blocks += _next(running)
    blocks += _places(running, is_new=is_new)
    return blocks


def _models(running: Running) -> Table:
    columns = (Column("", whole=True), Column("", whole=True), Column("", whole=True), Column(""))
    rows = [_model(running, name, model) for name, model in running.settings.models.items()]
    return Table(columns, rows, indent=4)


def _model(running: Running, name: str, model: ModelSettings) -> tuple[Cell, ...]:
    return Word(name, "strong"), tenure_word(model.tenure), model.provider, _about(running, name, model)


def _about(running: Running, name: str, model: ModelSettings) -> Cell:
    if is_simulated(model):
        return (SIMULATED, ": stands in for a rented API, its money is no money")
    engine = running.engines.get(name)
    if engine is None:
        return (f"{model.model} at {model.url}",)
    state = engine.state
    meaning: Meaning = "good" if state.status == "ready" else "odd"
    said = (f" ({state.reason})",) if state.reason else ()
    return (Word(state.status, meaning), f"  {_weights(model)} under llama.cpp", *said)


def _weights(model: ModelSettings) -> str:
    text = model.weights or ""
    return text if text.startswith("builtin:") else Path(text).name


def _status(running: Running, name: str) -> str | None:
    engine = running.engines.get(name)
    return None if engine is None else engine.state.status


def _routes(running: Running) -> Table:
    columns = (Column("", whole=True), Column(""))
    simulated = {n for n, m in running.settings.models.items() if m.provider == "sandbox"}
    rows = [
        (Word(name, "strong"), _route(route, simulated)) for name, route in running.settings.routes.items()
    ]
    return Table(columns, rows, indent=4)


def _route(route: RouteSettings, simulated: Collection[str]) -> Cell:
    sides: dict[str, tuple[str, ...]] = {"own": route.own, "rent": route.rent}
    home = sides[route.home]
    other = sides["rent" if route.home == "own" else "own"]
    meaning: Meaning = "owned" if route.home == "own" else "rented"
    steps_in = [name for name in other if name not in simulated]
    asked = [name for name in other if name in simulated]
    rest = f", or {', '.join(steps_in)}" if steps_in else ""
    rest += f"; {', '.join(asked)} when asked for" if asked else ""
    policy = "" if route.policy == "home" else f"  policy {route.policy}"
    return ("home ", Word(route.home, meaning), f": {', '.join(home)}{rest}{policy}  label {route.label}")


def _next(running: Running) -> Iterator[Block]:
    name = next(iter(running.settings.routes), None) or next(iter(running.settings.models))
    url = f"{running.url}/v1"
    needs_key = running.settings.server.require_keys
    yield line(Word("Try next", "faint"), indent=2)
    for text in _curl(url, name, running.ca_file, needs_key=needs_key):
        yield to_copy(text, indent=4)
    yield line()
    if running.ca_file is not None:
        yield to_copy(
            f"# its certificate vouches for itself: SSL_CERT_FILE={running.ca_file} python", indent=4
        )
    for text in _python(url, name, needs_key=needs_key):
        yield to_copy(text, indent=4)
    yield line()
    yield to_copy(call("try", name, f'"{_TICKET}"', config=running.config_path), indent=4)
    if needs_key:
        create = call("keys", "create", config=running.config_path)
        yield line("Keys are required: ", Word(create, "code"), " makes one.", indent=4)
    yield line()


def _curl(url: str, name: str, ca_file: Path | None, *, needs_key: bool) -> Iterator[str]:
    if ca_file is not None:
        url = f"--cacert {shlex.quote(str(ca_file))} {url}"
    yield f"curl {url}/chat/completions -H 'content-type: application/json' \\"
    if needs_key:
        yield '  -H "authorization: Bearer $FREEHOLD_KEY" \\'
    yield f"""  -d '{{"model": "{name}", "messages": [{{"role": "user", "content": "{_TICKET}"}}]}}'"""


def _python(url: str, name: str, *, needs_key: bool) -> Iterator[str]:
    key = "YOUR_KEY" if needs_key else "none"
    yield "from openai import OpenAI"
    yield f'client = OpenAI(base_url="{url}", api_key="{key}")'
    messages = '[{"role": "user", "content": "Where is my order #48213?"}]'
    yield f'print(client.chat.completions.create(model="{name}", messages={messages}))'


def _places(running: Running, *, is_new: bool) -> Iterator[Block]:
    config = running.config_path.absolute()
    note = "written just now, every line explained" if is_new else "changes are taken up without a restart"
    columns = (Column("", whole=True), Column("", whole=True), Column(""))
    rows = [
        (Word("Page", "faint"), f"{running.url}/", "what runs, the last requests, a playground"),
        (Word("Config", "faint"), str(config), note),
        (Word("Ledger", "faint"), str(running.ledger_path), "freehold requests, stats, explain"),
        (Word("Stop", "faint"), "Ctrl-C", ""),
    ]
    yield Table(columns, rows, indent=2)
    yield line()
