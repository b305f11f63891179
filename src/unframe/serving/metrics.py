"""What Prometheus is told; with several workers, the sum over all of them, whichever is asked.

Workers share their counts through files in the folder that ``PROMETHEUS_MULTIPROC_DIR`` names, which the supervisor
makes and the client library reads when it is imported.
"""

from __future__ import annotations

import os

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from unframe import __version__

SHARED = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = CONTENT_TYPE_LATEST

_SECONDS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_SCORES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0)


class Metrics:
    """The counts of one application."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self.requests = Counter(
            "unframe_requests", "Requests answered.", ["route", "method", "status"], registry=registry
        )
        self.seconds = Histogram(
            "unframe_request_seconds",
            "Seconds from the first byte of a request to the last of its answer.",
            ["route"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.work_seconds = Histogram(
            "unframe_picture_seconds",
            "Seconds that a thread worked on a picture.",
            buckets=_SECONDS,
            registry=registry,
        )
        self.pictures = Counter("unframe_pictures", "Pictures judged.", ["operation", "verdict"], registry=registry)
        self.errors = Counter("unframe_errors", "Errors answered, by code.", ["code"], registry=registry)
        self.scores = Histogram(
            "unframe_score", "Probability that a picture is framed.", buckets=_SCORES, registry=registry
        )
        self.waiting = self._gauge("unframe_queue_waiting", "Pictures that wait for a thread.")
        self.working = self._gauge("unframe_queue_working", "Pictures that a thread works on.")
        self.held = self._gauge("unframe_held_bytes", "Bytes of requests that are held.")
        self.ready = self._gauge("unframe_ready", "Workers that take requests.")
        self.info = Gauge(
            "unframe_info",
            "The version that runs, and the model that judges.",
            ["version", "model"],
            registry=registry,
            multiprocess_mode="livemax",
        )

    def _gauge(self, name: str, help: str) -> Gauge:
        return Gauge(name, help, registry=self._registry, multiprocess_mode="livesum")

    def judged_by(self, model: str) -> None:
        """Name the model."""
        self.info.labels(__version__, model).set(1)

    def text(self) -> bytes:
        """All counts in Prometheus's text format."""
        if not os.environ.get(SHARED):
            return generate_latest(self._registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)


def forget(process: int | None) -> None:
    """Take a worker that has ended out of the gauges; its counts stay."""
    if process is not None:
        mark_process_dead(process)  # type: ignore[no-untyped-call]
