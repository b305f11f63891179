"""The work of one picture: what a thread of the pool does with its bytes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from unframe.detector import Detector
from unframe.errors import RequestError, UnframeError, failure
from unframe.files import SUFFIXES
from unframe.imaging import decode, probe
from unframe.removal import Options, Removal, apply, plan, remove
from unframe.serving.body import Upload
from unframe.serving.logs import log
from unframe.types import Box, Detection, Frame

Record = dict[str, Any]

MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
}
LONGEST_STEM = 100
"""Bytes that a picture's own name keeps in an archive: file systems count those, not characters."""


class Found(NamedTuple):
    """One picture that was judged or cleaned.

    Attributes:
        record: Its record.
        data: The bytes to pass on; empty where it was only judged, or failed.
        media_type: What they are.
        score: Probability that it is framed; ``None`` where it failed.
        verdict: The verdict, or ``error``.
    """

    record: Record
    data: bytes
    media_type: str
    score: float | None
    verdict: str


@dataclass(frozen=True, slots=True)
class Detecting:
    """Judges pictures.

    Attributes:
        detector: Who judges.
    """

    detector: Detector

    operation = "detect"

    def __call__(self, upload: Upload) -> Found:
        """Judge one picture.

        Raises:
            DecodeError: It cannot be decoded, or is over a limit.
        """
        found = self.detector.detect(upload.checked(self.detector.settings), upload.name)
        return Found(found.record(upload.name), b"", "", found.probability, found.verdict)


@dataclass(frozen=True, slots=True)
class Removing:
    """Takes frames off.

    Attributes:
        detector: Who judges.
        options: How frames are taken off.
        inner: The photograph's box, where a person has said it; the detector's when ``None``.
    """

    detector: Detector
    options: Options
    inner: Box | None = None

    operation = "remove"

    def __call__(self, upload: Upload) -> Found:
        """Take the frame off one picture.

        Raises:
            DecodeError: It cannot be decoded, or is over a limit.
            OutputError: Its format cannot hold the result.
            RemovalError, RequestError: The box that a person gave cannot be cut to.
        """
        data = upload.checked(self.detector.settings)
        done = self._as_told(self.inner, data, upload.name) if self.inner else self._as_found(data, upload.name)
        media_type = MEDIA_TYPES[probe(done.data, self.detector.settings, name=upload.name).format]
        found = done.detection
        return Found(done.record(upload.name), done.data, media_type, found.probability, found.verdict)

    def _as_found(self, data: bytes, name: str) -> Removal:
        return remove(data, self.detector, self.options, name=name)

    def _as_told(self, inner: Box, data: bytes, name: str) -> Removal:
        """Take off what lies outside the box that a person drew; what remains is judged, but not doubted."""
        image = decode(data, self.detector.settings, name=name)
        found = self.detector.detect(image)
        whole = Box.whole(found.width, found.height)
        if not whole.contains(inner):
            size = f"{found.width} × {found.height} pixels"
            raise RequestError("bad-request", f"inner {tuple(inner)} leaves {name}, which has {size}")
        if inner == whole:
            return Removal(data, data, found, found, None, None, too_small=False)
        planned = plan(_told(inner, found), replace(self.options, force=True))
        assert planned is not None  # noqa: S101 - there is a frame
        result = apply(planned, data, image, self.detector.settings, name=name)
        return Removal(result, data, found, self.detector.detect(result, name), planned, None, too_small=False)


def _told(inner: Box, found: Detection) -> Detection:
    """The detection with the frame that a person drew in place of what was found."""
    sides = tuple(side for side, margin in inner.margins(found.width, found.height).items() if margin)
    frame = Frame(inner, Box.whole(found.width, found.height), sides, found.frame.kind if found.frame else "border")
    return replace(found, verdict="framed", probability=1.0, framed=True, frame=frame)


def safely(work: Callable[[Upload], Found], upload: Upload) -> Found:
    """The same work, but what it raises becomes the record of a failure: one bad picture never fails the others."""
    try:
        return work(upload)
    except Exception as error:  # a defect too; it is reported
        if not isinstance(error, UnframeError):
            log("a picture of a form failed", logging.ERROR, error, name=upload.name)
        return Found(failure(upload.name, error), b"", "", None, "error")


def output_name(number: int, name: str, media_type: str) -> str:
    """What a picture is called in an archive: numbered, so that no two are alike, and without any folder.

    Args:
        number: Which picture of the request it is, from 1.
        name: What the request called it.
        media_type: What its bytes are.
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = "".join(each if each.isalnum() or each in "-_. " else "_" for each in last).strip(". ")
    plain = plain.encode()[-LONGEST_STEM:].decode(errors="ignore")  # without the rest of a character that was cut
    suffix = "." + media_type.partition("/")[2].replace("jpeg", "jpg")
    known = PurePosixPath(plain).suffix.lower() in SUFFIXES
    return f"{number:03d}-{plain or 'picture'}{'' if known else suffix}"
