"""The review page as a web application: JSON for the page and the browser extension, pictures by number."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from unframe.errors import DatasetError, DecodeError, StoreError, UnframeError
from unframe.imaging import decode, encode, probe, read
from unframe.labelling import inbox
from unframe.labelling.answers import Answer, parse
from unframe.labelling.classify import Classifier
from unframe.labelling.guard import Guard
from unframe.labelling.pictures import Marks
from unframe.labelling.store import LabelStore

LARGEST_JSON = 8 * 1024 * 1024
FIRST = 100
"""Pictures of each side that the page is given before it is given all."""

MEANS = frozenset({"click", "key", "screen", "editor"})
"""How a decision may be made on the page."""

_KINDS = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
# What browsers show as it is; the others are sent as PNG.
_SHOWN = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif", "BMP": "image/bmp"}
_NEVER = {"Cache-Control": "no-store"}

Handler = Callable[["Desk", Request], Response]


@dataclass(frozen=True, slots=True)
class Desk:
    """What the page works on.

    Attributes:
        store: The labels.
        classifier: The background work, which knows folder, detectors and small copies.
        who: The person at the page.
        address: Address of the page with its token, for the browser extension.
        suspects: Score by relative path, the higher the more suspect, from ``unframe dataset label-errors``.
    """

    store: LabelStore
    classifier: Classifier
    who: str
    address: str
    suspects: Mapping[str, float]

    @property
    def models(self) -> tuple[str, str]:
        """The model that sorts the page, and its rival or an empty text."""
        names = [detector.model for detector in self.classifier.detectors]
        return names[0], names[1] if len(names) > 1 else ""

    def picture(self, identifier: int) -> dict[str, Any]:
        """What is recorded about a picture.

        Raises:
            HTTPException: 404 when there is no such picture in the folder.
        """
        row = self.classifier.pictures.find(identifier)
        if row is None or row["sha256"] is None:
            raise HTTPException(404, f"there is no picture {identifier}; load the page again")
        return dict(row)

    def bytes_of(self, picture: Mapping[str, Any]) -> bytes:
        """The bytes of a picture's file."""
        return read(self.classifier.pictures.folder / picture["path"], self.classifier.settings)


def application(desk: Desk, port: int, token: str) -> Starlette:
    """The review page.

    Args:
        desk: What it works on.
        port: Port that it is served on.
        token: Secret that its address carries.
    """
    routes = [
        Route("/", _page("index.html")),
        Route("/page/{name}", _static),
        *(Route(path, _bound(desk, handler)) for path, handler in READING.items()),
        *(Route(path, _writing(desk, handler), methods=["POST"]) for path, handler in WRITING.items()),
        *(Route(path, _receiving(desk, handler), methods=["POST"]) for path, handler in RECEIVING.items()),
    ]
    # Nothing is compressed: on the way from a machine to itself that takes longer than it saves.
    middleware = [Middleware(Guard, port=port, token=token)]
    return Starlette(routes=routes, middleware=middleware, exception_handlers={UnframeError: _failed})


def _page(name: str) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return _file(name)

    return endpoint


async def _static(request: Request) -> Response:
    return _file(request.path_params["name"])


def _file(name: str) -> Response:
    """A file of the page; only names that are in its folder lead anywhere."""
    found: Traversable | None = next(
        (each for each in (files(__package__) / "page").iterdir() if each.name == name), None
    )
    kind = _KINDS.get("." + name.rpartition(".")[2])
    if found is None or kind is None:
        raise HTTPException(404)
    return Response(found.read_bytes(), media_type=kind, headers={"Cache-Control": "no-cache"})


