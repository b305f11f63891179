"""What the application works with: who judges, the pool, the limits, and whether it takes requests."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from time import perf_counter
from typing import Literal, TypeVar

from unframe.detector import Detector
from unframe.errors import RequestError, UnframeError
from unframe.serving import selftest
from unframe.serving.body import Holding, Meter, Upload
from unframe.serving.fetch import Fetcher
from unframe.serving.logs import log
from unframe.serving.metrics import Metrics
from unframe.serving.pictures import Detecting, Found, Removing, safely
from unframe.serving.pool import Pool
from unframe.settings import ServerSettings, Settings

R = TypeVar("R")
Work = Detecting | Removing
State = Literal["starting", "ready", "failed", "stopping"]


class Service:
    """The state of one process that answers.

    Args:
        settings: Limits on pictures.
        serving: Everything else that can be set.
        load: Loads the detector; called once, in a thread, after the server has begun to listen.
        fetcher: Fetches pictures from URLs; made from the settings when omitted.

    Raises:
        SettingsError: Fetching is on, but not from where.
    """

    def __init__(
        self,
        settings: Settings,
        serving: ServerSettings,
        load: Callable[[], Detector],
        fetcher: Fetcher | None = None,
    ) -> None:
        self.settings = settings
        self.serving = serving
        self.fetcher = fetcher or Fetcher(settings, serving)
        self.metrics = Metrics()
        self.meter = Meter(serving.max_held)
        self.pool = Pool(max(settings.workers() // serving.workers, 1), serving.queue)
        self.state: State = "starting"
        self.failure: UnframeError | None = None
        self._load = load
        self._detector: Detector | None = None

    async def prepare(self) -> None:
        """Load the detector and test it; from then on the service is ready, or has failed for good."""
        try:
            start = perf_counter()
            detector, known = await asyncio.to_thread(self._loaded)
        except UnframeError as error:
            self.failure, self.state = error, "failed"
            log(str(error), logging.ERROR)
            return
        except Exception as error:  # whatever it is, the service cannot judge
            self.failure, self.state = UnframeError(f"the detector cannot be loaded: {error}"), "failed"
            log(str(self.failure), logging.ERROR, error)
            return
        self._detector = detector
        if self.state == "starting":
            self.state = "ready"
            self.metrics.ready.set(1)
        self.metrics.judged_by(detector.model)
        compared = "with its stored score" if known else "with itself, for want of a stored score"
        took = round(perf_counter() - start, 3)
        log("ready", model=detector.model, selftest=compared, seconds=took, threads=self.pool.threads)

    def _loaded(self) -> tuple[Detector, bool]:
        detector = self._load()
        return detector, selftest.check(detector, self.serving.model or None)

    def stop(self) -> None:
        """Be ready no longer; what has come in is still answered."""
        self.state = "stopping"
        self.metrics.ready.set(0)

    @property
    def taking(self) -> bool:
        """Whether requests are answered: when ready, and still for a while when told to stop."""
        return self._detector is not None and self.state in {"ready", "stopping"}

    @property
    def detector(self) -> Detector:
        """Who judges.

        Raises:
            RequestError: ``not-ready``.
        """
        if self._detector is None:
            raise self.unready()
        return self._detector

    @property
    def model(self) -> str | None:
        """Name and version of what judges, once it is loaded."""
        return self._detector.model if self._detector else None

    def unready(self) -> RequestError:
        """Why requests are not taken."""
        if self.failure:
            return RequestError("not-ready", str(self.failure))
        what = "stopping" if self.state == "stopping" else "loading and testing its detector"
        return RequestError("not-ready", f"the server is {what}; try again", 1)

    def admit(self) -> None:
        """See, before a body is read, whether there is any use in reading it.

        Raises:
            RequestError: ``not-ready`` or ``overloaded``.
        """
        if not self.taking:
            raise self.unready()
        self.pool.check()

    async def one(self, work: Work, upload: Upload) -> Found:
        """Work on the picture of a request that holds one.

        Raises:
            UnframeError: What the work raises, or ``overloaded`` or ``timed-out``.
        """
        with self.pool.claim(1) as places:
            return self._counted(work, await self._in_time(places.run(partial(self._timed, work, upload))))

    async def each(self, work: Work, uploads: Sequence[Upload], holding: Holding) -> list[Found]:
        """Work on the pictures of a form; one that fails is a record, and takes no other with it.

        Args:
            work: What to do with each.
            uploads: The pictures.
            holding: Counts the bytes of the results, too.

        Returns:
            What was found, in the order of the pictures.

        Raises:
            RequestError: ``overloaded`` or ``timed-out``.
        """
        found: list[Found] = []
        started: deque[asyncio.Future[Found]] = deque()

        async def finish() -> None:
            done = self._counted(work, await self._in_time(started.popleft()))
            holding.take(len(done.data))
            found.append(done)

        with self.pool.claim(len(uploads)) as places:
            try:
                for upload in uploads:
                    started.append(places.run(partial(self._timed, partial(safely, work), upload)))
                    if len(started) > self.pool.threads:  # so that results which are not counted yet stay few
                        await finish()
                while started:
                    await finish()
            finally:
                for job in started:  # some are left only where the answer was given up
                    job.cancel()
        return found

    async def _in_time(self, answer: Awaitable[R]) -> R:
        seconds = self.serving.answer_seconds
        try:
            async with asyncio.timeout(seconds):
                return await answer
        except TimeoutError as error:
            raise RequestError("timed-out", f"the answer was not ready within {seconds:g} seconds", 1) from error

    def measure(self) -> None:
        """Tell the metrics what waits, is worked on, and is held."""
        self.metrics.waiting.set(self.pool.waiting)
        self.metrics.working.set(self.pool.working)
        self.metrics.held.set(self.meter.held)

    def _timed(self, work: Callable[[Upload], Found], upload: Upload) -> Found:
        start = perf_counter()
        try:
            return work(upload)
        finally:
            self.metrics.work_seconds.observe(perf_counter() - start)

    def _counted(self, work: Work, found: Found) -> Found:
        self.metrics.pictures.labels(work.operation, found.verdict).inc()
        if found.score is not None:
            self.metrics.scores.observe(found.score)
        else:
            self.metrics.errors.labels(found.record["error"]).inc()
        return found
