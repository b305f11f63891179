"""The work on pictures, the same in a thread, in a task of Ray and in one of Spark: items in, records out."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Protocol

from unframe.catalogue.addresses import output_name, shown
from unframe.catalogue.fetch import fetch
from unframe.catalogue.item import Column, Item, Range, Scalar
from unframe.catalogue.records import Record, renamed
from unframe.detector import Detector
from unframe.errors import MissingExtraError, OutputError, failure
from unframe.files import LEFT_OVER, below, write_atomic
from unframe.imaging import decode
from unframe.removal import Options, Removal, remove
from unframe.types import Detection, Image


class Measure(Protocol):
    """Something else to say about each picture, while its pixels are there."""

    columns: tuple[Column, ...]

    def __call__(self, image: Image, detection: Detection) -> Mapping[str, Scalar | list[str]]:
        """A value for each column.

        Args:
            image: uint8 ``(height, width, 3)`` RGB.
            detection: What was found in it.
        """
        ...


@dataclass(frozen=True, slots=True)
class Cleaning:
    """How frames are taken off, and where the results go.

    Attributes:
        folder: Where they go. Pictures without a frame, and those whose frame is left in place, are not copied.
        options: How frames are taken off.
    """

    folder: Path
    options: Options = field(default_factory=Options)


@dataclass(frozen=True, slots=True)
class Work:
    """What is done with each picture besides judging it.

    Attributes:
        cleaning: How its frame is taken off; it is not when omitted.
        measures: What else is measured.
    """

    cleaning: Cleaning | None = None
    measures: tuple[Measure, ...] = ()

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that the measures add."""
        return tuple(column for each in self.measures for column in each.columns)


_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
_STALE = 3600  # seconds after which nobody is still writing a file

JUST_JUDGE = Work()
"""Judge, and no more."""


def judge(items: Iterable[Item], detector: Detector, work: Work = JUST_JUDGE) -> Iterator[Record]:
    """A record for each item, in order.

    It keeps no state and may run in several threads and processes at once. What goes wrong with a picture is its
    record: nothing that a picture holds stops the others.

    Args:
        items: The pictures.
        detector: Who judges; its settings limit what is fetched and decoded.
        work: What else is done.

    Raises:
        OutputError: The disk that cleaned pictures go to is full or read-only.
        MissingExtraError: A package that fetches the pictures is not installed.
    """
    for item in items:
        yield judge_one(item, detector, work)


def judge_one(
    item: Item, detector: Detector, work: Work = JUST_JUDGE, data: Callable[[], bytes] | None = None
) -> Record:
    """The record of one item.

    Args:
        item: The picture.
        detector: Who judges.
        work: What else is done.
        data: Gives the encoded picture, or raises why not, where it was fetched before.

    Raises:
        OutputError: The disk that cleaned pictures go to is full or read-only.
        MissingExtraError: A package that fetches the picture is not installed.
    """
    try:
        record = _record(item, data() if data else fetch(item, detector.settings), detector, work)
    except Exception as error:  # a defect too, so that the other pictures are still worked on; its record says so
        if _stops(error):
            raise
        record = failure(shown(item.path), error) | {"path": item.path}
    return record | {renamed(name): value for name, value in item.columns.items()}


def _stops(error: Exception) -> bool:
    """Whether an error is none of the picture's, and would come of every other, too."""
    if isinstance(error, OutputError) and isinstance(error.__cause__, OSError):
        return error.__cause__.errno in _FULL
    return isinstance(error, MissingExtraError)


def _record(item: Item, data: bytes, detector: Detector, work: Work) -> Record:
    name = shown(item.path)
    if work.cleaning is None:
        image = decode(data, detector.settings, name=name)
        detection = detector.detect(image)
        return detection.record(item.path) | _measured(image, detection, work)
    removal = remove(data, detector, work.cleaning.options, name=name)
    measured = _measured(decode(data, detector.settings, name=name), removal.detection, work) if work.measures else {}
    return removal.record(item.path, _put(item, removal, work.cleaning)) | measured


def _measured(image: Image, detection: Detection, work: Work) -> Record:
    return {name: value for each in work.measures for name, value in each(image, detection).items()}


def _put(item: Item, removal: Removal, cleaning: Cleaning) -> str | None:
    """Write a cleaned picture, and say where.

    Raises:
        OutputError: Another picture is there, it would lie outside the folder, or it could not be written.
    """
    if not removal.changed:
        return None
    path = output_of(item, cleaning.folder)
    # Where the source has the picture twice and another thread was quicker, the very bytes are there the second time.
    if not (_written(path, removal.data, cleaning) or _written(path, removal.data, cleaning)):
        message = f"{path} is already there, and is another picture; delete it, or name another folder with --remove"
        raise OutputError("exists", message)
    return str(path)


def _written(path: Path, data: bytes, cleaning: Cleaning) -> bool:
    """Whether a file has these bytes now; one that has others is left as it is."""
    try:
        write_atomic(path, data, root=cleaning.folder)
    except OutputError as error:
        if error.code != "exists":
            raise
        return False
    return True


class Broom:
    """Removes what a killed process was writing beside the cleaned pictures of interrupted parts.

    Folders are noted while the scan goes on and swept when all of it is done: before, another thread might be writing
    there under a name of the same kind. What another machine may be writing is told by its age.
    """

    def __init__(self, work: Work, *, alone: bool) -> None:
        self._cleaning = work.cleaning
        self._alone = alone
        self._folders: set[Path] = set()

    def note(self, items: Iterable[Item]) -> None:
        """The killed process may have had some of these items in hand."""
        if self._cleaning is not None:
            for item in items:
                with suppress(OutputError):
                    self._folders.add(output_of(item, self._cleaning.folder).parent)

    def sweep(self) -> None:
        """Remove what is left; nothing may be writing in this process."""
        for folder in self._folders:
            remove_left_overs(folder, alone=self._alone)


def remove_left_overs(folder: Path, *, alone: bool) -> None:
    """Remove files that a killed process was writing to a folder.

    Args:
        folder: Where to look.
        alone: Whether nobody else writes there; otherwise only what is an hour old goes.
    """
    for path in folder.glob(LEFT_OVER):
        with suppress(FileNotFoundError):
            if alone or time.time() - path.stat().st_mtime > _STALE:
                path.unlink()


def output_of(item: Item, folder: Path) -> Path:
    """Where the cleaned picture of an item goes: another place for every picture of a source.

    Raises:
        OutputError: ``outside``: its name leads out of the folder.
    """
    if item.relative is not None:
        return below(folder, PurePath(item.relative))
    address = item.path if isinstance(item.place, bytes | Range) else item.place.address
    return below(folder, output_name(address))
