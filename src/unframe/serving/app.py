"""The HTTP application: routes, their description, and the one place where errors become answers."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Query
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from unframe import __version__
from unframe.errors import DecodeError, RequestError, SettingsError, UnframeError
from unframe.imaging.decode import check_size
from unframe.removal import Mode, Options, Size
from unframe.serving import assets, schema
from unframe.serving.archive import Archive
from unframe.serving.around import Around, Note
from unframe.serving.body import LONGEST_NAME, Holding, Upload, read_form, read_picture
from unframe.serving.metrics import CONTENT_TYPE
from unframe.serving.pictures import MEDIA_TYPES, Detecting, Found, Removing
from unframe.serving.problems import MEDIA_TYPE, STATUS, Problem, problem_of
from unframe.serving.service import Service, Work
from unframe.settings import Settings
from unframe.types import Box

RECORD_HEADER = "Unframe-Record"
_FORM = "multipart/form-data"

DESCRIPTION = """Tells whether a product photograph carries an added frame, says where it is, and takes it off.

Send a picture as the body of a request, whatever its content type says, or several as files of a multipart form.
Errors are problem documents (RFC 9457); `error` in them is the code that the command line uses, too.
"""

router = APIRouter()

Name = Annotated[str, Query(max_length=LONGEST_NAME, description="What the record calls a picture that is the body")]


class Application(FastAPI):
    """FastAPI, which does not describe problems by itself: it knows of answers in plain JSON only."""

    def openapi(self) -> dict[str, Any]:
        """The description of the service."""
        document = super().openapi()
        document["components"]["schemas"].setdefault("Problem", schema.Problem.model_json_schema())
        return document


def application(service: Service) -> Around:
    """The application, which loads and tests its detector when it starts.

    Args:
        service: What it works with.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        preparing = asyncio.create_task(service.prepare())
        if service.serving.workers > 1:
            await preparing  # else it would take requests that another worker could answer
        yield  # a single process is live meanwhile, though not ready
        preparing.cancel()
        service.pool.close()

    app = Application(
        title="unframe",
        version=__version__,
        description=DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        docs_url=None,  # they load scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
        exception_handlers={
            UnframeError: _failed,
            RequestValidationError: _invalid,
            HTTPException: _refused,
            ClientDisconnect: _gone,
            Exception: _failed,
        },
    )
    app.state.service = service
    app.include_router(router)
    if service.serving.page:
        app.router.routes.append(Route("/", assets.index))
        app.router.routes.append(Route("/page/{name}", assets.asset))
    return Around(app, service)


def _problems(*codes: str) -> dict[int | str, dict[str, Any]]:
    """The description of the answers that errors with these codes get."""
    found: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        entry = found.setdefault(
            STATUS[code],
            {"description": "", "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}},
        )
        entry["description"] = ", ".join(filter(None, [entry["description"], code]))
    return found


_PICTURE = ("not-an-image", "unsupported-format", "truncated", "corrupt", "too-large")
_REQUEST = ("bad-request", "body-too-slow", "overloaded", "not-ready", "timed-out", "internal")
_BODY = ("bad-form", "body-too-large", "too-many-pictures")
_URL = ("fetch-off", "not-allowed", "unreachable", "too-slow")

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_REQUEST_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "One picture as it is, or a form with several.",
        "content": {
            **dict.fromkeys([*MEDIA_TYPES.values(), "application/octet-stream"], _BINARY),
            _FORM: {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "array", "items": _BINARY["schema"], "minItems": 1}},
                    "required": ["file"],
                }
            },
        },
    }
}


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def _note(request: Request) -> Note:
    note: Note = request.state.note
    return note


@router.get(
    "/health/live",
    tags=["health"],
    summary="Whether the process answers",
    response_model=schema.Health,
    response_model_exclude_none=True,
)
async def live() -> Response:
    """Answers as long as the process does. It does not mean that requests are taken; see `/health/ready`."""
    return JSONResponse({"status": "live"})


@router.get(
    "/health/ready",
    tags=["health"],
    summary="Whether requests are taken",
    response_model=schema.Health,
    responses=_problems("not-ready"),
)
async def ready(request: Request) -> Response:
    """Ready once the detector is loaded and judged the self-test's picture as it did when it was released."""
    service = _service(request)
    if service.state != "ready":
        raise service.unready()
    return JSONResponse({"status": "ready", "model": service.model})


