"""Carry a plain backdrop on beyond the photograph's edge, or refuse where there is none."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from unframe.errors import RemovalError
from unframe.removal.plan import Plan, Size, sides_to_paint
from unframe.types import Image, Side

SEAM = 3
"""Outermost pixels of the photograph that are painted over too: a scaled or compressed frame bleeds into them."""

LARGEST_BUMP = 8.0
"""Grey levels by which any place of a plain edge may differ from its neighbourhood; a product that touches the edge
differs by more."""

LARGEST_GRAIN = 6.0
"""Standard deviation, in grey levels, of a plain edge around its smooth course; marble or a shadow has more."""

LARGEST_TEXTURE = 2.5
"""Grey levels by which neighbouring pixels of a plain edge usually differ; the grain of wood or cloth has more, the
noise of a camera less."""

LARGEST_COURSE = 48.0
"""Grey levels that a plain edge may change by from one end to the other: the fall-off of studio light."""

Course = NDArray[np.float64]
"""Smooth colour along an edge: float64 ``(length, 3)``, 0 to 255."""


class Edge(NamedTuple):
    """What the pixels along one edge of a photograph are like.

    Attributes:
        course: Smooth colour along the edge.
        bump: Largest difference of a place from the course, in grey levels.
        grain: Standard deviation of the pixels around the course, in grey levels.
        texture: Median difference of neighbouring pixels on the way in, in grey levels; looks further in than the
            other two, but is not moved by a product that comes close.
    """

    course: Course
    bump: float
    grain: float
    texture: float

    @property
    def plain(self) -> bool:
        """Whether carrying the course on outwards invents nothing."""
        change = float(np.ptp(self.course, axis=0).max())
        smooth = self.grain <= LARGEST_GRAIN and self.texture <= LARGEST_TEXTURE
        return smooth and self.bump <= LARGEST_BUMP and change <= LARGEST_COURSE


def extend(plan: Plan, image: Image) -> Image:
    """The photograph on the plan's canvas, with its plain backdrop carried on to the canvas's edges.

    Args:
        plan: Where the photograph is and where it goes.
        image: The picture with its frame: uint8 ``(height, width, 3)`` RGB.

    Returns:
        uint8 ``(height, width, 3)`` RGB of the canvas's size.

    Raises:
        RemovalError: ``not-plain`` where an edge of the photograph that would be carried on is not plain.
    """
    inner = plan.inner
    photograph = _fitted(image[inner.top : inner.bottom, inner.left : inner.right], plan.photograph)
    sides = sides_to_paint(plan)
    courses = {side: _plain_course(photograph, side) for side in sides}
    return _paint(plan, photograph, courses)


def _fitted(photograph: Image, size: Size) -> Image:
    if (photograph.shape[1], photograph.shape[0]) == size:
        return photograph
    return np.asarray(PillowImage.fromarray(photograph).resize(size, PillowImage.Resampling.LANCZOS))


def _plain_course(photograph: Image, side: Side) -> Course:
    edge = measure_edge(photograph, side)
    if not edge.plain:
        what = f"the {side} edge of the photograph is not plain"
        raise RemovalError("not-plain", f"{what}: painting beyond it would invent content; use mode crop")
    return edge.course


def measure_edge(photograph: Image, side: Side) -> Edge:
    """Measure one edge of a photograph: uint8 ``(height, width, 3)`` RGB; it is judged by its `Edge`."""
    lines = inward(photograph, side)
    strip = _strip(lines, max(4, round(0.015 * len(lines))))
    line = strip.mean(axis=0)
    course = _smooth(line, max(9, len(line) // 20))
    bump = np.abs(_smooth(line, 3) - course).max()
    grain = (strip - course).std(axis=(0, 1)).max()
    steps = np.abs(np.diff(_strip(lines, max(8, round(0.05 * len(lines)))), axis=0))
    texture = np.median(steps) if steps.size else 0.0
    ends = (lines.shape[1] - len(line)) // 2
    return Edge(np.pad(course, ((ends, ends), (0, 0)), mode="edge"), float(bump), float(grain), float(texture))


def _strip(lines: Image, depth: int) -> NDArray[np.float64]:
    """The lines along an edge, without those, and without the ends, into which a frame may bleed."""
    strip = lines[SEAM : SEAM + depth] if len(lines) > 2 * (SEAM + depth) else lines
    ends = SEAM if strip.shape[1] > 4 * SEAM else 0
    return strip[:, ends : strip.shape[1] - ends].astype(np.float64)


def inward(image: NDArray[Any], side: Side) -> NDArray[Any]:
    """A view whose first row is the line of pixels along this side, and whose next rows lead inwards."""
    match side:
        case "top":
            return image
        case "bottom":
            return image[::-1]
        case "left":
            return image.swapaxes(0, 1)
        case "right":
            return image.swapaxes(0, 1)[::-1]


def _smooth(line: Course, width: int) -> Course:
    """Running mean of an odd width along ``(length, 3)``; the ends are continued with their own value."""
    half = min(width // 2, (len(line) - 1) // 2)
    padded = np.pad(line, ((half + 1, half), (0, 0)), mode="edge").cumsum(axis=0)
    smooth: Course = (padded[2 * half + 1 :] - padded[: len(line)]) / (2 * half + 1)
    return smooth


def _paint(plan: Plan, photograph: Image, courses: dict[Side, Course]) -> Image:
    left, top = plan.offset
    height, width = photograph.shape[:2]
    right, bottom = plan.canvas.width - left - width, plan.canvas.height - top - height
    margins: dict[Side, int] = {"top": top, "right": right, "bottom": bottom, "left": left}
    canvas = np.pad(photograph, ((top, bottom), (left, right), (0, 0)), mode="edge")
    weight = np.zeros((*canvas.shape[:2], 1))
    colour = np.zeros(canvas.shape)
    for side, course in courses.items():
        # Both sides that meet in a corner have a say in it.
        across = (left, right) if side in {"top", "bottom"} else (top, bottom)
        band = slice(0, margins[side] + min(SEAM, height // 4, width // 4))
        inward(colour, side)[band] += np.pad(course, (across, (0, 0)), mode="edge")
        inward(weight, side)[band] += 1
    painted = weight[..., 0] > 0
    canvas[painted] = np.rint(colour[painted] / weight[painted]).astype(np.uint8)
    return canvas
