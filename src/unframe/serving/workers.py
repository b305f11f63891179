"""Several processes that answer on one socket, and one that watches over them."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnContext
from multiprocessing.process import BaseProcess
from time import monotonic
from types import FrameType

from unframe.errors import SettingsError, UnframeError
from unframe.serving import logs
from unframe.serving.logs import log
from unframe.serving.metrics import SHARED, forget
from unframe.serving.run import work
from unframe.settings import SERVER_PREFIX, ServerSettings, Settings

HOPELESS = 2
"""Exit code of a worker that another start would not help."""
MOST_RESTARTS = 5
WINDOW = 60.0
"""Seconds within which workers may be restarted `MOST_RESTARTS` times."""
PATIENCE = 5.0
"""Seconds that a worker has, after all that it was granted, before it is killed."""


def supervise(settings: Settings, serving: ServerSettings, listener: socket.socket) -> None:
    """Keep the workers running until told to stop.

    A worker that dies is started again, but not for ever: one that always dies has a reason, and whoever runs the
    server should hear of it.

    Args:
        settings: Limits on pictures.
        serving: Says how many workers there are.
        listener: The socket that they share.

    Raises:
        UnframeError: A worker cannot start, or workers die again and again.
    """
    if os.name != "posix":
        raise SettingsError(f"{SERVER_PREFIX}WORKERS above 1 needs a POSIX system; start several servers instead")
    with (
        tempfile.TemporaryDirectory(prefix="unframe-metrics-") as folder,
        _environment(SHARED, folder),
        _signals() as told,
    ):
        crew = _Crew(settings, serving, listener)
        try:
            crew.watch(told)
        finally:
            crew.stop()
    log("stopped")


class _Crew:
    """The workers.

    Args:
        settings: Limits on pictures.
        serving: Says how many workers there are.
        listener: The socket that they share.
    """

    def __init__(self, settings: Settings, serving: ServerSettings, listener: socket.socket) -> None:
        self._context: SpawnContext = multiprocessing.get_context("spawn")  # threads and forks do not mix
        # Its writing end is held by this process alone: when it dies, however, the workers see the pipe end.
        self._lifeline, self._held = self._context.Pipe(duplex=False)
        self._arguments = (settings, serving, listener, self._lifeline)
        self._serving = serving
        self._workers = [self._start() for _ in range(serving.workers)]
        self._restarts: deque[float] = deque(maxlen=MOST_RESTARTS)

    def watch(self, told: Connection) -> None:
        """Restart workers that die, until told to stop.

        Raises:
            UnframeError: A worker cannot start, or workers die again and again.
        """
        while True:
            ended = wait([told, *(worker.sentinel for worker in self._workers)])
            if told in ended:
                return
            for at, worker in enumerate(self._workers):
                if worker.sentinel in ended:
                    self._check(worker)
                    self._workers[at] = self._start()

    def stop(self) -> None:
        """Let all finish what they are at, and end those that do not."""
        for worker in self._workers:
            worker.terminate()
        end = monotonic() + self._serving.stop_notice + self._serving.stop_seconds + PATIENCE
        for worker in self._workers:
            worker.join(max(end - monotonic(), 0))
            if worker.exitcode is None:
                log("a worker did not stop, and is killed", logging.ERROR, worker=worker.pid)
                worker.kill()
                worker.join()
        self._held.close()

    def _start(self) -> BaseProcess:
        worker = self._context.Process(target=_worker, args=self._arguments, name="unframe-worker")
        worker.start()
        log("a worker starts", worker=worker.pid)
        return worker

    def _check(self, worker: BaseProcess) -> None:
        """Note that a worker has died, and see whether to go on."""
        worker.join()
        forget(worker.pid)
        log("a worker has ended", logging.ERROR, worker=worker.pid, code=worker.exitcode)
        if worker.exitcode == HOPELESS:
            raise UnframeError("a worker cannot start; the log says why")
        now = monotonic()
        if len(self._restarts) == MOST_RESTARTS and now - self._restarts[0] < WINDOW:
            raise UnframeError(f"workers died {MOST_RESTARTS + 1} times in {WINDOW:g} seconds; the log says more")
        self._restarts.append(now)


def _worker(settings: Settings, serving: ServerSettings, listener: socket.socket, lifeline: Connection) -> None:
    """What a worker's process runs."""
    logs.configure()
    threading.Thread(target=_follow, args=(lifeline,), daemon=True).start()
    try:
        work(settings, serving, listener)
    except UnframeError:
        sys.exit(HOPELESS)  # it is in the log


def _follow(lifeline: Connection) -> None:
    """Stop when the supervisor has died."""
    try:
        lifeline.recv_bytes()
    except (EOFError, OSError):
        os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def _signals() -> Iterator[Connection]:
    """A connection that can be read from as soon as this process is told to stop."""
    told, tell = multiprocessing.Pipe(duplex=False)

    def stop(sig: int, frame: FrameType | None) -> None:
        tell.send_bytes(b"stop")

    before = {each: signal.signal(each, stop) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield told
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
