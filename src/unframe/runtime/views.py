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
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from unframe.types import Image

THUMBNAIL = 96
"""Height and width of the thumbnail; the aspect ratio is not kept."""
DEPTH = 96
"""Rows of a strip, from the image edge to the middle of the picture."""
ALONG = 32
"""Columns of a strip, along the side."""
CHANNELS = 4
"""Red, green and blue means, and the strongest step."""

_SAMPLES = 8  # pixels averaged in each column of a strip; more cost time and change little
_FRACTION_BITS = 22  # of the fixed-point numbers that Pillow averages with


def views(image: Image) -> dict[str, NDArray[np.uint8]]:
    """The network's two inputs.

    Args:
        image: uint8 ``(height, width, 3)`` RGB.

    Returns:
        ``thumbnail``: uint8 ``(1, 96, 96, 3)`` RGB. ``strips``: uint8 ``(1, 4, 96, 32, 4)``, the sides in the order
        top, right, bottom, left; the channels are the mean red, green and blue of each row, and 16 times the square
        root of the largest difference between neighbouring pixel rows that falls into it, so that faint steps are not
        lost.
    """
    picture = PillowImage.fromarray(image)
    size = (THUMBNAIL, THUMBNAIL)
    thumbnail = np.asarray(picture.resize(size, PillowImage.Resampling.BILINEAR, reducing_gap=1.0))
    level, upright = _averaged_rows(picture), _averaged_columns(image)
    if level.shape == upright.shape:  # square pictures are common, and half of the calls take half of the time
        (top, bottom), (left, right) = _both_ends(np.stack([level, upright]))
    else:
        (top, bottom), (left, right) = _both_ends(level), _both_ends(upright)
    return {"thumbnail": thumbnail[None], "strips": np.stack([top, right, bottom, left])[None]}


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


class _Rows(NamedTuple):
    """How the pixel rows of one half of an image fall into the rows of a strip.

    Attributes:
        reach: Pixel rows that are looked at.
        low: Pixel row in which each boundary lies, ``(97,)``.
        part: Share of that pixel row before the boundary, ``(97,)``.
        thickness: Pixels in each row, ``(96,)``.
        first: First pixel row that counts as a step of each row, ``(96,)``. A step on a boundary belongs to the row
            that it opens.
        empty: Rows so thin that no step begins in them.
    """

    reach: int
    low: NDArray[np.int64]
    part: NDArray[np.float32]
    thickness: NDArray[np.float32]
    first: NDArray[np.int64]
    empty: NDArray[np.bool_]


@lru_cache(maxsize=1024)
def _rows(length: int) -> _Rows:
    edges = boundaries(length)
    reach = min(length, int(np.ceil(edges[-1])) + 1)
    low = np.minimum(edges.astype(np.int64), reach - 1)
    first = np.minimum(np.ceil(edges[:-1] - 1e-6).astype(np.int64), reach - 1)
    return _Rows(
        reach=reach,
        low=low,
        part=(edges - low).astype(np.float32),
        thickness=np.diff(edges).astype(np.float32),
        first=first,
        empty=np.append(first[1:] == first[:-1], False),
    )


_STEP_LEVELS = np.minimum(16 * np.sqrt(np.arange(256, dtype=np.float32)), 255).astype(np.uint8)


