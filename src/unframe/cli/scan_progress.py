"""How a scan gets on, said on standard error."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import typer

from unframe.catalogue.records import Record
from unframe.errors import UnframeError

LINE_EVERY = 30.0
"""Seconds between two lines on progress where there is no terminal for a bar."""

_SHOWN_MESSAGES = 10


class Progress:
    """Counts pictures as they are done, for a bar or for lines."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started = time.monotonic()
        self._said = self._started
        self._messages: list[str] = []
        self._failed = 0
        self.total: int | None = None
        self.new = 0
        self.old = 0

    def judged(self, record: Record) -> None:
        """Count one record."""
        with self._lock:
            self.new += 1
            if record["status"] == "error":
                self._failed += 1
                if len(self._messages) < _SHOWN_MESSAGES:
                    self._messages.append(record["message"])
            late = time.monotonic() - self._said > LINE_EVERY
            if late:
                self._said = time.monotonic()
        self.moved(late=late)

    def skipped(self, count: int) -> None:
        """Count pictures that were done before."""
        with self._lock:
            self.old += count
        self.moved(late=False)

    def moved(self, *, late: bool) -> None:
        """Say so in a line now and then."""
        if late:
            typer.echo(f"unframe: {self.counted()}{self._left()}", err=True)

    def counted(self) -> str:
        """How many pictures are done, of how many."""
        of = f" of {self.total:,}" if self.total is not None else ""
        return f"{self.old + self.new:,}{of} pictures done"

    def report(self) -> None:
        """Say what went wrong."""
        for message in self._messages:
            typer.echo(f"unframe: {message}", err=True)
        if self._failed > len(self._messages):
            more = self._failed - len(self._messages)
            typer.echo(f"unframe: … and {more:,} more, whose records say what is wrong with them", err=True)

    def rate(self) -> float:
        """Pictures judged in a second."""
        return self.new / max(time.monotonic() - self._started, 1e-9)

    def _left(self) -> str:
        pace = f", {self.rate():,.0f} per second"
        if self.total is None or not self.new:
            return pace
        return f"{pace}, {duration((self.total - self.old - self.new) / self.rate())} left"


class Bar(Progress):
    """The same as a bar on a terminal."""

    def __init__(self, bar: Any, task: Any) -> None:
        super().__init__()
        self._bar = bar
        self._task = task

    def moved(self, *, late: bool) -> None:
        """Move the bar."""
        self._bar.update(self._task, completed=self.old + self.new, total=self.total, rate=f"{self.rate():,.0f}/s")


@contextmanager
def watched(count: Callable[[], int | None]) -> Iterator[Progress]:
    """Progress on standard error: a bar where a person watches, and a line now and then where none does.

    Args:
        count: Says how many pictures there are; asked beside the work, because it may take a while.
    """
    if not sys.stderr.isatty():
        progress = Progress()
        _count(count, progress)
        yield progress
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    columns = (
        TextColumn("pictures"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with RichProgress(*columns, console=Console(stderr=True), transient=True) as bar:
        bar_progress = Bar(bar, bar.add_task("pictures", total=None, rate=""))
        _count(count, bar_progress)
        yield bar_progress


def _count(count: Callable[[], int | None], progress: Progress) -> None:
    def find_out() -> None:
        with suppress(UnframeError, OSError):  # whoever reads the source will say so
            progress.total = count()

    threading.Thread(target=find_out, daemon=True).start()


def duration(seconds: float) -> str:
    """A length of time as a person says it."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours:,} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s" if seconds < 10 else f"{rest} s"
