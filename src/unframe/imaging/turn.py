"""The eight EXIF orientations: views of an array, and boxes, between stored and upright coordinates.

Orientation *n* names the turn that makes a stored picture upright, as Exif 2.32 (section 4.6.4 A) defines it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Transpose

from unframe.types import Box

TRANSPOSE = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""What Pillow calls the turn that makes a stored picture upright; nothing for orientation 1."""

_MIRRORED_ACROSS = frozenset({2, 3, 6, 7})
_MIRRORED_DOWN = frozenset({3, 4, 7, 8})


def upright_size(width: int, height: int, orientation: int) -> tuple[int, int]:
    """Width and height, in pixels, of a stored picture once it is upright."""
    return (height, width) if orientation >= 5 else (width, height)


def as_stored(upright: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """A view of an upright array ``(height, width, ...)`` in the layout in which the picture is stored.

    What is written to the view arrives upright in the array, so that turning costs no second copy of the pixels.
    """
    if orientation in _MIRRORED_ACROSS:
        upright = upright[:, ::-1]
    if orientation in _MIRRORED_DOWN:
        upright = upright[::-1]
    return upright.swapaxes(0, 1) if orientation >= 5 else upright


def stored_box(box: Box, width: int, height: int, orientation: int) -> Box:
    """Where a box of the upright picture lies in the stored one.

    Args:
        box: Box in the upright picture.
        width: Width of the upright picture in pixels.
        height: Height of the upright picture in pixels.
        orientation: EXIF orientation, 1 to 8.
    """
    left, top, right, bottom = box
    if orientation in _MIRRORED_ACROSS:
        left, right = width - right, width - left
    if orientation in _MIRRORED_DOWN:
        top, bottom = height - bottom, height - top
    return Box(top, left, bottom, right) if orientation >= 5 else Box(left, top, right, bottom)
