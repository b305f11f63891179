"""The words every room shares: image, box, frame, detection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""uint8 array of shape ``(height, width, 3)``, RGB, 0 to 255, upright, transparency flattened on white."""

Side = Literal["top", "right", "bottom", "left"]
Kind = Literal["border", "inset", "keyline", "padding", "banner", "decorative"]
Verdict = Literal["framed", "clean", "review"]

SIDES: tuple[Side, ...] = get_args(Side)
KINDS: tuple[Kind, ...] = get_args(Kind)
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


class Box(NamedTuple):
    """A rectangle in whole pixels, origin at the top left; ``right`` and ``bottom`` are exclusive.

    ``image[box.top:box.bottom, box.left:box.right]`` are its pixels.
    """

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def whole(cls, width: int, height: int) -> Box:
        """The box that covers an image of this size."""
        return cls(0, 0, width, height)

    @property
    def width(self) -> int:
        """Pixels from left to right; 0 or less when the box is empty."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels from top to bottom; 0 or less when the box is empty."""
        return self.bottom - self.top

    @property
    def area(self) -> int:
        """Number of pixels in the box; 0 when it is empty."""
        return max(self.width, 0) * max(self.height, 0)

    def contains(self, other: Box) -> bool:
        """Whether every pixel of ``other`` lies in this box."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and self.right >= other.right
            and self.bottom >= other.bottom
        )

    def intersection(self, other: Box) -> Box:
        """The pixels that both boxes cover; its ``area`` is 0 when there are none."""
        return Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    def iou(self, other: Box) -> float:
        """Intersection over union of the two areas, 0 to 1."""
        shared = self.intersection(other).area
        union = self.area + other.area - shared
        return shared / union if union else 0.0

    def margins(self, width: int, height: int) -> dict[Side, int]:
        """Pixels between the box and each edge of an image of this size."""
        return {
            "top": self.top,
            "right": width - self.right,
            "bottom": height - self.bottom,
            "left": self.left,
        }


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a frame is.

    Attributes:
        inner: Box of the photograph that remains when the frame, and whatever lies outside it, is cut away.
        outer: Box where the frame begins, seen from outside; the whole image unless the frame is inset.
        sides: The sides that carry a frame, always in the order top, right, bottom, left.
        kind: What the frame looks like.
    """

    inner: Box
    outer: Box
    sides: tuple[Side, ...]
    kind: Kind

    def __post_init__(self) -> None:
        if self.inner.area == 0:
            raise ValueError(f"inner box {tuple(self.inner)} holds no pixel")
        if not self.outer.contains(self.inner):
            raise ValueError(f"inner box {tuple(self.inner)} leaves the outer box {tuple(self.outer)}")
        if not self.sides or not set(self.sides) <= set(SIDES):
            raise ValueError(f"sides {self.sides!r} must be one or more of {', '.join(SIDES)}")
        object.__setattr__(self, "sides", tuple(side for side in SIDES if side in self.sides))


@dataclass(frozen=True, slots=True)
class Detection:
    """What a detector says about one image.

    Attributes:
        verdict: ``framed``, ``clean``, or ``review`` when the probability is too close to call.
        probability: Probability that the image carries a frame, 0 to 1.
        framed: Whether the probability reaches the detector's decision threshold.
        frame: Where the frame is; ``None`` exactly when ``framed`` is false.
        width: Width of the image in pixels, after EXIF orientation.
        height: Height of the image in pixels, after EXIF orientation.
        detector: Name of the detector, as ``--detector`` takes it.
        model: Name and version of the rules or weights that answered.
    """

    verdict: Verdict
    probability: float
    framed: bool
    frame: Frame | None
    width: int
    height: int
    detector: str
    model: str

    def __post_init__(self) -> None:
        if not 0.0 <= self.probability <= 1.0:
            raise ValueError(f"probability {self.probability} is not between 0 and 1")
        if self.framed != (self.frame is not None):
            raise ValueError("a detection has a frame exactly when it is framed")
        if self.frame is not None and not Box.whole(self.width, self.height).contains(self.frame.outer):
            raise ValueError(f"frame {self.frame} leaves the image of {self.width} × {self.height} pixels")

    def record(self, path: str) -> dict[str, Any]:
        """The detection as one flat record of JSON types, the shape every output of unframe uses.

        Args:
            path: What the record calls the image.
        """
        frame = self.frame
        return {
            "path": path,
            "status": "ok",
            "width": self.width,
            "height": self.height,
            "verdict": self.verdict,
            "framed": self.framed,
            "probability": round(self.probability, 4),
            "kind": frame.kind if frame else None,
            "sides": list(frame.sides) if frame else [],
            "inner": list(frame.inner) if frame else None,
            "outer": list(frame.outer) if frame else None,
            "detector": self.detector,
            "model": self.model,
        }


class ImageDetector(Protocol):
    """What every detector offers: the command line, the server and the evaluation see nothing else."""

    @property
    def name(self) -> str:
        """The detector's name, as ``--detector`` takes it."""
        ...

    @property
    def model(self) -> str:
        """Name and version of the rules or weights."""
        ...

    def detect(self, image: Image) -> Detection:
        """Judge one image: uint8 ``(height, width, 3)`` RGB."""
        ...

    def detect_many(self, images: Sequence[Image]) -> list[Detection]:
        """Judge several images, in order; they may differ in size."""
        ...
