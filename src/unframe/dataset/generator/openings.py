"""What a freely shaped frame leaves open: the largest box without frame, and whether the frame can be seen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unframe.dataset.generator.drawn import Drawn
from unframe.types import SIDES, Box, Frame, Image, Kind, Side

Mask = NDArray[np.bool_]

VISIBLE = 10.0
"""Grey levels by which a frame must differ from the photograph beside it to be seen."""
SEEN_ON = 0.2
"""Share of each side on which it must do so."""
SEAM_SEEN_ON = 0.6
"""The same for the seam of padding. White paper beside a photograph on white shows only where the product is cut, and
then looks like a product with a straight edge."""


def largest_box(covered: Mask) -> Box:
    """The upright box of largest area that holds no covered pixel.

    Every box of maximal height is found in one pass over the rows: for each column, how far up it is free, and how
    far to the left and right the box of that height can grow (the dynamic programme for maximal rectangles; see
    D. Vandevoorde, "The Maximal Rectangle Problem", Dr. Dobb's Journal, 1998). Rows and columns that repeat their
    neighbour are merged first: frames have few distinct ones.

    Args:
        covered: bool ``(height, width)``.

    Returns:
        The box; of boxes with the same area, the one that ends first. Its ``area`` is 0 when all is covered.
    """
    rows, columns = _distinct(covered), _distinct(covered.T)
    free = ~covered[np.ix_(rows[:-1], columns[:-1])]
    width = free.shape[1]
    index = np.arange(width)
    height, left, right = np.zeros(width, dtype=np.int64), np.zeros(width, dtype=np.int64), np.full(width, width)
    best, best_area = Box(0, 0, 0, 0), 0
    for bottom, line in enumerate(free, start=1):
        height = np.where(line, height + rows[bottom] - rows[bottom - 1], 0)
        begin = np.maximum.accumulate(np.where(line, 0, index + 1))
        end = np.minimum.accumulate(np.where(line, width, index)[::-1])[::-1]
        left = np.where(line, np.maximum(left, begin), 0)
        right = np.where(line, np.minimum(right, end), width)
        areas = height * (columns[right] - columns[left])
        at = int(areas.argmax())
        if areas[at] > best_area:
            best_area = int(areas[at])
            low = int(rows[bottom])
            best = Box(int(columns[left[at]]), low - int(height[at]), int(columns[right[at]]), low)
    return best


def _distinct(plane: Mask) -> NDArray[np.int64]:
    """First index of every run of equal rows, then the number of rows."""
    changes = np.flatnonzero((plane[1:] != plane[:-1]).any(axis=1)) + 1
    return np.concatenate([[0], changes, [len(plane)]]).astype(np.int64)


def from_top(array: NDArray[Any], side: Side) -> NDArray[Any]:
    """A view of an image or mask in which this side lies at the top; writing to it writes to the array."""
    if side == "bottom":
        return array[::-1]
    if side == "top":
        return array
    turned = array.swapaxes(0, 1)
    return turned if side == "left" else turned[::-1]


def framed(
    image: Image,
    mask: Mask,
    kind: Kind,
    design: str,
    outside: Mask | None = None,
    details: dict[str, Any] | None = None,
) -> Drawn:
    """A drawn picture whose boxes are measured from the mask.

    Args:
        image: uint8 ``(height, width, 3)`` RGB with the frame.
        mask: bool ``(height, width)``, true where the frame covers at least a part of the pixel.
        kind: What the frame looks like.
        design: Name of the design.
        outside: bool ``(height, width)``, true in the margin between the image edge and an inset frame.
        details: What the painter chose.

    Returns:
        The picture, ``unsure`` when one of its sides cannot be seen, otherwise ``framed``.
    """
    height, width = mask.shape
    inner = largest_box(mask if outside is None else mask | outside)
    outer = _extent(~outside) if outside is not None else Box.whole(width, height)
    sides = tuple(side for side, inset in _insets(inner, outer).items() if inset > 0)
    frame = Frame(inner, outer, sides, kind)
    return Drawn(image, "framed" if seen(image, mask, frame) else "unsure", frame, mask, design, details=details or {})


def seen(image: Image, mask: Mask, frame: Frame) -> bool:
    """Whether every side of the frame can be told from the photograph beside it."""
    share = SEAM_SEEN_ON if frame.kind == "padding" else SEEN_ON
    return all(contrast(image, mask, frame.inner, side, share) >= VISIBLE for side in frame.sides)


def contrast(image: Image, mask: Mask, inner: Box, side: Side, share: float = SEEN_ON) -> float:
    """By how many grey levels the picture changes where the frame along one side ends and the photograph begins.

    The photograph two pixels on is compared with the frame's last and last but one pixel, so that an antialiased edge
    counts in full and a rule of one pixel counts too. The largest difference of a channel is taken position by
    position, and what the most contrasting positions reach counts, up to this share of all, since a frame is seen when
    a part of its edge is.
    """
    margin = inner.margins(image.shape[1], image.shape[0])[side]
    upright, covered = from_top(image, side)[: margin + 3], from_top(mask, side)[: margin + 3]
    row, column = np.nonzero(covered[:-1] & ~covered[1:])
    if not len(row):
        return 0.0
    inside = upright[np.minimum(row + 2, len(upright) - 1), column].astype(np.int16)
    last, last_but_one = upright[row, column], upright[np.maximum(row - 1, 0), column]
    steps = np.maximum(np.abs(inside - last), np.abs(inside - last_but_one)).max(axis=1)
    return float(np.quantile(steps, 1 - share))


def _extent(area: Mask) -> Box:
    rows, columns = np.flatnonzero(area.any(axis=1)), np.flatnonzero(area.any(axis=0))
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def _insets(inner: Box, outer: Box) -> dict[Side, int]:
    pixels = (inner.top - outer.top, outer.right - inner.right, outer.bottom - inner.bottom, inner.left - outer.left)
    return dict(zip(SIDES, pixels, strict=True))
