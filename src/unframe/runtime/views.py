"""What the network looks at: the whole picture small, and each of its four sides at nearly full resolution.

A thumbnail alone loses lines of one to three pixels, and frames live at the borders. So each side is also shown as a
*strip* that is coarse along the side, where a frame does not change, and fine across it, where a frame begins and ends:
one row for every pixel next to the image edge, and rows that grow steadily towards the middle of the picture. Averaging
along the side suppresses the texture of photographs and keeps what is straight; a separate channel keeps the strongest
step inside each row, so that a thin line anywhere survives.

The four strips are turned alike (their first row is the image edge, their columns run along the side), so that one set
of weights judges every side.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from unframe.types import SIDES, Image, Side

THUMBNAIL = 96
"""Height and width of the thumbnail; the aspect ratio is not kept."""
DEPTH = 96
"""Rows of a strip, from the image edge to the middle of the picture."""
ALONG = 32
"""Columns of a strip, along the side."""
CHANNELS = 4
"""Red, green and blue means, and the strongest step."""

_SAMPLES = 8  # pixels averaged in each column of a strip; more cost time and change little


def views(image: Image) -> dict[str, NDArray[np.uint8]]:
    """The network's two inputs.

    Args:
        image: uint8 ``(height, width, 3)`` RGB.

    Returns:
        ``thumbnail``: uint8 ``(1, 96, 96, 3)`` RGB. ``strips``: uint8 ``(1, 4, 96, 32, 4)``, the sides in the order
        top, right, bottom, left; see `strip` for the channels.
    """
    picture = PillowImage.fromarray(image)
    size = (THUMBNAIL, THUMBNAIL)
    thumbnail = np.asarray(picture.resize(size, PillowImage.Resampling.BILINEAR, reducing_gap=2.0))
    return {"thumbnail": thumbnail[None], "strips": strips(image)[None]}


def strips(image: Image) -> NDArray[np.uint8]:
    """The four sides of an image, uint8 ``(4, 96, 32, 4)`` in the order top, right, bottom, left."""
    level, upright = _averaged_rows(image), _averaged_columns(image)
    return np.stack([strip(_from_edge(level if side in {"top", "bottom"} else upright, side)) for side in SIDES])


def strip(rows: NDArray[np.float32]) -> NDArray[np.uint8]:
    """One side as the network sees it.

    Args:
        rows: float32 ``(length, 32, 3)``: the image averaged along the side, beginning at the image edge; ``length`` is
            the image's extent across the side.

    Returns:
        uint8 ``(96, 32, 4)``: mean red, green and blue of each row, and 16 times the square root of the largest
        difference between neighbouring pixel rows that falls into it, so that faint steps are not lost.
    """
    length = len(rows)
    edges = boundaries(length)
    reach = min(length, int(np.ceil(edges[-1])) + 1)
    sums = np.zeros((reach + 1, ALONG, 3), dtype=np.float32)
    np.cumsum(rows[:reach], axis=0, out=sums[1:])
    low = np.minimum(edges.astype(np.int64), reach - 1)
    part = (edges - low).astype(np.float32)[:, None, None]
    upto = sums[low] + part * rows[low]
    means = (upto[1:] - upto[:-1]) / np.diff(edges).astype(np.float32)[:, None, None]
    out = np.empty((DEPTH, ALONG, CHANNELS), dtype=np.uint8)
    out[..., :3] = np.clip(means + 0.5, 0, 255)
    out[..., 3] = np.minimum(16 * np.sqrt(_strongest_steps(rows[:reach], edges)), 255)
    return out


@lru_cache(maxsize=1024)
def boundaries(length: int) -> NDArray[np.float64]:
    """Where the rows of a strip begin and end, in pixels from the image edge.

    Args:
        length: The image's extent across the side, in pixels, at least 1.

    Returns:
        float64 ``(97,)``, from 0 to half of the length. The first row has one pixel, each row the same factor more than
        the one before; where half of the length has fewer pixels than there are rows, all rows are equally thin.
    """
    half = length / 2
    if half <= DEPTH:
        edges: NDArray[np.float64] = np.linspace(0, half, DEPTH + 1)
    else:
        low, high = 1.0 + 1e-9, 2.0
        for _ in range(60):  # bisection: the sum of a geometric series grows with its factor
            factor = (low + high) / 2
            low, high = (factor, high) if (factor**DEPTH - 1) / (factor - 1) < half else (low, factor)
        edges = (np.power(low, np.arange(DEPTH + 1)) - 1) / (low - 1)
        edges[-1] = half
    edges.flags.writeable = False
    return edges


def _averaged_rows(image: Image) -> NDArray[np.float32]:
    """Every pixel row averaged over 32 stretches of equal length: float32 ``(height, 32, 3)``."""
    height, width = image.shape[:2]
    # Pillow's box filter is several times faster than summing with NumPy; one level of rounding does no harm.
    thinned = PillowImage.fromarray(np.ascontiguousarray(image[:, :: max(1, width // (ALONG * _SAMPLES))]))
    return np.asarray(thinned.resize((ALONG, height), PillowImage.Resampling.BOX)).astype(np.float32)


def _averaged_columns(image: Image) -> NDArray[np.float32]:
    """Every pixel column averaged over 32 stretches of equal height: float32 ``(width, 32, 3)``."""
    height, width = image.shape[:2]
    thinned = PillowImage.fromarray(np.ascontiguousarray(image[:: max(1, height // (ALONG * _SAMPLES))]))
    small = np.asarray(thinned.resize((width, ALONG), PillowImage.Resampling.BOX))
    return small.swapaxes(0, 1).astype(np.float32)


def _from_edge(rows: NDArray[np.float32], side: Side) -> NDArray[np.float32]:
    return rows[::-1] if side in {"right", "bottom"} else rows


def _strongest_steps(rows: NDArray[np.float32], edges: NDArray[np.float64]) -> NDArray[np.float32]:
    """Largest difference, of any channel, between neighbouring pixel rows in each row: float32 ``(96, 32)``."""
    steps = np.zeros(rows.shape[:2], dtype=np.float32)
    red, green, blue = np.moveaxis(np.abs(np.diff(rows, axis=0)), 2, 0)
    steps[1:] = np.maximum(np.maximum(red, green), blue)  # steps[k] lies between pixel rows k - 1 and k
    # A step on a boundary belongs to the row that it opens.
    first = np.minimum(np.ceil(edges[:-1] - 1e-6).astype(np.int64), len(rows) - 1)
    strongest: NDArray[np.float32] = np.maximum.reduceat(steps, first, axis=0)
    strongest[np.append(first[1:] == first[:-1], False)] = 0
    return strongest