@router.get(
    "/metrics",
    tags=["health"],
    summary="Counts for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(request: Request) -> Response:
    """Requests, latency, queue, scores and errors by code, over all workers."""
    service = _service(request)
    service.measure()
    return Response(await asyncio.to_thread(service.metrics.text), headers={"Content-Type": CONTENT_TYPE})


@router.post(
    "/v1/detect",
    tags=["pictures"],
    summary="Tell whether pictures carry a frame, and where",
    response_model=schema.Record | list[schema.Record | schema.Failure],
    responses=_problems(*_PICTURE, *_REQUEST, *_BODY),
    openapi_extra=_REQUEST_BODY,
)
async def detect(request: Request, name: Name = "image") -> Response:
    """A picture as the body gives one record; a form a list of them, in order, where one that failed says so."""
    service = _service(request)
    work = Detecting(service.detector)
    with Holding(service.meter) as holding:
        if _is_form(request):
            return JSONResponse([each.record for each in await _form(request, work, holding)])
        return JSONResponse((await _body(request, work, holding, name)).record)


@router.get(
    "/v1/detect",
    tags=["pictures"],
    summary="Tell whether the picture at a URL carries a frame, and where",
    response_model=schema.Record,
    responses=_problems(*_PICTURE, *_REQUEST, *_URL),
)
async def detect_url(
    request: Request,
    url: Annotated[str, Query(max_length=2048, description="An http or https URL of a host that may be fetched from")],
) -> Response:
    """Off unless the owner of the server switched it on, and then only for the hosts on the owner's list."""
    service = _service(request)
    with Holding(service.meter) as holding:
        data = await service.fetcher.fetch(url, holding.take)
        found = await _one(request, Detecting(service.detector), Upload(url, data, len(data)))
        return JSONResponse(found.record)


@router.post(
    "/v1/remove",
    tags=["pictures"],
    summary="Take frames off",
    response_class=Response,
    responses={
        200: {
            "description": "The cleaned picture in the format it came in, or an archive with all of a form.",
            "headers": {
                RECORD_HEADER: {
                    "description": "The record of a picture that was the body, as JSON in ASCII.",
                    "schema": {"type": "string"},
                }
            },
            "content": dict.fromkeys([*MEDIA_TYPES.values(), Archive.media_type], _BINARY),
        },
        **_problems(*_PICTURE, *_REQUEST, *_BODY, "not-plain", "unwritable"),
    },
    openapi_extra=_REQUEST_BODY,
)
async def remove(
    request: Request,
    name: Name = "image",
    mode: Annotated[Mode, Query(description="Crop, fill the frame with backdrop, or crop and pad")] = "crop",
    size: Annotated[
        str | None, Query(pattern=r"^\d{1,5}x\d{1,5}$", description="Size of padded pictures, as 1000x1000")
    ] = None,
    review: Annotated[bool, Query(description="Take frames off pictures that are up for review, too")] = False,
    force: Annotated[
        bool, Query(description="Cut more than 45 % of a side, and keep results that are judged framed again")
    ] = False,
    inner: Annotated[
        str | None,
        Query(
            pattern=r"^\d{1,5}(,\d{1,5}){3}$",
            description="The photograph's box where a person has said it, as left,top,right,bottom; it is not doubted",
        ),
    ] = None,
) -> Response:
    """A picture as the body is answered by the cleaned picture, with its record in a header.

    A picture without a frame, or whose frame is left in place, comes back byte for byte; `reason` in its record says
    why. A form is answered by a ZIP archive of pictures, with their records in `records.jsonl`.
    """
    service = _service(request)
    work = Removing(service.detector, _options(service.settings, mode, size, review, force), _box(inner))
    with ExitStack() as stack:
        holding = stack.enter_context(Holding(service.meter))
        if _is_form(request):
            found = await _form(request, work, holding)
            return Archive(found, stack.pop_all(), service.serving.answer_seconds)
        done = await _body(request, work, holding, name)
        headers = {RECORD_HEADER: json.dumps(done.record)}
        return Response(done.data, media_type=done.media_type, headers=headers)


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").lower().startswith(_FORM)


async def _form(request: Request, work: Work, holding: Holding) -> list[Found]:
    service = _service(request)
    uploads = await read_form(request, holding, service.settings, service.serving)
    note = _note(request)
    note.pictures, note.received = len(uploads), sum(each.size for each in uploads)
    return await service.each(work, uploads, holding)


async def _body(request: Request, work: Work, holding: Holding, name: str) -> Found:
    service = _service(request)
    return await _one(request, work, await read_picture(request, holding, service.settings, service.serving, name))


async def _one(request: Request, work: Work, upload: Upload) -> Found:
    note = _note(request)
    note.pictures, note.received = 1, upload.size
    return await _service(request).one(work, upload)


def _options(settings: Settings, mode: Mode, size: str | None, review: bool, force: bool) -> Options:
    try:
        parsed = Size.parse(size) if size else None
        if parsed:
            check_size(*parsed, settings)
        return Options(mode=mode, size=parsed, review=review, force=force)
    except (SettingsError, DecodeError) as error:
        raise RequestError("bad-request", f"size: {error}") from error


def _box(inner: str | None) -> Box | None:
    if inner is None:
        return None
    box = Box(*map(int, re.split(",", inner)))
    if box.width < 1 or box.height < 1:
        raise RequestError("bad-request", f"inner {inner} holds no pixel; it is left,top,right,bottom")
    return box


async def _failed(request: Request, error: Exception) -> Response:
    return _told(request, problem_of(error, instance=_note(request).id))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
    what = "; ".join(f"{each['loc'][-1]}: {each['msg']}" for each in error.errors())
    return await _failed(request, RequestError("bad-request", what))


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    if error.status_code == STATUS["method-not-allowed"]:
        why = RequestError("method-not-allowed", f"{request.url.path} does not take {request.method}")
        answer = problem_of(why, instance=_note(request).id)
        answer.headers.update(error.headers or {})
        return _told(request, answer)
    return await _failed(request, RequestError("not-found", f"there is nothing at {request.url.path}"))


async def _gone(request: Request, error: Exception) -> Response:
    return Response(status_code=499)  # nobody reads it; the log does


def _told(request: Request, answer: Problem) -> Problem:
    _note(request).code = answer.code
    return answer
