"""The engine for one machine: threads, because decoder and network release the interpreter's lock.

Pictures go to the threads in batches of eight; each record is in the journal before its thread takes the next picture.
A process that is killed has therefore to judge again no more than the pictures that its threads had in hand, one each.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from threading import Event
from typing import NamedTuple

from unframe.catalogue.fetch import fetch, is_slow
from unframe.catalogue.item import WHOLE, Item, Source, parts
from unframe.catalogue.journal import Journal
from unframe.catalogue.records import Record
from unframe.catalogue.results import Results
from unframe.catalogue.work import JUST_JUDGE, Broom, Work, judge_one
from unframe.detector import Detector

BATCH = 8
"""Pictures that a thread takes at a time."""

FETCHERS = 16
"""Pictures that are fetched from a network at the same time, beside those that are judged."""


class _Batch(NamedTuple):
    journal: Journal
    positions: Sequence[int]
    items: Sequence[Item]
    data: Sequence[Future[bytes] | None]


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told how a scan gets on. Both may be called from any thread.

    Attributes:
        judged: Called with each record.
        skipped: Called with how many pictures were done before.
    """

    judged: Callable[[Record], None] = lambda _: None
    skipped: Callable[[int], None] = lambda _: None


NOBODY = Watch()


def scan(source: Source, results: Results, detector: Detector, work: Work = JUST_JUDGE, watch: Watch = NOBODY) -> bool:
    """Judge every picture of a source that has no record yet.

    Memory does not grow with the source: two parts of its items, and a few batches of encoded pictures, are held. The
    items of a compressed archive bring their pictures along, so that a part of them is full with `item.HELD` bytes.

    Args:
        source: Where the pictures come from.
        results: Where their records go.
        detector: Who judges; its settings say how many threads do.
        work: What else is done with each picture.
        watch: Who is told how it gets on.

    Returns:
        Whether all machines' shares are done.

    Raises:
        ScanError: The source cannot be read, or has changed since the scan was begun.
        OutputError: The results cannot be written.
    """
    threads = detector.settings.workers()
    stopped = Event()
    engine = _Engine(detector, work, watch, stopped, Broom(work, alone=results.shard == WHOLE))
    with ThreadPoolExecutor(threads) as judges, ThreadPoolExecutor(FETCHERS) as fetchers:
        waiting: deque[Future[None]] = deque()
        try:
            for batch in engine.batches(source, results, fetchers):
                waiting.append(judges.submit(engine.work_on, batch))
                ahead = threads + (2 * FETCHERS // BATCH if any(batch.data) else 1)
                while len(waiting) > ahead:
                    waiting.popleft().result()
            while waiting:
                waiting.popleft().result()
        finally:
            stopped.set()  # when something went wrong: threads end after the picture that they have in hand
            judges.shutdown(cancel_futures=True)
            fetchers.shutdown(cancel_futures=True)
            engine.close()
    engine.broom.sweep()
    return results.finish(engine.pictures)


class _Engine:
    """What the threads share."""

    def __init__(self, detector: Detector, work: Work, watch: Watch, stopped: Event, broom: Broom) -> None:
        self._detector = detector
        self._work = work
        self._watch = watch
        self._stopped = stopped
        self.broom = broom
        self._journals: list[Journal] = []
        self.pictures = 0

    def batches(self, source: Source, results: Results, fetchers: ThreadPoolExecutor) -> Iterator[_Batch]:
        """What is still to be done, in order; fetching from networks begins here."""
        for part in parts(source, results.plan.part_size, results.shard):
            self.pictures += len(part.items)
            if results.has(part):
                self._watch.skipped(len(part.items))
                continue
            journal = results.begin(part)
            self._journals = [*(each for each in self._journals if not each.closed), journal]
            self._watch.skipped(len(part.items) - len(journal.missing))
            if journal.interrupted:
                self.broom.note(part.items[at] for at in journal.missing)
            missing = iter(journal.missing)
            while positions := list(islice(missing, BATCH)):
                items = [part.items[at] for at in positions]
                yield _Batch(journal, positions, items, [self._prefetched(item, fetchers) for item in items])

    def _prefetched(self, item: Item, fetchers: ThreadPoolExecutor) -> Future[bytes] | None:
        return fetchers.submit(fetch, item, self._detector.settings) if is_slow(item) else None

    def work_on(self, batch: _Batch) -> None:
        """Judge a batch, and write each record down as soon as it is there."""
        for position, item, data in zip(batch.positions, batch.items, batch.data, strict=True):
            if self._stopped.is_set():
                return
            record = judge_one(item, self._detector, self._work, data.result if data else None)
            batch.journal.add(position, record)
            self._watch.judged(record)

    def close(self) -> None:
        """Let go of the journals."""
        for journal in self._journals:
            journal.close()
