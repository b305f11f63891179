"""Bodies with no, or a wrong, or no honest length; too large by a byte, and slow."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

import pytest
from starlette.requests import Request

from tests.serving.conftest import CLEAN, FRAMED, Running, Serve, asking, problem, service_of
from unframe.errors import DecodeError, RequestError
from unframe.serving.body import Holding, Meter, read_form, read_picture
from unframe.serving.run import KEEP_ALIVE
from unframe.settings import ServerSettings, Settings

KIB = 1024
LIMIT = 300 * KIB
SMALL = Settings(max_bytes=LIMIT, jobs=1)
FORM = b'--x\r\nContent-Disposition: form-data; name="file"; filename="%d.jpg"\r\n\r\n'


class Sender:
    """Sends a body in parts and counts how many bytes were taken."""

    def __init__(self, part: bytes, head: bytes = b"") -> None:
        self.taken = 0
        self._part = part
        self._head = head

    async def __call__(self) -> dict[str, Any]:
        """The next part of a body that never ends."""
        part, self._head = self._head or self._part, b""
        self.taken += len(part)
        return {"type": "http.request", "body": part, "more_body": True}


def request(sender: Any, **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": raw}, sender)


@pytest.mark.parametrize("length", [None, "10", "0", "many"])
def test_a_picture_without_end_is_refused_at_the_limit_whatever_length_it_claims(length: str | None) -> None:
    sender, meter = Sender(bytes(64 * KIB)), Meter(10 * LIMIT)
    headers = {"content_length": length} if length else {"transfer_encoding": "chunked"}
    with Holding(meter) as holding:
        with pytest.raises(DecodeError) as error:
            asyncio.run(read_picture(request(sender, **headers), holding, SMALL, ServerSettings(), "a.jpg"))
        assert error.value.code == "too-large"
        assert meter.held <= LIMIT
    assert sender.taken <= LIMIT + 64 * KIB
    assert meter.held == 0


def test_a_form_without_end_is_refused_at_its_limit() -> None:
    sender, meter = Sender(bytes(64 * KIB), FORM % 1), Meter(10 * LIMIT)
    serving = ServerSettings(max_body=2 * LIMIT)
    asked = request(sender, content_type="multipart/form-data; boundary=x")
    with Holding(meter) as holding:
        with pytest.raises(RequestError) as error:
            asyncio.run(read_form(asked, holding, SMALL, serving))
        assert error.value.code == "body-too-large"
        assert meter.held <= LIMIT  # what one picture may have; the rest was dropped as it came
    assert sender.taken <= 2 * LIMIT + 64 * KIB


def test_an_announced_length_over_the_limit_is_refused_before_anything_is_read() -> None:
    sender = Sender(bytes(KIB))
    asked = request(sender, content_length=str(LIMIT + 1))
    with Holding(Meter(10 * LIMIT)) as holding, pytest.raises(DecodeError):
        asyncio.run(read_picture(asked, holding, SMALL, ServerSettings(), "a.jpg"))
    assert sender.taken == 0


@pytest.mark.parametrize(("more", "status"), [(0, 200), (1, 413)])
def test_the_limit_holds_to_the_byte(more: int, status: int) -> None:
    with asking(service_of(settings=Settings(max_bytes=len(CLEAN) - more, jobs=1))) as ask:

        async def parts() -> Any:
            for start in range(0, len(CLEAN), 1000):
                yield CLEAN[start : start + 1000]

        answer = ask("POST", "/v1/detect", content=parts())
        assert answer.status_code == status
        if more:
            assert problem(answer) == (413, "too-large")


def test_a_picture_of_a_form_that_is_too_large_takes_no_other_with_it() -> None:
    with asking(service_of(settings=Settings(max_bytes=len(CLEAN), jobs=1))) as ask:
        large = FRAMED + bytes(len(CLEAN))
        found = ask.form("/v1/detect", ("a.jpg", CLEAN), ("b.png", large), ("c.jpg", CLEAN)).json()
        assert [each["status"] for each in found] == ["ok", "error", "ok"]
        assert found[1]["error"] == "too-large"


def test_all_requests_together_hold_only_so_much() -> None:
    with asking(service_of(max_held=len(CLEAN) + 1024)) as ask:
        assert ask.post("/v1/detect", CLEAN).status_code == 200
        ask.service.meter.take(1025)
        answer = ask.post("/v1/detect", CLEAN)
        assert problem(answer) == (429, "overloaded")
        assert answer.headers["retry-after"] == "1"
        ask.service.meter.give(1025)
        assert ask.post("/v1/detect", CLEAN).status_code == 200


# --- over a socket


def exchange(server: Running, head: bytes, parts: Iterator[bytes], pause: float = 0) -> tuple[int, int, bytes]:
    """Send a request by hand: how many bytes of its body went out, and the status and body of the answer."""
    sent = 0
    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=30)) as line:
        line.sendall(head)
        with suppress(ConnectionError):
            for part in parts:
                line.sendall(part)
                sent += len(part)
                time.sleep(pause)
                line.settimeout(0.001)
                with suppress(TimeoutError):
                    if line.recv(1, socket.MSG_PEEK):
                        break
                line.settimeout(30)
        line.settimeout(30)
        answer = b""
        while True:
            part = line.recv(65536)
            answer += part
            if not part:
                break
    head_, _, body = answer.partition(b"\r\n\r\n")
    return sent, int(head_.split()[1]), body


def chunked(part: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(part), part)


def test_a_chunked_body_without_end_hears_413_and_is_cut(serve: Serve) -> None:
    server = serve(settings=SMALL)
    head = b"POST /v1/detect HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    parts = (chunked(bytes(16 * KIB)) for _ in range(4096))
    sent, status, body = exchange(server, head, parts)
    assert (status, json.loads(body)["error"]) == (413, "too-large")
    assert sent < 64 * 1024 * KIB  # the connection ended long before the body did
    assert server.service.meter.held == 0


def test_a_client_that_announces_too_much_hears_413_without_sending_it(serve: Serve) -> None:
    server = serve(settings=SMALL)
    head = b"POST /v1/detect HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n"
    sent, status, body = exchange(server, head, iter([]))
    assert (sent, status, json.loads(body)["error"]) == (0, 413, "too-large")


def test_bytes_after_an_understated_length_are_not_part_of_the_body(serve: Serve) -> None:
    server = serve()
    head = b"POST /v1/detect HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
    _, status, body = exchange(server, head % 100, iter([CLEAN]))
    assert (status, json.loads(body)["error"]) == (422, "truncated")


def test_a_slow_body_is_cut(serve: Serve) -> None:
    server = serve(body_seconds=0.5)
    head = b"POST /v1/detect HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"
    start = time.monotonic()
    _, status, body = exchange(server, head, iter([b"x"] * 600), pause=0.05)
    assert (status, json.loads(body)["error"]) == (408, "body-too-slow")
    assert time.monotonic() - start < 15  # that of a busy machine, too


def test_a_slow_body_has_ten_seconds_unless_set() -> None:
    assert ServerSettings().body_seconds == 10


def test_a_client_that_leaves_costs_nothing(serve: Serve) -> None:
    server = serve()
    with closing(socket.create_connection(("127.0.0.1", server.port))) as line:
        line.sendall(b"POST /v1/detect HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + bytes(70_000))
        end = time.monotonic() + 30
        while server.service.meter.held < 70_000:
            assert time.monotonic() < end
            time.sleep(0.01)
    while server.service.meter.held:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert server.service.pool.working == 0


@pytest.mark.parametrize(("head", "kept"), [(b"", False), (b"GET / HT", False), (b"GET / HT", True)])
def test_a_connection_on_which_no_request_comes_is_closed(serve: Serve, head: bytes, kept: bool) -> None:
    server = serve(body_seconds=0.3)
    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=30)) as line:
        if kept:
            line.sendall(b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n")
            assert line.recv(65536).startswith(b"HTTP/1.1 200")
            time.sleep(0.1)
        start = time.monotonic()
        line.sendall(head)
        while line.recv(65536):
            pass
    assert time.monotonic() - start < KEEP_ALIVE  # after which uvicorn itself closes what is idle between requests


def test_a_connection_is_kept_for_the_next_request(serve: Serve) -> None:
    server = serve(body_seconds=0.3)
    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=14)) as line:
        for _ in range(2):
            line.sendall(b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n")
            time.sleep(0.7)
            assert line.recv(65536).startswith(b"HTTP/1.1 200")
