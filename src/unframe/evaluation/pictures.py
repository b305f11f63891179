"""Pictures of a report: small copies that travel inside the page, and what is to be drawn on them."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

from PIL import Image as PillowImage

from unframe.evaluation.geometry import locate
from unframe.evaluation.run import Judged
from unframe.imaging import load
from unframe.settings import Settings
from unframe.types import Box, Detection

LONGEST = 360
"""Longer side of a small copy in pixels: twice what the page shows, for sharp screens."""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A picture with what is true and what was found.

    Attributes:
        name: What the picture is called.
        source: Where it comes from.
        url: The small copy, as a ``data:`` URL.
        width: Width of the whole picture, in whose pixels the boxes are.
        height: Height of the whole picture.
        true: The boxes of the true frame; empty for a plain picture, or where they are unknown.
        found: The boxes of the frame that was found; empty when none was.
        probability: The detector's probability of a frame.
        note: Label, kind and what else there is to say.
    """

    name: str
    source: str
    url: str
    width: int
    height: int
    true: list[Box]
    found: list[Box]
    probability: float
    note: str


def exhibit(judged: Judged, detector: str, settings: Settings) -> Exhibit:
    """A picture as a report shows it.

    Raises:
        DecodeError: The picture is no longer there, or no longer what was judged.
    """
    sample, detection = judged.sample, judged.detections[detector]
    frame = detection.frame
    return Exhibit(
        name=sample.path.name,
        source=sample.source,
        url=data_url(judged, settings),
        width=detection.width,
        height=detection.height,
        true=_boxes(sample.inner, sample.outer, detection),
        found=_boxes(frame.inner, frame.outer, detection) if frame else [],
        probability=detection.probability,
        note=_note(judged, detector),
    )


def _boxes(inner: Box | None, outer: Box | None, detection: Detection) -> list[Box]:
    """The boxes that are worth drawing: an outer box that is the whole picture is not."""
    whole = Box.whole(detection.width, detection.height)
    return [box for box in (inner, outer) if box is not None and box != whole]


def _note(judged: Judged, detector: str) -> str:
    sample, detection = judged.sample, judged.detections[detector]
    words = [sample.label, sample.kind or sample.hard.replace("_", " ")]
    if detection.frame and sample.kind and detection.frame.kind != sample.kind:
        words.append(f"called {detection.frame.kind}")
    located = locate(sample, detection)
    if located:
        worst = max(located.error.values(), key=abs)
        words.append(f"off by {abs(worst)} px")
    return ", ".join(word for word in words if word)


def data_url(judged: Judged, settings: Settings) -> str:
    """A small copy of a picture, as a ``data:`` URL."""
    picture = PillowImage.fromarray(load(judged.sample.path, settings))
    picture.thumbnail((LONGEST, LONGEST), PillowImage.Resampling.LANCZOS)
    stream = io.BytesIO()
    picture.save(stream, "WEBP", quality=80)
    return "data:image/webp;base64," + base64.b64encode(stream.getvalue()).decode()
