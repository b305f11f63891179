"""Servers whose detector is the fake one: in this process, and spoken to over a socket or without."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="needs the extra serve")

import httpx

from tests import draw, fakes
from unframe.detector import Detector
from unframe.imaging import encode
from unframe.serving import logs, selftest
from unframe.serving.app import application
from unframe.serving.fetch import Fetcher
from unframe.serving.run import Server, address, listening
from unframe.serving.service import Service
from unframe.settings import ServerSettings, Settings
from unframe.types import Image

FRAMED = encode(draw.bordered(draw.product(64, 48, seed=1), 5, fakes.FRAME_COLOUR)[0], format="PNG")
DOUBTFUL = encode(draw.bordered(draw.product(64, 48, seed=2), 4, fakes.DOUBTFUL_COLOUR)[0], format="PNG")
CLEAN = encode(draw.product(64, 48, seed=3), format="JPEG")
TRUNCATED = CLEAN[: len(CLEAN) // 2]

Serve = Callable[..., "Running"]


class SlowDetector(fakes.FakeDetector):
    """Judges when it is let."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.started = threading.Semaphore(0)

    def detect(self, image: Image) -> Any:
        """Wait, then judge."""
        if image.shape != selftest.picture().shape:
            self.started.release()
            assert self.go.wait(30)
        return super().detect(image)


class Running:
    """A server that takes connections in a thread of this process."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.listener = listening("127.0.0.1", 0)
        self.url = address(self.listener).rstrip("/")
        self.port: int = self.listener.getsockname()[1]
        self.server = Server(service)
        self.client = httpx.Client(base_url=self.url, timeout=60, limits=httpx.Limits(max_connections=None))
        self._thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.listener]})

    def __enter__(self) -> Running:
        self._thread.start()
        until(lambda: self.server.started)
        return self

    def __exit__(self, *error: object) -> None:
        self.client.close()
        self.server.should_exit = True
        self._thread.join(30)
        assert not self._thread.is_alive()

    def ready(self) -> Running:
        """The same, once its detector is loaded."""
        until(lambda: self.service.state == "ready")
        return self


def until(condition: Callable[[], Any], seconds: float = 30) -> None:
    """Wait for something that is about to happen."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def fake_selftest(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the fake detector says of the self-test's picture."""
    monkeypatch.setattr(selftest, "stored", lambda: {"baseline": selftest.Expected("framed", 0.99)})


def service_of(
    detector: Any = None, settings: Settings | None = None, fetcher: Fetcher | None = None, **serving: Any
) -> Service:
    """A service with the fake detector, or another."""
    settings = settings or Settings(jobs=2)
    judge = Detector(detector or fakes.FakeDetector(), settings)
    return Service(settings, ServerSettings(**serving), lambda: judge, fetcher)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts servers that are stopped when the test ends."""
    with ExitStack() as stack:

        def start(*arguments: Any, **options: Any) -> Running:
            return stack.enter_context(Running(service_of(*arguments, **options))).ready()

        yield start


@asynccontextmanager
async def talking(service: Service, *, prepared: bool = True) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service, without a socket between them."""
    if prepared:
        await service.prepare()
    transport = httpx.ASGITransport(application(service), raise_app_exceptions=False)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://unframe") as client:
            yield client
    finally:
        service.pool.close()


class Client:
    """Asks a service, one request after the other, without a socket between them."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._loop = asyncio.new_event_loop()
        self._context = talking(service)
        self._client = self._loop.run_until_complete(self._context.__aenter__())

    def close(self) -> None:
        """Stop."""
        self._loop.run_until_complete(self._context.__aexit__(None, None, None))
        self._loop.close()

    def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The answer to a request."""
        return self._loop.run_until_complete(self._client.request(method, path, **options))

    def post(self, path: str, body: bytes, **options: Any) -> httpx.Response:
        """The answer to a picture."""
        return self("POST", path, content=body, **options)

    def form(self, path: str, *pictures: tuple[str, bytes], **options: Any) -> httpx.Response:
        """The answer to a form."""
        return self("POST", path, files=[("file", each) for each in pictures], **options)


@contextmanager
def asking(service: Service) -> Iterator[Client]:
    """A client of a service."""
    client = Client(service)
    try:
        yield client
    finally:
        client.close()


@pytest.fixture
def ask() -> Iterator[Client]:
    """A client of a service with the fake detector."""
    with asking(service_of()) as client:
        yield client


LogLines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def log_lines() -> Iterator[LogLines]:
    """What the log has, line by line, from now on."""
    stream = io.StringIO()
    logs.configure(stream)

    def lines() -> list[dict[str, Any]]:
        return [json.loads(line) for line in stream.getvalue().splitlines()]

    yield lines
    for name in logs.LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.setLevel(logging.NOTSET)
        logger.propagate = True
    logging.captureWarnings(False)


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of an answer that is a problem, whose document is checked."""
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert set(document) == {"type", "title", "status", "detail", "error", "instance"}
    assert document["status"] == answer.status_code
    assert document["instance"] == f"urn:request:{answer.headers['x-request-id']}"
    assert document["type"].endswith(f"#{document['error']}")
    return answer.status_code, document["error"]
