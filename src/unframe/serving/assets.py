"""The files of the page to try the service."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

KINDS = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


class Asset(NamedTuple):
    """One file of the page.

    Attributes:
        data: Its bytes.
        media_type: What they are.
        tag: What changes when they do.
    """

    data: bytes
    media_type: str
    tag: str


@cache
def assets() -> dict[str, Asset]:
    """Every file of the page by its name; nothing else can be asked for."""
    found = {}
    for file in (files(__package__) / "page").iterdir():
        kind = KINDS.get("." + file.name.rpartition(".")[2])
        if kind:
            data = file.read_bytes()
            found[file.name] = Asset(data, kind, f'"{hashlib.sha256(data).hexdigest()[:16]}"')
    return found


async def index(request: Request) -> Response:
    """The page."""
    return _sent("index.html", request)


async def asset(request: Request) -> Response:
    """One of its files."""
    return _sent(request.path_params["name"], request)


def _sent(name: str, request: Request) -> Response:
    found = assets().get(name)
    if found is None:
        raise HTTPException(404)
    headers = {"Cache-Control": "no-cache", "ETag": found.tag}
    if request.headers.get("if-none-match") == found.tag:
        return Response(status_code=304, headers=headers)
    return Response(found.data, media_type=found.media_type, headers=headers)
