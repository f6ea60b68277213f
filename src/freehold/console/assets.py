"""Stylesheet, modules and icon, from the package: read once. The browser asks whether they changed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from freehold.console.charts.looks import Colours, chart_style

# By the page's own variables, so that charts have its light and its dark side.
_CHARTS = Colours("var(--ink)", "var(--soft)", "var(--rule)", own="var(--owned)", rent="var(--rented)")
_FOLDER = Path(__file__).parent / "assets"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class _Asset:
    body: bytes
    media_type: str
    etag: str


class Assets:
    """The files beside this module, by name; a path can lead to no other."""

    def __init__(self) -> None:
        self._assets = {file.name: _read(file) for file in _FOLDER.iterdir() if file.suffix in _TYPES}
        self._assets["charts.css"] = _asset(chart_style(_CHARTS, "var(--sans)").encode(), ".css")

    async def answer(self, request: Request) -> Response:
        asset = self._assets.get(request.path_params["name"])
        if asset is None:
            raise HTTPException(404)
        headers = {"etag": asset.etag, "cache-control": "no-cache"}
        if request.headers.get("if-none-match") == asset.etag:
            return Response(status_code=304, headers=headers)
        return Response(asset.body, media_type=asset.media_type, headers=headers)


def _read(file: Path) -> _Asset:
    return _asset(file.read_bytes(), file.suffix)


def _asset(body: bytes, suffix: str) -> _Asset:
    return _Asset(body, _TYPES[suffix], f'"{hashlib.sha256(body).hexdigest()[:16]}"')