def _both_ends(lines: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Two opposite sides as the network sees them.

    Args:
        lines: uint8 ``(..., 3, 32, length)``: the image averaged along these sides; ``length`` is its extent across
            them.

    Returns:
        uint8 ``(..., 2, 96, 32, 4)``: the strip at the beginning of ``lines`` and the one at their end.
    """
    rows = _rows(lines.shape[-1])
    kept = lines.shape[:-3]
    ends = np.empty((*kept, 2, 3, ALONG, rows.reach), dtype=np.uint8)  # in this order of axes, whatever that of lines
    ends[..., 0, :, :, :] = lines[..., : rows.reach]
    ends[..., 1, :, :, :] = lines[..., : -rows.reach - 1 : -1]
    out = np.empty((*kept, 2, DEPTH, ALONG, CHANNELS), dtype=np.uint8)
    out[..., :3] = _means(ends, rows).swapaxes(-3, -1)
    out[..., 3] = _STEP_LEVELS[_strongest_steps(ends, rows)].swapaxes(-2, -1)
    return out


def _means(ends: NDArray[np.uint8], rows: _Rows) -> NDArray[np.float32]:
    """Mean of each row of a strip, with a half added to round by cutting: float32 ``(..., 3, 32, 96)``, 0 to 255."""
    at = ends.take(rows.low, axis=-1).astype(np.float32)
    # Whole numbers below 2**24: exact in float32, whatever the order of summation.
    upto = np.cumsum(ends, axis=-1, dtype=np.uint32).take(rows.low, axis=-1).astype(np.float32) - at + rows.part * at
    means: NDArray[np.float32] = np.clip((upto[..., 1:] - upto[..., :-1]) / rows.thickness + 0.5, 0, 255)
    return means


def _strongest_steps(ends: NDArray[np.uint8], rows: _Rows) -> NDArray[np.uint8]:
    """Largest difference, of any channel, between neighbouring pixel rows in each row: uint8 ``(..., 32, 96)``."""
    one, other = ends[..., 1:], ends[..., :-1]
    steps = np.zeros((*ends.shape[:-3], ALONG, rows.reach), dtype=np.uint8)
    # steps[..., k] lies between pixel rows k - 1 and k
    np.max(np.maximum(one, other) - np.minimum(one, other), axis=-3, out=steps[..., 1:])
    strongest: NDArray[np.uint8] = np.maximum.reduceat(steps, rows.first, axis=-1)
    strongest[..., rows.empty] = 0
    return strongest


def _averaged_rows(picture: PillowImage.Image) -> NDArray[np.uint8]:
    """Every pixel row averaged over 32 stretches of equal length: uint8 ``(3, 32, height)``."""
    step = _step(picture.width)
    if step > 1:
        size = (-(-picture.width // step), picture.height)
        # Every step-th column; sampling an array of three-byte pixels takes NumPy ten times as long.
        every = (step, 0, 0.5 - step / 2, 0, 1, 0)
        picture = picture.transform(size, PillowImage.Transform.AFFINE, every, PillowImage.Resampling.NEAREST)
    means = np.asarray(picture.resize((ALONG, picture.height), PillowImage.Resampling.BOX))
    return means.transpose(2, 1, 0)


def _averaged_columns(image: Image) -> NDArray[np.uint8]:
    """Every pixel column averaged over 32 stretches of equal height: uint8 ``(3, 32, width)``.

    The same as Pillow's box filter, to the last digit, but several times faster: NumPy adds whole rows at a time.
    """
    height, width = image.shape[:2]
    thinned = image[:: _step(height)].reshape(-1, 3 * width)
    sums = np.empty((ALONG, 3 * width), dtype=np.uint16)
    stretches, reciprocals = _stretches(len(thinned))
    for stretch, total in zip(stretches, sums, strict=True):
        np.add.reduce(thinned[stretch], axis=0, dtype=np.uint16, out=total)
    means = (sums * reciprocals + (1 << _FRACTION_BITS - 1)) >> _FRACTION_BITS
    return means.astype(np.uint8).reshape(ALONG, width, 3).transpose(2, 0, 1)


def _step(extent: int) -> int:
    """Only every so manieth pixel along a side is averaged."""
    return max(1, extent // (ALONG * _SAMPLES))


@lru_cache(maxsize=1024)
def _stretches(length: int) -> tuple[list[slice], NDArray[np.uint32]]:
    """Pillow's box filter from ``length`` to 32 pixels: what goes into each, and 1 over how many, as ``(32, 1)``."""
    scale = length / ALONG
    width = max(scale, 1.0)
    slices = []
    for centre in (np.arange(ALONG) + 0.5) * scale:
        low, high = max(int(centre - width / 2 + 0.5), 0), min(int(centre + width / 2 + 0.5), length)
        inside = [each for each in range(low, high) if -0.5 < (each - centre + 0.5) * (1 / width) <= 0.5]
        slices.append(slice(inside[0], inside[-1] + 1))
    counts = np.array([each.stop - each.start for each in slices])
    return slices, (0.5 + (1 << _FRACTION_BITS) / counts).astype(np.uint32)[:, None]
