"""A detector that knows one frame: solid bands in the colour that `tests.draw.bordered` paints."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from unframe.types import SIDES, Box, Detection, Frame, Image

FRAME_COLOUR = (180, 30, 40)
DOUBTFUL_COLOUR = (40, 30, 180)


class FakeDetector:
    """Finds bands of `FRAME_COLOUR` that touch the edge; those of `DOUBTFUL_COLOUR` it puts up for review."""

    name = "baseline"
    model = "fake-1"

    def detect(self, image: Image) -> Detection:
        """Judge one image."""
        height, width = image.shape[:2]
        for colour, verdict, probability in (
            (FRAME_COLOUR, "framed", 0.99),
            (DOUBTFUL_COLOUR, "review", 0.55),
        ):
            inner = _without(image, colour)
            sides = tuple(side for side in SIDES if inner.margins(width, height)[side])
            if sides and inner.area:
                frame = Frame(inner, Box.whole(width, height), sides, "border")
                return Detection(verdict, probability, True, frame, width, height, self.name, self.model)  # type: ignore[arg-type]
        return Detection("clean", 0.01, False, None, width, height, self.name, self.model)

    def detect_many(self, images: Sequence[Image]) -> list[Detection]:
        """Judge several images."""
        return [self.detect(image) for image in images]


def _without(image: Image, colour: tuple[int, int, int]) -> Box:
    other = np.abs(image.astype(int) - colour).max(axis=2) > 40
    rows, columns = np.flatnonzero(other.mean(axis=1) > 0.3), np.flatnonzero(other.mean(axis=0) > 0.3)
    if not len(rows) or not len(columns):
        return Box(0, 0, 0, 0)
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
