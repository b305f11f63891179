"""Canny edges of an image, seen once for lines that lie and once for lines that stand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unframe.baseline.parameters import Parameters
from unframe.errors import MissingExtraError
from unframe.types import Image


@cache
def opencv() -> Any:
    """OpenCV, imported when it is first needed, because it takes longer to import than an image takes to judge.

    Raises:
        MissingExtraError: OpenCV is not installed.
    """
    try:
        import cv2  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("The baseline detector", "OpenCV", "baseline") from error
    # Images are judged side by side in threads; threads within each image would only get in each other's way. OpenCV
    # keeps this number for the whole process, so it is set once, before the first image.
    cv2.setNumThreads(1)
    return cv2


@dataclass(frozen=True, slots=True)
class Strips:
    """An image whose rows were kept and whose columns were averaged into few.

    A frame's edge runs along the row, so averaging along it keeps the edge to the pixel, however thin the line,
    while grain and texture fade; and a row of a few positions is quickly compared with its neighbours.

    Attributes:
        rows: uint8 ``(depth, positions, 3)`` RGB.
        steps: uint8 ``(depth + 1, positions)``: by how many grey levels the picture changes between row ``k - 1`` and
            row ``k``, in the channel that changes most, where Canny found an edge in either row; 0 elsewhere. Rows 0
            and ``depth`` are the edges of the image, and 0.
    """

    rows: NDArray[np.uint8]
    steps: NDArray[np.uint8]

    def flipped(self) -> Strips:
        """The same strips seen from the opposite side; a view."""
        return Strips(self.rows[::-1], self.steps[::-1])


def strips(image: Image, parameters: Parameters) -> tuple[Strips, Strips]:
    """The image seen from its top edge, and seen from its left edge.

    Args:
        image: uint8 ``(height, width, 3)`` RGB.
        parameters: How many positions to keep along a side, and Canny's thresholds.

    Returns:
        Strips whose depth is the height, and strips whose depth is the width.
    """
    cv2 = opencv()
    height, width = image.shape[:2]
    positions = int(parameters.positions)
    lying = cv2.resize(image, (min(width, positions), height), interpolation=cv2.INTER_AREA)
    standing = cv2.resize(image, (width, min(height, positions)), interpolation=cv2.INTER_AREA)
    return _measured(lying, parameters), _measured(standing.swapaxes(0, 1), parameters)


def _measured(rows: NDArray[np.uint8], parameters: Parameters) -> Strips:
    cv2 = opencv()
    rows = np.ascontiguousarray(rows)
    steps = np.zeros((rows.shape[0] + 1, rows.shape[1]), dtype=np.uint8)
    if len(rows) > 1:
        # OpenCV's Canny takes the channel with the largest gradient at each pixel, so no edge hides in a grey mean.
        edges = cv2.Canny(rows, parameters.canny_low, parameters.canny_high)
        red, green, blue = cv2.split(cv2.absdiff(rows[1:], rows[:-1]))
        steps[1:-1] = cv2.max(cv2.max(red, green), blue) * ((edges[1:] | edges[:-1]) > 0)
    return Strips(rows, steps)
