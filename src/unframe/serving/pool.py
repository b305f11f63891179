"""A pool of threads with a queue that ends: who comes when it is full hears so at once.

Threads, because decoder and network release the interpreter's lock; a queue that ends, because work that is answered
after its client has given up is lost for everybody.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from time import perf_counter
from typing import TypeVar

from unframe.errors import RequestError

R = TypeVar("R")

_SMOOTHING = 0.1
_FIRST_GUESS = 0.02  # seconds for a picture, until some were measured


class Pool:
    """Threads and places in their queue. All methods belong to the thread of the event loop.

    Args:
        threads: Pictures that are worked on at the same time.
        queue: Pictures that may wait beside them.
    """

    def __init__(self, threads: int, queue: int) -> None:
        self.threads = threads
        self._places = threads + queue
        self._taken = 0
        self._seconds = _FIRST_GUESS
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="picture")

    @property
    def waiting(self) -> int:
        """Pictures that have a place but no thread yet."""
        return max(self._taken - self.threads, 0)

    @property
    def working(self) -> int:
        """Pictures that a thread works on."""
        return min(self._taken, self.threads)

    def check(self) -> None:
        """See whether there is any place at all, before a body is read.

        Raises:
            RequestError: ``overloaded``: there is none.
        """
        if self._taken >= self._places:
            raise self._full()

    def claim(self, count: int) -> Places:
        """Take places for the pictures of one request: for all of them or for none.

        Raises:
            RequestError: ``overloaded``: there are not as many.
        """
        if self._taken + count > self._places:
            raise self._full()
        self._taken += count
        return Places(self, count)

    def close(self) -> None:
        """Let the threads finish what they are at, and drop what waits."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def submit(self, work: Callable[[], R]) -> asyncio.Future[R]:
        """Start work for which a place is held; the place is free when the work has ended, not when its asker leaves.

        Work that has not begun when its asker gives up is dropped.
        """
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[R] = loop.create_future()
        job = self._executor.submit(self._timed, work)

        def report(job: Future[tuple[R, float]]) -> None:
            with suppress(RuntimeError):  # the loop has ended, and nobody asks any more
                loop.call_soon_threadsafe(self._ended, job, outcome)

        job.add_done_callback(report)
        outcome.add_done_callback(lambda done: done.cancelled() and job.cancel())
        return outcome

    def release(self, count: int) -> None:
        """Free places."""
        self._taken -= count

    def _ended(self, job: Future[tuple[R, float]], outcome: asyncio.Future[R]) -> None:
        self.release(1)
        if outcome.done():
            return
        error = None if job.cancelled() else job.exception()
        if job.cancelled():
            outcome.cancel()
        elif error is not None:
            outcome.set_exception(error)
        else:
            result, seconds = job.result()
            self._seconds += _SMOOTHING * (seconds - self._seconds)
            outcome.set_result(result)

    @staticmethod
    def _timed(work: Callable[[], R]) -> tuple[R, float]:
        start = perf_counter()
        result = work()
        return result, perf_counter() - start

    def _full(self) -> RequestError:
        seconds = max(math.ceil(self._taken / self.threads * self._seconds), 1)
        message = f"{self.waiting} pictures wait already, as many as may; try again in {seconds} s"
        return RequestError("overloaded", message, seconds)


class Places:
    """The places that one request has taken; a context manager that gives back those it did not use."""

    def __init__(self, pool: Pool, count: int) -> None:
        self._pool = pool
        self._left = count

    def run(self, work: Callable[[], R]) -> asyncio.Future[R]:
        """Start the work of one picture."""
        if self._left < 1:
            raise RuntimeError("more pictures were started than places taken")
        self._left -= 1
        return self._pool.submit(work)

    def __enter__(self) -> Places:
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.release(self._left)
        self._left = 0
