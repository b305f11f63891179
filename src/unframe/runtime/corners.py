"""Rounded corners: where a frame reaches furthest into the photograph, and no straight step tells.

The sides of a frame end at steps of the picture (`unframe.runtime.locate`). Where the corners of the opening are
rounded, the box between these steps still holds a bit of the frame in each corner. What remains of the photograph is by
definition the largest box without any frame, which is smaller by a part of the radius.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from unframe.types import Box, Image, Side

TOLERANCE = 24
"""Grey levels by which a pixel in a corner may differ from the frame beside it and still be frame."""
EVEN = 0.6
"""Share of the frame beside a corner that must have one colour: in a texture no corner can be told."""
SMALLEST_RADIUS, LARGEST_RADIUS = 5, 400
"""Radii in pixels that are looked for; a smaller one leaves next to nothing in the corners."""
WIDEST = 1 / 3
"""Largest radius, relative to the box's shorter side."""
MISFIT = 0.3
"""Most pixels in a corner that contradict a rounding, relative to those that the rounding holds."""
FEWEST = 4
"""A corner in which fewer pixels than this look like the frame is square."""
UNLIKE = 0.2
"""Relative difference up to which radii of two corners count as one."""
BESIDE = 64
"""Pixels along each edge, from the corner on, that say what the frame looks like."""

CORNERS: tuple[tuple[Side, Side], ...] = (("top", "left"), ("top", "right"), ("bottom", "right"), ("bottom", "left"))


def without_rounding(image: Image, inner: Box, sides: Collection[Side]) -> Box:
    """The largest box of the photograph that holds no rounded corner of its frame.

    Args:
        image: uint8 ``(height, width, 3)`` RGB.
        inner: What lies between the straight edges of the frame.
        sides: Sides that carry a frame. A corner is looked at where two of them meet.

    Returns:
        ``inner`` itself, unless two corners or more are rounded alike and none is seen to be square.
    """
    corners = [each for each in CORNERS if set(each) <= set(sides)]
    found = [_Corner.of(image, inner, *each).radius() for each in corners]
    radii = [radius for radius in found if radius is not None]
    if len(radii) < 2 or max(radii) - min(radii) > max(2, UNLIKE * max(radii)):
        return inner
    touched = {side for each in corners for side in each}
    return _largest(inner, sorted(radii)[len(radii) // 2], touched)


class _Corner(NamedTuple):
    """One corner, turned to the top left.

    Attributes:
        inside: What lies within the box, uint8 ``(n, n, 3)``.
        beside: Pixels of the frame along both edges that meet there, uint8 ``(m, 3)``.
    """

    inside: NDArray[np.uint8]
    beside: NDArray[np.uint8]

    @classmethod
    def of(cls, image: Image, inner: Box, vertical: Side, horizontal: Side) -> _Corner:
        height, width = image.shape[:2]
        top, left = inner.top, inner.left
        if vertical == "bottom":
            image, top = image[::-1], height - inner.bottom
        if horizontal == "right":
            image, left = image[:, ::-1], width - inner.right
        reach = int(min(WIDEST * min(inner.width, inner.height), LARGEST_RADIUS))
        # Not the line next to the box, which resampling mixes with the photograph, unless there is no other.
        along = min(reach, BESIDE)
        above = image[max(top - 3, 0) : max(top - 1, 1), left : left + along]
        before = image[top : top + along, max(left - 3, 0) : max(left - 1, 1)]
        beside = np.concatenate([above.reshape(-1, 3), before.reshape(-1, 3)])
        return cls(image[top : top + reach, left : left + reach], beside)

    def radius(self) -> int | None:
        """Radius of the rounding in pixels, 0 for a square corner; ``None`` where neither can be seen."""
        reach = len(self.inside)
        if reach <= SMALLEST_RADIUS:
            return None
        colour = np.median(self.beside, axis=0)
        if np.mean(np.abs(self.beside - colour).max(axis=1) <= TOLERANCE) < EVEN:
            return None
        # The outermost row and column are left out: they may be the frame's, when its edge lies between two pixels.
        inside = self.inside[1:, 1:]
        reach = len(inside)
        first = max(int(_runs(line[None], colour)[0]) for line in (inside[0], inside[:, 0]))
        if first == 0:
            return 0
        if first == reach:  # the photograph's corner has the frame's colour, and shows no shape
            return None
        # No rounding reaches further than twice as far as it covers the first row, but for the smallest.
        reach = min(reach, 2 * first + SMALLEST_RADIUS)
        runs = _runs(inside[:reach, :reach], colour)
        if runs.sum() < FEWEST:
            return 0
        shapes = _shapes(reach + 1)
        misfit = np.abs(shapes - runs).sum(axis=1)
        best = int(misfit.argmin())
        return best + SMALLEST_RADIUS if misfit[best] <= MISFIT * shapes[best].sum() else None


def _runs(pixels: NDArray[np.uint8], colour: NDArray[np.floating]) -> NDArray[np.int64]:
    """How many pixels of each row, from its beginning, look like this colour."""
    like = np.abs(pixels - colour).max(axis=2) <= TOLERANCE
    runs: NDArray[np.int64] = np.logical_and.accumulate(like, axis=1).sum(axis=1)
    return runs


@lru_cache(maxsize=64)
def _shapes(reach: int) -> NDArray[np.int64]:
    """Pixels of each row that a rounding covers, for each radius from the smallest: ``(radii, reach - 1)``."""
    radius = np.arange(SMALLEST_RADIUS, reach)[:, None]
    from_centre = np.maximum(radius - np.arange(1, reach) - 0.5, 0)
    covered: NDArray[np.int64] = np.rint(_depth(radius, from_centre)).astype(np.int64)
    return np.maximum(covered - 1, 0)


def _depth(radius: Any, from_centre: NDArray[Any]) -> NDArray[np.float64]:
    """How far a rounding reaches in from the edge, at this distance of a parallel to it from the circle's centre."""
    depth: NDArray[np.float64] = radius - np.sqrt(radius**2 - from_centre**2)
    return depth


def _largest(inner: Box, radius: int, touched: Collection[Side]) -> Box:
    """The largest box that leaves out quarter circles of this radius at the sides that are touched by one."""
    across = sum(side in touched for side in ("left", "right"))
    down = sum(side in touched for side in ("top", "bottom"))
    cut = np.arange(radius + 1)
    other = np.ceil(_depth(radius, radius - cut)).astype(np.int64)
    best = int(((inner.width - across * cut) * (inner.height - down * other)).argmax())
    inset: dict[Side, int] = {"left": best, "right": best, "top": int(other[best]), "bottom": int(other[best])}
    left, top, right, bottom = (inset[side] if side in touched else 0 for side in ("left", "top", "right", "bottom"))
    return Box(inner.left + left, inner.top + top, inner.right - right, inner.bottom - bottom)
