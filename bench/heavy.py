"""Texts full of data, made up: tables, records, logs, code, pages. What a scanner has most to look at in.

Kinds with and without personal data; each call gives about `size` characters. Knows no detector.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Final

from bench.values import card_number, digits_of, iban_number, phone_number, seeded

_SAID: Final = """
order item status total created updated user session region cache worker queue retry latency batch index
report account service payment shipment invoice customer product warehouse ticket branch version build
"""
_WORDS: Final = tuple(_SAID.split())


def _time(rng: Random) -> str:
    day = f"2026-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
    return f"{day}T{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.randrange(60):02}.{digits_of(rng, 3)}Z"


def _hex(rng: Random, length: int) -> str:
    return "".join(rng.choices("0123456789abcdef", k=length))


def _csv(rng: Random) -> str:
    fields = (
        rng.randrange(9999),
        _time(rng),
        rng.choice(_WORDS),
        f"{rng.random() * 1000:.2f}",
        digits_of(rng, 6),
    )
    return f"{','.join(map(str, fields))},{rng.choice(_WORDS)}\n"


def _people(rng: Random) -> str:
    address = f"{rng.choice(_WORDS)}@{rng.choice(_WORDS)}.com"
    return (
        ";".join((digits_of(rng, 5), address, phone_number(rng), iban_number(rng), card_number(rng))) + "\n"
    )


def _json(rng: Random) -> str:
    row = {
        rng.choice(_WORDS): rng.randrange(100_000),
        "id": _hex(rng, 24),
        "at": _time(rng),
        "share": rng.random(),
    }
    return json.dumps(row) + ",\n"


def _log(rng: Random) -> str:
    place = f"{rng.choice(_WORDS)}.{rng.choice(_WORDS)}:{rng.randrange(999)}"
    took = f"took {rng.randrange(9999)}ms id={_hex(rng, 32)}"
    return f"{_time(rng)} INFO [{rng.choice(_WORDS)}-{rng.randrange(16)}] {place} {took}\n"


def _matrix(rng: Random) -> str:
    return " ".join(f"{rng.gauss(0, 10):.4f}" for _ in range(12)) + "\n"


def _counts(rng: Random) -> str:
    return "\t".join(str(rng.randrange(10 ** rng.randrange(1, 7))) for _ in range(10)) + "\n"


def _code(rng: Random) -> str:
    name, other = rng.choice(_WORDS), rng.choice(_WORDS)
    value = f"{other}.get('{name}', {rng.randrange(999)})"
    return f"    {name}_{other} = {value}  # {name} of {other}, see #{rng.randrange(9999)}\n"


def _page(rng: Random) -> str:
    return (
        f'<tr class="{rng.choice(_WORDS)}"><td>{rng.randrange(9999)}</td>'
        f'<td><a href="/p/{digits_of(rng, 6)}?a=%20b">'
        f"{rng.choice(_WORDS)}&nbsp;{rng.choice(_WORDS)}</a></td><td>{rng.random() * 100:.2f} €</td></tr>\n"
    )


def _prose(rng: Random) -> str:
    return " ".join(rng.choices(_WORDS, k=12)).capitalize() + f" in {rng.randrange(1990, 2027)}. "


KINDS: Final[dict[str, Callable[[Random], str]]] = {
    "prose": _prose,
    "code": _code,
    "CSV": _csv,
    "CSV of people": _people,
    "JSON": _json,
    "logs": _log,
    "numbers, spaced": _matrix,
    "numbers, tabs": _counts,
    "HTML": _page,
}


def text_of(kind: str, size: int, seed: int = 1) -> str:
    """About `size` characters of a kind, the same for the same seed."""
    rng = seeded(f"{seed} {kind}")
    parts: list[str] = []
    length = 0
    while length < size:
        parts.append(KINDS[kind](rng))
        length += len(parts[-1])
    return "".join(parts)
