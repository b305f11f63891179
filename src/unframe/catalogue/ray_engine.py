"""The engine for a cluster: Ray Data hands batches of pictures to a process on every core that it has.

The machine that scans reads the source and writes the results, with the same journals as the engine for one machine, so
that a scan may be begun by the one and gone on with by the other. Encoded pictures never pass through it, but those of
compressed archives: every process fetches its own. Sources are handed over in waves, for Ray Data takes a whole list at
a time.

A picture that kills the process which decodes it is a record, too: batches that never came back are tried again picture
by picture, and what then does not come back is the culprit.
"""

from __future__ import annotations

import logging
import os
import pickle
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from unframe.catalogue.addresses import shown
from unframe.catalogue.item import WHOLE, Item, Source, fill, held, parts
from unframe.catalogue.journal import Journal
from unframe.catalogue.local import NOBODY, Watch
from unframe.catalogue.records import Record, renamed
from unframe.catalogue.results import Results
from unframe.catalogue.work import JUST_JUDGE, Broom, Work, judge_one
from unframe.detector import Detector
from unframe.errors import MissingExtraError, ScanError, failure

BATCH = 32
"""Pictures that a process takes at a time."""

WAVE = 500
"""Batches for each process in a wave: a minute or so of work, beside which the seconds between two waves are little.
There are fewer where pictures come along; see `unframe.catalogue.item.HELD`."""

RETRIES = 1
"""How often a batch is given out again whose process died, before its pictures are tried one by one."""

_SECONDS = 10  # for connecting

Batch = tuple["Place", tuple[Item, ...]]


class Place(NamedTuple):
    """Where the records of a batch belong: the number of the part, and positions within it."""

    part: int
    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RayEngine:
    """Scans with Ray Data; called like `unframe.catalogue.local.scan`.

    Attributes:
        load: Makes the detector in every process; must be fit to be sent there, as `functools.partial` is.
        address: Of the cluster, as ``ray://head:10001``, or ``auto``. When omitted, what ``RAY_ADDRESS`` says, or a Ray
            of its own on this machine.
        processes: Pictures judged at the same time; one on each core of the cluster when 0.
    """

    load: Callable[[], Detector]
    address: str | None = None
    processes: int = 0

    def __call__(
        self, source: Source, results: Results, detector: Detector, work: Work = JUST_JUDGE, watch: Watch = NOBODY
    ) -> bool:
        """Judge every picture of a source that has no record yet.

        Args:
            source: Where the pictures come from; every process must be able to read them under the same address.
            results: Where their records go; only this process writes them.
            detector: What every process must have loaded.
            work: What else is done with each picture. Cleaned pictures are written by the processes.
            watch: Who is told how it gets on.

        Returns:
            Whether all machines' shares are done.

        Raises:
            MissingExtraError: Ray is not installed.
            ScanError: The cluster or the source cannot be reached, or the scan was begun with another source.
            OutputError: The results cannot be written.
        """
        todo = _Todo(source, results, work, watch)
        with _cluster(self.address, detector.settings.workers()) as ray:
            processes = self.processes or max(1, int(ray.cluster_resources().get("CPU", 1)))
            maker = _Maker(self.load, work, os.getcwd(), _called(detector))  # noqa: PTH109 - sent to other machines as text
            try:
                batches = todo.batches()
                while wave := list(fill(batches, WAVE * processes, _held)):
                    _run(ray, wave, maker, processes, todo)
            finally:
                todo.close()
        todo.broom.sweep()
        return results.finish(todo.pictures)


class _Todo:
    """What has no record yet, and where records go."""

    def __init__(self, source: Source, results: Results, work: Work, watch: Watch) -> None:
        self._source = source
        self._results = results
        self.broom = Broom(work, alone=results.shard == WHOLE)
        self._watch = watch
        self._journals: dict[int, Journal] = {}
        self._items: dict[tuple[int, int], Item] = {}
        self.pictures = 0

    def batches(self) -> Iterator[Batch]:
        """What is to be done, in order."""
        for part in parts(self._source, self._results.plan.part_size, self._results.shard):
            self.pictures += len(part.items)
            if self._results.has(part):
                self._watch.skipped(len(part.items))
                continue
            journal = self._journals[part.number] = self._results.begin(part)
            self._watch.skipped(len(part.items) - len(journal.missing))
            if journal.interrupted:
                self.broom.note(part.items[at] for at in journal.missing)
            missing = iter(journal.missing)
            while positions := tuple(islice(missing, BATCH)):
                self._items |= {(part.number, at): part.items[at] for at in positions}
                yield Place(part.number, positions), tuple(part.items[at] for at in positions)

    def add(self, place: Place, records: Sequence[Record]) -> None:
        """Write down the records of a batch."""
        for position, record in zip(place.positions, records, strict=True):
            if self._items.pop((place.part, position), None) is None:
                continue  # a batch that was given out again came back twice
            self._journals[place.part].add(position, record)
            self._watch.judged(record)
        if self._journals[place.part].closed:
            del self._journals[place.part]

    def left(self) -> list[Batch]:
        """What was given out and did not come back, picture by picture."""
        return [
            (Place(part, (position,)), (item,)) for (part, position), item in sorted(self._items.items(), key=_place)
        ]

    def close(self) -> None:
        """Let go of the journals."""
        for journal in self._journals.values():
            journal.close()


def _place(entry: tuple[tuple[int, int], Item]) -> tuple[int, int]:
    return entry[0]


@dataclass(frozen=True, slots=True)
class _Maker:
    """All that a process needs before its first picture."""

    load: Callable[[], Detector]
    work: Work
    folder: str
    model: str


