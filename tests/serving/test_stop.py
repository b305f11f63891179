"""Stopping with requests in flight, and workers that die: real processes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.serving.conftest import CLEAN, FRAMED, until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs signals of POSIX")
START = 120  # seconds; a busy machine takes its time


class Process:
    """A server in a process of its own, with the shipped network.

    Args:
        folder: Where its log goes.
        environment: Settings.
        options: Of the command line.
    """

    def __init__(self, folder: Path, environment: dict[str, str], options: tuple[str, ...]) -> None:
        self._log = folder / "log"
        command = [sys.executable, "-m", "unframe", "serve", "--port", "0", "--jobs", "1", *options]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True, env=os.environ | environment
            )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().removeprefix("Serving on ").strip().rstrip("/")
        self.port = int(self.url.rpartition(":")[2]) if self.url else 0
        self.client = httpx.Client(base_url=self.url, timeout=60)

    def ready(self) -> bool:
        """Whether it says that it is ready."""
        try:
            return self.client.get("/health/ready").status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> int:
        """Tell it to stop, and wait: its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def log(self) -> list[dict[str, Any]]:
        """What its log has."""
        return [json.loads(line) for line in self._log.read_text().splitlines()]

    def workers(self) -> list[int]:
        """Processes of the workers that run."""
        started = [line["worker"] for line in self.log() if line["message"] == "a worker starts"]
        ended = [line["worker"] for line in self.log() if line["message"] == "a worker has ended"]
        return [each for each in started if each not in ended]


@contextmanager
def process(folder: Path, *options: str, **settings: str) -> Iterator[Process]:
    made = Process(folder, {f"UNFRAME_SERVE_{name.upper()}": value for name, value in settings.items()}, options)
    try:
        yield made
    finally:
        made.client.close()
        if made.process.poll() is None:
            made.process.kill()
            made.process.wait()
        assert made.process.stdout is not None
        made.process.stdout.close()


def half_a_request(port: int) -> socket.socket:
    """A connection on which a picture is half sent."""
    line = socket.create_connection(("127.0.0.1", port), timeout=60)
    line.sendall(b"POST /v1/detect HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(FRAMED))
    line.sendall(FRAMED[:100])
    return line


def received(line: socket.socket) -> tuple[int, Any]:
    """Status and JSON of the answer on a connection that ends after it."""
    answer = b""
    while part := line.recv(65536):
        answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"connection: close" in head.lower()
    return int(head.split()[1]), json.loads(body)


def refuses(port: int) -> bool:
    """Whether a port takes no connections."""
    try:
        with closing(socket.create_connection(("127.0.0.1", port), timeout=5)):
            return False
    except ConnectionError:
        return True


def runs(process: int) -> bool:
    """Whether a process runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return not Path(f"/proc/{process}/stat").exists() or Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"


def test_what_has_come_in_is_answered_before_it_stops(tmp_path: Path) -> None:
    with process(tmp_path, stop_notice="3", body_seconds="60") as server:
        until(server.ready, START)
        with closing(half_a_request(server.port)) as line:
            server.process.send_signal(signal.SIGTERM)
            until(lambda: server.client.get("/health/ready").status_code == 503)
            problem = server.client.get("/health/ready").json()
            assert (problem["error"], "stopping" in problem["detail"]) == ("not-ready", True)
            assert server.client.get("/health/live").status_code == 200
            assert server.client.post("/v1/detect", content=CLEAN).status_code == 200  # still within the notice
            until(lambda: refuses(server.port))
            assert server.process.poll() is None
            line.sendall(FRAMED[100:])
            status, record = received(line)
        assert (status, record["width"]) == (200, 64)
        assert server.process.wait(60) == 0
        log = server.log()
        assert log[-1]["message"] == "stopped"
        assert not [line for line in log if "exception" in line]


def test_what_does_not_end_is_cut_off(tmp_path: Path) -> None:
    with process(tmp_path, stop_notice="0", stop_seconds="1", body_seconds="60") as server:
        until(server.ready, START)
        with closing(half_a_request(server.port)) as line:
            assert server.stop() == 0
            with suppress(ConnectionError):
                status, problem = received(line)
                assert (status, problem["error"]) == (503, "not-ready")


def test_workers_share_a_port_and_their_counts_and_are_restarted(tmp_path: Path) -> None:
    with process(tmp_path, "--workers", "2", stop_notice="0") as server:
        until(server.ready, START)
        until(lambda: sum(line["message"] == "ready" for line in server.log()) == 2, START)
        assert len(server.workers()) == 2
        for _ in range(6):  # each on a connection of its own, so that both workers have their turn
            assert httpx.post(f"{server.url}/v1/detect", content=CLEAN, timeout=60).status_code == 200
        counted = 'unframe_pictures_total{operation="detect",verdict='
        for _ in range(4):
            text = httpx.get(f"{server.url}/metrics", timeout=60).text
            assert sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(counted)) == 6
            assert "unframe_ready 2.0" in text
        os.kill(server.workers()[0], signal.SIGKILL)
        until(lambda: sum(line["message"] == "ready" for line in server.log()) == 3, START)
        assert len(server.workers()) == 2
        assert httpx.post(f"{server.url}/v1/detect", content=CLEAN, timeout=60).status_code == 200
        assert "unframe_ready 2.0" in httpx.get(f"{server.url}/metrics", timeout=60).text
        assert server.stop() == 0
        assert server.log()[-1]["message"] == "stopped"
        assert refuses(server.port)


def test_workers_end_with_their_supervisor(tmp_path: Path) -> None:
    with process(tmp_path, "--workers", "2", stop_notice="0") as server:
        until(server.ready, START)
        workers = server.workers()
        assert all(map(runs, workers))
        server.process.kill()
        server.process.wait()
        until(lambda: not any(map(runs, workers)), 60)
        assert refuses(server.port)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_model_that_cannot_be_loaded_ends_it_with_a_message(tmp_path: Path, workers: str) -> None:
    with process(tmp_path, "--workers", workers, "--model", str(tmp_path)) as server:
        assert server.process.wait(START) == 2
        assert "card.json" in (tmp_path / "log").read_text()


def test_a_port_that_is_taken_is_a_message(tmp_path: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with process(tmp_path, "--port", port) as server:
            assert server.process.wait(START) == 2
            assert f"port {port} cannot be listened on" in (tmp_path / "log").read_text()
