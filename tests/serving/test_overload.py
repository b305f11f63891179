"""More clients than places: whoever finds none hears so at once, and health still answers."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.serving.conftest import CLEAN, FRAMED, Serve, SlowDetector, problem, until
from unframe.errors import RequestError, SettingsError
from unframe.serving.pool import Pool
from unframe.settings import ServerSettings, Settings


def test_who_finds_no_place_hears_so_at_once_and_health_answers(serve: Serve) -> None:
    detector = SlowDetector()
    server = serve(detector, Settings(jobs=2), queue=3, max_pictures=3)
    client = server.client
    with ThreadPoolExecutor(20) as clients:
        admitted = [clients.submit(server.client.post, "/v1/detect", content=CLEAN) for _ in range(5)]
        until(lambda: server.service.pool.waiting == 3)
        refused = list(clients.map(lambda _: server.client.post("/v1/detect", content=CLEAN), range(15)))
        assert {problem(each) for each in refused} == {(429, "overloaded")}
        assert all(int(each.headers["retry-after"]) >= 1 for each in refused)
        assert problem(client.post("/v1/detect", files={"file": FRAMED})) == (429, "overloaded")
        times = []
        for _ in range(20):
            start = time.perf_counter()
            assert client.get("/health/live").status_code == 200
            assert client.get("/health/ready").status_code == 200
            times.append((time.perf_counter() - start) / 2)
        assert min(times) < 0.05  # the machine may be busy, too; benchmarks/serving.py measures all of them
        assert not any(each.done() for each in admitted)
        detector.go.set()
        assert [each.result().status_code for each in admitted] == [200] * 5
        assert client.post("/v1/detect", content=CLEAN).status_code == 200
    until(lambda: server.service.pool.working == 0)


def test_a_form_takes_places_for_all_its_pictures_or_none(serve: Serve) -> None:
    detector = SlowDetector()
    server = serve(detector, Settings(jobs=1), queue=3, max_pictures=3)
    form = [("file", ("a.png", FRAMED))] * 3
    with ThreadPoolExecutor(2) as clients:
        one = clients.submit(server.client.post, "/v1/detect", content=CLEAN)
        until(lambda: server.service.pool.working == 1)
        two = clients.submit(server.client.post, "/v1/detect", content=CLEAN)
        until(lambda: server.service.pool.waiting == 1)
        assert problem(server.client.post("/v1/detect", files=form)) == (429, "overloaded")
        assert server.service.pool.waiting == 1
        detector.go.set()
        assert [one.result().status_code, two.result().status_code] == [200, 200]
    assert len(server.client.post("/v1/detect", files=form).json()) == 3


def test_an_answer_that_takes_too_long_is_given_up_but_keeps_its_place(serve: Serve) -> None:
    detector = SlowDetector()
    server = serve(detector, Settings(jobs=1), answer_seconds=1.5)
    answer = server.client.post("/v1/detect", content=CLEAN)
    assert problem(answer) == (503, "timed-out")
    assert server.service.pool.working == 1  # the thread is still at it
    detector.go.set()
    until(lambda: server.service.pool.working == 0)


def test_work_that_nobody_waits_for_any_more_is_not_begun(serve: Serve) -> None:
    detector = SlowDetector()
    server = serve(detector, Settings(jobs=1), answer_seconds=1.5)
    with ThreadPoolExecutor(3) as clients:
        answers = list(clients.map(lambda _: server.client.post("/v1/detect", content=CLEAN), range(3)))
    assert {problem(each) for each in answers} == {(503, "timed-out")}
    detector.go.set()
    until(lambda: server.service.pool.working == 0)
    assert detector.started.acquire(blocking=False)
    assert not detector.started.acquire(blocking=False)


def test_a_form_that_takes_too_long_leaves_nothing_behind(serve: Serve) -> None:
    detector = SlowDetector()
    server = serve(detector, Settings(jobs=1), answer_seconds=1.5)
    answer = server.client.post("/v1/detect", files=[("file", ("a.png", FRAMED))] * 8)
    assert problem(answer) == (503, "timed-out")
    detector.go.set()
    until(lambda: server.service.pool.working == 0)
    assert server.service.meter.held == 0
    assert detector.started.acquire(blocking=False)
    assert not detector.started.acquire(blocking=False)


def test_a_queue_must_hold_the_pictures_of_a_request() -> None:
    with pytest.raises(SettingsError, match="max_pictures is 33"):
        ServerSettings(max_pictures=33)


def test_places_are_counted_whatever_happens() -> None:
    import asyncio

    async def scene() -> None:
        pool = Pool(threads=1, queue=1)
        hold = threading.Event()
        with pool.claim(2) as places:
            first = places.run(hold.wait)
            with pytest.raises(RequestError, match="wait already"):
                pool.check()
            hold.set()
            assert await first
            broken = places.run(lambda: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                await broken
            with pytest.raises(RuntimeError):
                places.run(bool)
        with pytest.raises(RequestError), pool.claim(3):
            pass
        with pool.claim(2):
            assert (pool.working, pool.waiting) == (1, 1)
        assert (pool.working, pool.waiting) == (0, 0)
        pool.close()

    asyncio.run(scene())