class _Judge:
    """A process that judges; Ray makes it, and keeps it from batch to batch."""

    def __init__(self, maker: _Maker) -> None:
        if os.path.isdir(maker.folder):  # noqa: PTH112 - relative paths mean what they mean where the scan was begun
            os.chdir(maker.folder)
        self._detector = maker.load()
        self._work = maker.work
        if _called(self._detector) != maker.model:
            message = (
                f"a machine of the cluster has model {_called(self._detector)}, and the scan is with {maker.model}"
            )
            raise ScanError(f"{message}; install the same unframe everywhere")

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        place, items = pickle.loads(row["batch"])  # noqa: S301 - from the process that scans
        records = [judge_one(item, self._detector, self._work) for item in items]
        return {"records": pickle.dumps((place, records))}


def _called(detector: Detector) -> str:
    """A model's name, with a digest where others might have the same name."""
    return f"{detector.model} ({detector.digest})" if detector.digest else detector.model


def _held(batch: Batch) -> int:
    return sum(map(held, batch[1]))


def _run(ray: Any, wave: Sequence[Batch], maker: _Maker, processes: int, todo: _Todo) -> None:
    """Have a wave of batches judged, and write the records down as they come."""
    _collect(_judged(ray, wave, maker, processes), todo)
    lost = todo.left()
    if not lost:
        return
    _collect(_judged(ray, lost, maker, processes, alone=True), todo)
    for place, (item,) in todo.left():
        error = RuntimeError("the process that decoded it died")
        carried = {renamed(name): value for name, value in item.columns.items()}
        todo.add(place, [failure(shown(item.path), error) | {"path": item.path} | carried])


def _collect(rows: Iterable[dict[str, Any]], todo: _Todo) -> None:
    for row in rows:
        place, records = pickle.loads(row["records"])  # noqa: S301 - from a process of ours
        todo.add(place, records)


def _judged(
    ray: Any, batches: Sequence[Batch], maker: _Maker, processes: int, *, alone: bool = False
) -> Iterator[dict[str, Any]]:
    """The records of batches, as they come; those of a process that died are left out.

    Args:
        ray: The package.
        batches: What is to be judged.
        maker: What every process needs.
        processes: How many there are.
        alone: Let no batch wait at a process that works on another, for both would be lost with it.

    Raises:
        ScanError: Ray could not do it.
    """
    actors = min(processes, len(batches))
    rows = [{"batch": pickle.dumps(batch)} for batch in batches]
    dataset = ray.data.from_items(rows, override_num_blocks=len(rows)).map(
        _Judge,
        fn_constructor_args=(maker,),
        compute=ray.data.ActorPoolStrategy(size=actors, max_tasks_in_flight_per_actor=1 if alone else None),
        num_cpus=1,
        max_restarts=-1,
        max_task_retries=0 if alone else RETRIES,
    )
    try:
        yield from dataset.iter_rows()
    except ray.exceptions.RayError as error:
        raise ScanError(f"Ray stopped: {_reason(error)}; go on with --resume once that is mended") from error


def _reason(error: Exception) -> str:
    """The last line of what Ray says; some of its causes say nothing themselves."""
    said = [line for each in (error, error.__cause__) if each for line in str(each).splitlines() if line.strip()]
    return said[-1].strip() if said else type(error).__name__


@contextmanager
def _cluster(address: str | None, cores: int) -> Iterator[Any]:
    """Ray, connected to a cluster for the time being; one that the caller is connected to stays so.

    Raises:
        MissingExtraError: It is not installed.
        ScanError: It cannot be reached.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere at run time
    try:
        import ray  # noqa: PLC0415 (an extra)
        import ray.data  # noqa: PLC0415 (an extra)
    except ImportError as error:
        raise MissingExtraError("--engine ray", "ray", "ray") from error
    mine = not ray.is_initialized()
    if mine:
        _check_reachable(address or os.environ.get("RAY_ADDRESS", ""))
        own: dict[str, Any] = (
            {} if address or os.environ.get("RAY_ADDRESS") else {"num_cpus": cores, "include_dashboard": False}
        )
        try:
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **own)
        except Exception as error:  # Ray raises that very class where its processes do not come up in time
            where = address or os.environ.get("RAY_ADDRESS") or "this machine"
            raise ScanError(f"there is no Ray at {where}: {error}; start one, or use --engine local") from error
    try:
        with _quiet(ray):
            yield ray
    finally:
        if mine:
            ray.shutdown()


def _check_reachable(address: str) -> None:
    """Raise `ScanError` when nobody listens at an address: Ray itself would go on trying for minutes."""
    host, colon, port = address.rpartition("://")[2].rpartition(":")
    if not (colon and port.isdecimal()):  # auto, local
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_SECONDS).close()
    except OSError as error:
        reason = error.strerror or error
        raise ScanError(f"there is no Ray at {address}: {reason}; start one, or use --engine local") from error


@contextmanager
def _quiet(ray: Any) -> Iterator[None]:
    """Ray Data without progress bars of its own, and with losses left to us; its settings are put back afterwards."""
    context = ray.data.DataContext.get_current()
    wanted = {
        "enable_progress_bars": False,
        "print_on_execution_start": False,
        "max_errored_blocks": -1,
    }
    before = {name: getattr(context, name) for name in wanted}
    loggers = [logging.getLogger(name) for name in ("ray.data", "ray")]
    levels = [each.level for each in loggers]
    try:
        for name, value in wanted.items():
            setattr(context, name, value)
        for each in loggers:
            each.setLevel(logging.CRITICAL)
        yield
    finally:
        for name, value in before.items():
            setattr(context, name, value)
        for each, level in zip(loggers, levels, strict=True):
            each.setLevel(level)
