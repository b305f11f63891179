"""What happens around every request: an identifier, headers, a line in the log, counts, and a farewell that arrives."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from unframe.errors import RequestError
from unframe.serving.logs import log
from unframe.serving.problems import problem_of
from unframe.serving.service import Service

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Sent with every answer."""

PICTURES = frozenset({"/v1/detect", "/v1/remove"})
"""Routes that judge pictures, and so may have to wait or be refused."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET = frozenset({"/health/live", "/health/ready", "/metrics"})
"""Routes that are asked every few seconds; the log has only what goes wrong with them."""

LINGER_SECONDS = 2.0
LINGER_BYTES = 1 << 20

_IDENTIFIER = re.compile(r"[A-Za-z0-9._-]{8,64}")


@dataclass(slots=True)
class Note:
    """What is known of a request when its line is written.

    Attributes:
        id: What the client, or else the server, calls it.
        pictures: How many it held.
        received: Bytes of its pictures.
        code: Code of the error that it was answered with.
    """

    id: str
    pictures: int = 0
    received: int = 0
    code: str | None = None


class Around:
    """Middleware around the whole application.

    Args:
        app: The application.
        service: What it works with.
    """

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = perf_counter()
        note = scope.setdefault("state", {})["note"] = Note(_identifier(Headers(scope=scope)))
        answer = _Answer(scope, receive, send, note, closing=lambda: self._service.state == "stopping")
        try:
            if scope["path"] in PICTURES and scope["method"] in {"GET", "POST"}:
                self._service.admit()  # here, because refusing many must cost little
            await self._app(scope, answer.receive, answer.send)
        except RequestError as error:
            await answer.fail(error)
        except asyncio.CancelledError:  # the server has stopped waiting for it
            await answer.fail(RequestError("not-ready", "the server has stopped; ask another, or try again", 1))
        except Exception as error:
            log("a request failed", logging.ERROR, error, id=note.id)
            await answer.fail(error)
        finally:
            self._write(scope, answer.status, perf_counter() - start, note)

    def _write(self, scope: Scope, status: int, seconds: float, note: Note) -> None:
        route = scope["path"] if scope["path"] in PICTURES else getattr(scope.get("route"), "path", "other")
        metrics = self._service.metrics
        method = scope["method"] if scope["method"] in METHODS else "other"  # a label may not be of anybody's choice
        metrics.requests.labels(route, method, str(status)).inc()
        metrics.seconds.labels(route).observe(seconds)
        if note.code:
            metrics.errors.labels(note.code).inc()
        self._service.measure()
        if route in QUIET and status < 500:
            return
        log(
            "request",
            logging.ERROR if status == 500 else logging.INFO,
            id=note.id,
            client=(scope.get("client") or ("",))[0],
            method=scope["method"],
            path=scope["path"],  # never the query: it may carry the secret of a signed URL
            status=status,
            code=note.code,
            pictures=note.pictures,
            bytes=note.received,
            milliseconds=round(1000 * seconds, 1),
        )


class _Answer:
    """One answer on its way."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, note: Note, closing: Callable[[], bool]) -> None:
        headers = Headers(scope=scope)
        self._scope = scope
        self._receive = receive
        self._send = send
        self._note = note
        self._closing = closing
        self._unread = int("transfer-encoding" in headers or headers.get("content-length", "0") != "0")
        self._waits = "expect" in headers  # for leave to send its body
        self.status = 0

    async def receive(self) -> Message:
        """The next part of the request."""
        message = await self._receive()
        self._waits = False
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            self._unread = 0
        return message

    async def send(self, message: Message) -> None:
        """Send the next part of the answer."""
        if message["type"] == "http.response.start":
            self._begin(message)
        elif self._unread and not message.get("more_body", False):
            await self._send({**message, "more_body": True})
            await self._drain()
            message = {"type": "http.response.body", "body": b""}
        await self._send(message)

    async def fail(self, error: Exception) -> None:
        """Say that the request failed, where nothing was said yet."""
        if not self.status:
            answer = problem_of(error, instance=self._note.id)
            self._note.code = answer.code
            await answer(self._scope, self.receive, self.send)

    def _begin(self, message: Message) -> None:
        self.status = message["status"]
        headers = MutableHeaders(scope=message)
        headers.update(HEADERS)
        headers["X-Request-Id"] = self._note.id
        if self._unread or self._closing():
            headers["Connection"] = "close"

    async def _drain(self) -> None:
        """Take a little of what is still being sent before the connection is closed.

        A connection that is closed with bytes unread is reset, and its client may never see why it was refused.
        """
        taken = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while self._unread and not self._waits and taken < LINGER_BYTES:
                    taken += len((await self.receive()).get("body", b""))


def _identifier(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _IDENTIFIER.fullmatch(given) else secrets.token_hex(8)