def _bound(desk: Desk, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(handler, desk, request)

    return endpoint


def _writing(desk: Desk, handler: Callable[[Desk, Any], Response]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        body = await _body(request, LARGEST_JSON)
        return await run_in_threadpool(handler, desk, _json(body))

    return endpoint


def _receiving(
    desk: Desk, handler: Callable[[Desk, Request, bytes], Response]
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        body = await _body(request, desk.classifier.settings.max_bytes)
        return await run_in_threadpool(handler, desk, request, body)

    return endpoint


async def _body(request: Request, limit: int) -> bytes:
    """The body of a request, of which never much more than the limit is held, whatever its length says."""
    parts = bytearray()
    async for part in request.stream():
        parts += part
        if len(parts) > limit:
            raise HTTPException(413, f"the body has more than {limit:,} bytes")
    return bytes(parts)


def _json(body: bytes) -> Any:
    import json  # noqa: PLC0415

    try:
        found = json.loads(body or b"{}")
        json.dumps(found, ensure_ascii=False).encode()  # fails at half a character, as "\ud800", which no store keeps
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, f"the body is not JSON: {error}") from error
    return found


async def _failed(request: Request, error: Exception) -> Response:
    """One place that turns errors into answers."""
    status = {DecodeError: 422, DatasetError: 422, StoreError: 503}.get(type(error), 500)
    code = getattr(error, "code", type(error).__name__)
    return JSONResponse({"error": code, "message": str(error)}, status_code=status, headers=_NEVER)


def state(desk: Desk, request: Request) -> Response:
    """The pictures and their labels; with ``after``, only what has changed since, with ``first``, a first screen."""
    after = _marks(request.query_params.get("after", ""))
    pictures = desk.classifier.pictures
    marks = pictures.marks()
    first = FIRST if "first" in request.query_params else None
    rows = [] if after == marks else pictures.shown(*desk.models, after=after, first=first)
    return JSONResponse(
        {"marks": list(marks), "rows": [tuple(row) for row in rows], "progress": desk.classifier.state()},
        headers=_NEVER,
    )


def _marks(text: str) -> Marks | None:
    if not text:
        return None
    if not re.fullmatch("[0-9]{1,18}(,[0-9]{1,18}){2}", text):  # no more digits than SQLite's integers hold
        raise HTTPException(400, "after is three whole numbers, as marks in an earlier answer")
    return Marks(*map(int, text.split(",")))


def hello(desk: Desk, request: Request) -> Response:
    """Who is here: for the page's header, and for the extension to see that it is paired."""
    first, second = desk.models
    facts = {
        "folder": desk.classifier.pictures.folder.name,
        "who": desk.who,
        "model": first,
        "rival": second,
        "suspects": _suspects(desk),
    }
    return JSONResponse(facts, headers=_NEVER)


def pairing(desk: Desk, request: Request) -> Response:
    """The address with its token, which is what the browser extension needs to know."""
    return JSONResponse({"address": desk.address}, headers=_NEVER)


def _suspects(desk: Desk) -> list[tuple[int, float]]:
    """Identifier and score of each picture whose label was found suspect."""
    if not desk.suspects:
        return []
    known = desk.classifier.pictures.known()
    return [(known[path]["id"], score) for path, score in desk.suspects.items() if path in known]


def details(desk: Desk, request: Request) -> Response:
    """Everything about one picture, for the editor."""
    picture = desk.picture(request.path_params["id"])
    decisions = list(desk.store.history(picture["sha256"]))
    last = decisions[-1] if decisions else None
    found = {name: picture[name] for name in ("id", "path", "width", "height", "source", "page", "address")}
    found |= {
        "answer": (last.answer if last else Answer()).record(),
        "said": [desk.classifier.pictures.prediction(picture["sha256"], model) for model in desk.models if model],
        "history": [
            {"label": each.answer.label, "who": each.who, "when": each.when.isoformat(), "how": each.how}
            for each in decisions
        ],
    }
    return JSONResponse(found, headers=_NEVER)


def boxes(desk: Desk, request: Request) -> Response:
    """The inner and outer boxes of several pictures, as labelled or else as detected."""
    found = {}
    for part in request.query_params.get("ids", "").split(",")[:500]:
        if part.isdecimal() and (row := desk.classifier.pictures.find(int(part))):
            found[part] = _box(desk, row["sha256"])
    return JSONResponse(found, headers=_NEVER)


def _box(desk: Desk, sha256: str) -> dict[str, Any] | None:
    decision = desk.store.labelled(sha256)
    if decision and decision.answer.inner:
        return {"inner": decision.answer.inner, "outer": decision.answer.outer, "by": "person"}
    said = desk.classifier.pictures.prediction(sha256, desk.models[0])
    return {"inner": said["inner"], "outer": said["outer"], "by": "detector"} if said and said["inner"] else None


def thumbnail(desk: Desk, request: Request) -> Response:
    """The small copy of a picture."""
    picture = desk.picture(request.path_params["id"])
    if _has_it(request, picture):
        return Response(status_code=304, headers=_cached(picture))
    thumbnails = desk.classifier.thumbnails
    jpeg = thumbnails.get(picture["sha256"])
    if jpeg is None:
        image = decode(desk.bytes_of(picture), desk.classifier.settings, name=picture["path"])
        jpeg = thumbnails.add(picture["sha256"], image)
    return Response(jpeg, media_type="image/jpeg", headers=_cached(picture))


def original(desk: Desk, request: Request) -> Response:
    """The picture itself, byte for byte where browsers show it."""
    picture = desk.picture(request.path_params["id"])
    if _has_it(request, picture):
        return Response(status_code=304, headers=_cached(picture))
    data = desk.bytes_of(picture)
    header = probe(data, desk.classifier.settings, name=picture["path"])
    if header.format in _SHOWN and header.mode != "CMYK":
        return Response(data, media_type=_SHOWN[header.format], headers=_cached(picture))
    image = decode(data, desk.classifier.settings, name=picture["path"])
    return Response(encode(image, format="PNG"), media_type="image/png", headers=_cached(picture))


def _cached(picture: Mapping[str, Any]) -> dict[str, str]:
    """Headers by which a browser keeps a picture, and asks before it shows it again.

    It has to ask: another store on the same port has other pictures by the same numbers.
    """
    return {"Cache-Control": "private, no-cache", "ETag": f'"{picture["sha256"]}"'}


def _has_it(request: Request, picture: Mapping[str, Any]) -> bool:
    return request.headers.get("if-none-match") == _cached(picture)["ETag"]


def decide(desk: Desk, body: Any) -> Response:
    """Append decisions, which are on the disk when the answer is sent."""
    given = body.get("decisions") if isinstance(body, dict) else None
    how = body.get("how") if isinstance(body, dict) else None
    if not isinstance(given, list) or not given or not isinstance(how, str) or how not in MEANS:
        raise HTTPException(400, f"the body is {{how: one of {', '.join(sorted(MEANS))}, decisions: [...]}}")
    answers = dict(_answer(desk, each) for each in given)
    act = desk.store.decide(answers, desk.who, how)
    return JSONResponse({"act": act, "decided": len(answers)}, headers=_NEVER)


def _answer(desk: Desk, given: Any) -> tuple[str, Answer]:
    """Picture and answer of one decision of the page; what is not given stays as it was, as long as the label does."""
    if not isinstance(given, dict) or not isinstance(given.get("id"), int):
        raise HTTPException(400, "a decision is {id, label} and, for frames, kind, sides, inner and outer")
    picture = desk.picture(given["id"])
    answer = parse(given, picture["width"], picture["height"])
    last = desk.store.labelled(picture["sha256"])
    if last is None or last.answer.label != answer.label:
        return picture["sha256"], answer
    if "inner" not in given and "kind" not in given:
        return picture["sha256"], last.answer
    return picture["sha256"], replace(answer, design=last.answer.design, note=answer.note or last.answer.note)


def undo(desk: Desk, body: Any) -> Response:
    """Take the last act back."""
    return JSONResponse({"changed": len(desk.store.undo(desk.who))}, headers=_NEVER)


def redo(desk: Desk, body: Any) -> Response:
    """Do the act again that was taken back last."""
    return JSONResponse({"changed": len(desk.store.redo(desk.who))}, headers=_NEVER)


def judge(desk: Desk, request: Request, body: bytes) -> Response:
    """What the detector says about a picture that the extension shows, and its label if it has one."""
    judged, _ = desk.classifier.judge(body)
    known = desk.store.labelled(judged.sha256)
    said = judged.detections[0].record("") | {"path": None, "label": known.answer.label if known else None}
    return JSONResponse(said, headers=_NEVER)


def take_in(desk: Desk, request: Request, body: bytes) -> Response:
    """Keep a picture that the extension sends, with its tag."""
    query = request.query_params
    act = query.get("act")
    if act is not None and not re.fullmatch("[0-9a-f]{32}", act):
        raise HTTPException(400, "act is no name of an act; give 32 hexadecimal digits, or leave it out")
    answer = parse({"label": query.get("label") or None})
    if answer.label is None:
        raise HTTPException(400, "label is missing; give framed, plain, unsure or reject")
    judged = inbox.receive(
        desk.store,
        desk.classifier,
        body,
        answer,
        page=query.get("page", ""),
        address=query.get("address", ""),
        who=desk.who,
        act=act,
    )
    return JSONResponse({"sha256": judged.sha256, "label": answer.label}, status_code=201, headers=_NEVER)


READING: dict[str, Handler] = {
    "/api/state": state,
    "/api/hello": hello,
    "/api/pairing": pairing,
    "/api/boxes": boxes,
    "/api/pictures/{id:int}": details,
    "/thumbnails/{id:int}": thumbnail,
    "/pictures/{id:int}": original,
}
WRITING: dict[str, Callable[[Desk, Any], Response]] = {
    "/api/decisions": decide,
    "/api/undo": undo,
    "/api/redo": redo,
}
RECEIVING: dict[str, Callable[[Desk, Request, bytes], Response]] = {
    "/api/judge": judge,
    "/api/inbox": take_in,
}
