"""Resizing an image together with the boxes in it, so that the two cannot drift apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image as PillowImage

from unframe.types import Box, Image


@dataclass(frozen=True, slots=True)
class Resizer:
    """The way between images of one size and their resized copies, for pixels and for boxes.

    Attributes:
        source: Width and height of the images, in pixels.
        target: Width and height of the copies, in pixels.
    """

    source: tuple[int, int]
    target: tuple[int, int]

    def __post_init__(self) -> None:
        if min(*self.source, *self.target) < 1:
            raise ValueError(f"sizes {self.source} and {self.target} must be at least 1 × 1 pixels")

    @classmethod
    def within(cls, width: int, height: int, longest: int) -> Resizer:
        """Scale so that the longer side has at most this many pixels; smaller images keep their size."""
        scale = min(longest / max(width, height), 1.0)
        return cls((width, height), (max(round(width * scale), 1), max(round(height * scale), 1)))

    def image(self, image: Image) -> Image:
        """A resized copy: uint8 ``(target height, target width, 3)`` RGB; each pixel averages the area that it covers.

        Raises:
            ValueError: The image is not of the source size.
        """
        height, width = image.shape[:2]
        if (width, height) != self.source:
            raise ValueError(
                f"image of {width} × {height} pixels where {self.source[0]} × {self.source[1]} is expected"
            )
        if self.source == self.target:
            return image.copy()
        resized = PillowImage.fromarray(np.ascontiguousarray(image)).resize(self.target, PillowImage.Resampling.BOX)
        return np.array(resized)

    def box(self, box: Box) -> Box:
        """Where a box of the image lies in the resized copy, rounded to whole pixels; never empty."""
        return _scale(box, self.source, self.target)

    def box_back(self, box: Box) -> Box:
        """Where a box of the resized copy lies in the image, rounded to whole pixels; never empty."""
        return _scale(box, self.target, self.source)


def _scale(box: Box, old: tuple[int, int], new: tuple[int, int]) -> Box:
    left, right = _span(box.left, box.right, old[0], new[0])
    top, bottom = _span(box.top, box.bottom, old[1], new[1])
    return Box(left, top, right, bottom)


def _span(start: int, end: int, old: int, new: int) -> tuple[int, int]:
    """The nearest whole pixels of a scaled span, at least one of them, within the new length."""
    first = min(round(start * new / old), new - 1)
    return first, max(round(end * new / old), first + 1)
