"""Judge a folder's pictures in the background, so that the page can show what seems wrong first."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from unframe.detector import Detector
from unframe.errors import DecodeError, UnframeError
from unframe.files import Input, walk
from unframe.imaging import decode, read
from unframe.labelling.pictures import Pictures, Place, place_of
from unframe.labelling.thumbnails import Thumbnails
from unframe.settings import Settings
from unframe.types import Detection

BATCH = 16
"""Pictures that are judged between two writes to the store."""


@dataclass(slots=True)
class Progress:
    """How far the background work has come.

    Attributes:
        total: Pictures found in the folder.
        done: Those that need nothing more, including those that were judged earlier.
        failed: Those that cannot be decoded.
        finished: Whether the work has ended.
        trouble: What ended it early, if anything.
    """

    total: int = 0
    done: int = 0
    failed: int = 0
    finished: bool = False
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A picture's place and what each detector says about it."""

    place: Place
    detections: tuple[Detection, ...] = ()


class Classifier:
    """Finds, decodes and judges the pictures of a folder; keeps what it finds in the store.

    What was judged before is not judged again, so a run that was cut short goes on where it stopped.

    Args:
        pictures: The folder.
        thumbnails: Where small copies go, since the pictures are decoded anyway.
        detectors: Who judges; the first sorts the page, a second shows where they disagree.
        settings: Limits on what is decoded, and how many threads work.
    """

    def __init__(
        self, pictures: Pictures, thumbnails: Thumbnails, detectors: Sequence[Detector], settings: Settings
    ) -> None:
        self.pictures = pictures
        self.detectors = tuple(detectors)
        self.progress = Progress()
        self._thumbnails = thumbnails
        self.settings = settings
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._guarded, name="classifier", daemon=True)

    def start(self) -> None:
        """Begin in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """End after the pictures that are being judged, and wait for that."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def state(self) -> dict[str, Any]:
        """The progress as JSON types."""
        return asdict(self.progress)

    def run(self) -> None:
        """Judge every picture that needs it, in this thread."""
        inputs = walk([self.pictures.folder])
        known = self.pictures.known()
        self.progress.total = len(inputs)
        self._forget(inputs, known)
        todo = list(self._todo(inputs, known))
        self.progress.done = len(inputs) - len(todo)
        with ThreadPoolExecutor(self.settings.workers()) as pool:
            for start in range(0, len(todo), BATCH):
                if self._stop.is_set():
                    return
                batch = todo[start : start + BATCH]
                self._keep([each for each in pool.map(self._examine, batch) if each is not None])
                self.progress.done += len(batch)
        self.progress.finished = True

    def judge(self, path: Path, data: bytes, **more: str) -> Judged:
        """Judge one picture of the folder at once and keep what is found.

        Args:
            path: Its file.
            data: Its bytes.
            **more: ``source``, ``page`` and ``address``, where they are known.

        Raises:
            DecodeError: The bytes are no picture.
        """
        judged = self._judge(place_of(path, self.pictures.folder, hashlib.sha256(data).hexdigest(), **more), data)
        self._keep([judged])
        return judged

    def _guarded(self) -> None:
        try:
            self.run()
        except Exception as error:  # the page lives on and says so
            self.progress.trouble = str(error) if isinstance(error, UnframeError) else repr(error)
            self.progress.finished = True

    def _forget(self, inputs: Sequence[Input], known: Mapping[str, sqlite3.Row]) -> None:
        gone = known.keys() - {each.relative.as_posix() for each in inputs}
        if gone:
            self.pictures.record((), gone=gone)

    def _todo(self, inputs: Sequence[Input], known: Mapping[str, sqlite3.Row]) -> Iterator[Input]:
        judged = [self.pictures.judged(detector.model) for detector in self.detectors]
        for each in inputs:
            row = known.get(each.relative.as_posix())
            if row is None or not self._settled(each, row) or not all(row["sha256"] in one for one in judged):
                yield each

    def _settled(self, each: Input, row: sqlite3.Row) -> bool:
        """Whether a file is as it was when it was decoded."""
        try:
            status = Path(each.name).stat()
        except OSError:
            return False
        return row["error"] is None and (status.st_size, status.st_mtime_ns) == (row["size"], row["mtime"])

    def _examine(self, each: Input) -> Judged | None:
        """The picture's place and verdicts; the place alone when it cannot be decoded, nothing when it is gone."""
        path = Path(each.name)
        try:
            place = place_of(path, self.pictures.folder, None)
        except OSError:
            return None
        try:
            data = read(path, self.settings)
            place = replace(place, sha256=hashlib.sha256(data).hexdigest())
            return self._judge(place, data)
        except DecodeError as error:
            return Judged(replace(place, error=str(error)))

    def _judge(self, place: Place, data: bytes) -> Judged:
        image = decode(data, self.settings, name=place.path)
        self._thumbnails.add(str(place.sha256), image)
        height, width = image.shape[:2]
        detections = tuple(detector.detect(image, place.path) for detector in self.detectors)
        return Judged(replace(place, width=width, height=height), detections)

    def _keep(self, found: Sequence[Judged]) -> None:
        judged = [(str(each.place.sha256), said) for each in found for said in each.detections]
        self.pictures.record([each.place for each in found], judged)
        self.progress.failed += sum(each.place.error is not None for each in found)
