"""Work on many pictures at once: threads, because decoder and network release the interpreter's lock."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import typer

from unframe.cli.records import Record, Tally
from unframe.errors import failure
from unframe.files import Input

T = TypeVar("T")
R = TypeVar("R")


def in_order(function: Callable[[T], R], items: Sequence[T], jobs: int) -> Iterator[R]:
    """The function's result for each item, in order, worked out by several threads.

    No more than twice as many results as threads wait to be taken, however slowly the taker goes.
    """
    if min(jobs, len(items)) <= 1:
        yield from map(function, items)
        return
    pool = ThreadPoolExecutor(jobs)
    waiting: deque[Future[R]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > 2 * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def safely(work: Callable[[Input], Record]) -> Callable[[Input], Record]:
    """The same work, but what it raises becomes the record of a failure: one bad file never stops a run."""

    def guarded(each: Input) -> Record:
        try:
            return work(each)
        except Exception as error:  # a defect too, so that the other pictures are still worked on; it is reported
            return failure(each.name, error)

    return guarded


def watched(records: Iterable[R], total: int, *, visible: bool) -> Iterator[R]:
    """The records as they come, with a progress bar on standard error where a person watches."""
    if not (visible and total > 1 and sys.stderr.isatty()):
        yield from records
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("pictures"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield from bar.track(records, total=total)


def report(tally: Tally) -> None:
    """Say on standard error what went wrong and how it all came out."""
    for message in tally.messages():
        typer.echo(f"unframe: {message}", err=True)
    typer.echo(tally.summary(), err=True)
