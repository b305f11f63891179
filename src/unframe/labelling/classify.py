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
from unframe.files import Input, is_utf8, walk
from unframe.imaging import decode, read
from unframe.labelling.pictures import Pictures, Place, place_of
from unframe.labelling.thumbnails import Thumbnails
from unframe.settings import Settings
from unframe.types import Detection, Image

BATCH = 16
"""Pictures that are judged between two writes to the store."""


@dataclass(slots=True)
class Progress:
    """How far the background work has come.

    Attributes:
        total: Pictures found in the folder.
        done: Those that need nothing more, including those that were judged earlier.
        failed: Those that cannot be decoded, or have a name that is not UTF-8.
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
    """What was found out about a picture.

    Attributes:
        sha256: Of its bytes.
        width: In upright pixels.
        height: In upright pixels.
        detections: What each detector says.
    """

    sha256: str
    width: int
    height: int
    detections: tuple[Detection, ...]


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
        self.thumbnails = thumbnails
        self.settings = settings
        self.progress = Progress()
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
        # In this order: what the extension sends in between would else be known but not found, and so be forgotten.
        known = self.pictures.known()
        inputs = walk([self.pictures.folder])
        self.progress.total = len(inputs)
        self._forget(inputs, known)
        todo = list(self._todo(inputs, known))
        self.progress.done = len(inputs) - len(todo)
        with ThreadPoolExecutor(self.settings.workers()) as pool:
            for start in range(0, len(todo), BATCH):
                if self._stop.is_set():
                    return
                batch = todo[start : start + BATCH]
                self._record([each for each in pool.map(self._examine, batch) if each is not None])
                self.progress.done += len(batch)
        self.progress.finished = True

    def judge(self, data: bytes, name: str = "the picture") -> tuple[Judged, Image]:
        """Judge the bytes of one picture and keep nothing.

        Args:
            data: A picture file.
            name: What messages call it.

        Returns:
            What was found out, and the picture: uint8 ``(height, width, 3)`` RGB.

        Raises:
            DecodeError: The bytes are no picture, or over a limit.
        """
        image = decode(data, self.settings, name=name)
        sha256 = hashlib.sha256(data).hexdigest()
        height, width = image.shape[:2]
        said = tuple(detector.detect(image, name) for detector in self.detectors)
        return Judged(sha256, width, height, said), image

    def keep(self, path: Path, judged: Judged, image: Image, **more: str) -> None:
        """Record a picture that was judged and whose file is in the folder now.

        Args:
            path: Its file.
            judged: What was found out.
            image: uint8 ``(height, width, 3)`` RGB, for the small copy.
            **more: ``source``, ``page`` and ``address``, where they are known.
        """
        self.thumbnails.add(judged.sha256, image)
        self._record([_judged_place(place_of(path, self.pictures.folder, judged.sha256, **more), judged)])

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

    def _examine(self, each: Input) -> tuple[Place, Judged | None] | None:
        """The picture's place and verdicts; no verdicts when it cannot be decoded or kept, nothing when it is gone."""
        path = Path(each.name)
        try:
            place = place_of(path, self.pictures.folder, None)
        except OSError:
            return None
        if not is_utf8(place.path):
            return place, None
        try:
            data = read(path, self.settings)
            place = replace(place, sha256=hashlib.sha256(data).hexdigest())
            judged, image = self.judge(data, place.path)
        except DecodeError as error:
            return replace(place, error=str(error)), None
        self.thumbnails.add(judged.sha256, image)
        return _judged_place(place, judged)

    def _record(self, found: Sequence[tuple[Place, Judged | None]]) -> None:
        said = [(judged.sha256, each) for _, judged in found if judged for each in judged.detections]
        self.pictures.record([place for place, _ in found], said)
        self.progress.failed += sum(judged is None for _, judged in found)


def _judged_place(place: Place, judged: Judged) -> tuple[Place, Judged]:
    return replace(place, width=judged.width, height=judged.height), judged
