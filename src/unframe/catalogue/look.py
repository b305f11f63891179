"""What a frame looks like, in a few hundred numbers: frames of one template look alike on whatever photograph they lie.

measure → cluster → decide: this module measures, `unframe.catalogue.templates` clusters, and a person decides.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from unframe.catalogue.item import Column
from unframe.types import SIDES, Box, Frame, Image, Side

LOOK = Column("look")
"""The column of a record that holds its frame's look as text."""

ALONG, ACROSS = 12, 2
"""Places along a side, and across its band, whose mean colour is measured."""

CORE = 0.8
"""Share of a band's width that is measured: its innermost pixels are blurred into the photograph."""

WIDTH_WEIGHT = 1.0
MARGIN_WEIGHT = 1.0
SIDE_WEIGHT = 0.5
COLOUR_WEIGHT = 1.0
GRAIN_WEIGHT = 1.0
"""What a difference counts: of the square roots of a band's width and of the margin outside it, as shares of the
picture; of a side that only one of the two frames has; of colours, 0 to 1; and of the grain, 0 to 1."""

Look = NDArray[np.uint8]
"""uint8 ``(LENGTH,)``: for each of the four sides whether it has a band, the square root of its width and of the margin
outside it as shares of the picture, the grain of its pixels along and across, and the mean colours of
`ACROSS` × `ALONG` places, RGB. All of it is 0 on a side without a band. Padding counts as if above and below, and of no
width: see `_fitted`."""

_NUMBERS = 5
_COLOURS = ALONG * ACROSS * 3
LENGTH = len(SIDES) * (_NUMBERS + _COLOURS)


def look(image: Image, frame: Frame) -> Look:
    """Measure a frame.

    Args:
        image: uint8 ``(height, width, 3)`` RGB.
        frame: Where the frame is in it.
    """
    sides = [_side(image, frame, side) for side in SIDES]
    return np.concatenate(_fitted(*sides) if frame.kind == "padding" else sides)


def _fitted(top: Look, right: Look, bottom: Look, left: Look) -> list[Look]:
    """Bars that fit photographs to one shape, as if always above and below.

    How wide they are, and on which sides, is up to each photograph's own shape and says nothing about the template.
    """
    if not top.any() and not bottom.any():
        top, right, bottom, left = left, top, right, bottom
    if not top.any():
        top, bottom = bottom, top
    sides = [top, right, bottom, left]
    for side in sides:
        side[1:3] = 0
    return sides


def _side(image: Image, frame: Frame, side: Side) -> Look:
    band = _band(frame, side)
    if side not in frame.sides or band.area == 0:
        return np.zeros(_NUMBERS + _COLOURS, dtype=np.uint8)
    upright = side in {"left", "right"}
    extent = image.shape[1] if upright else image.shape[0]
    width = band.width if upright else band.height
    margin = frame.outer.margins(image.shape[1], image.shape[0])[side]
    # Whatever the side, the first row is outermost and the first column is at the left or top.
    pixels = np.ascontiguousarray(_outside_first(image[band.top : band.bottom, band.left : band.right], side))
    core = pixels[: max(1, round(CORE * len(pixels)))]
    small = PillowImage.fromarray(core).resize((ALONG, ACROSS), PillowImage.Resampling.BOX)
    shares = np.array([width / extent, margin / extent])
    numbers = [255.0, *(255 * np.sqrt(shares)), _grain(core, 1), _grain(core, 0)]
    return np.concatenate([np.rint(numbers).astype(np.uint8), np.asarray(small).ravel()])


def _band(frame: Frame, side: Side) -> Box:
    inner, outer = frame.inner, frame.outer
    match side:
        case "top":
            return Box(outer.left, outer.top, outer.right, inner.top)
        case "right":
            return Box(inner.right, outer.top, outer.right, outer.bottom)
        case "bottom":
            return Box(outer.left, inner.bottom, outer.right, outer.bottom)
        case "left":
            return Box(outer.left, outer.top, inner.left, outer.bottom)


def _outside_first(pixels: Image, side: Side) -> Image:
    match side:
        case "top":
            return pixels
        case "bottom":
            return pixels[::-1]
        case "left":
            return pixels.swapaxes(0, 1)
        case "right":
            return pixels[:, ::-1].swapaxes(0, 1)


def _grain(pixels: Image, axis: int) -> float:
    """Mean difference of neighbouring pixels, 0 to 255."""
    if pixels.shape[axis] < 2:
        return 0.0
    return float(np.abs(np.diff(pixels.astype(np.int16), axis=axis)).mean())


def to_text(look: Look) -> str:
    """A look as text, for a record."""
    return b64encode(look.tobytes()).decode()


def from_text(text: str) -> Look:
    """The look that a text stands for.

    Raises:
        ValueError: It stands for none.
    """
    found = np.frombuffer(b64decode(text, validate=True), dtype=np.uint8)
    if found.shape != (LENGTH,):
        raise ValueError(f"a look has {LENGTH} numbers, not {found.size}")
    return found


def points(looks: Sequence[Look]) -> NDArray[np.float32]:
    """Looks as points whose Euclidean distance says how much two frames differ: float32 ``(looks, LENGTH)``.

    Frames of one template mostly lie within a tenth of the next one, and any two frames within about two.
    """
    values = np.asarray(looks, dtype=np.float32).reshape(-1, len(SIDES), _NUMBERS + _COLOURS) / 255
    sides = np.maximum((values[..., 0] > 0).sum(axis=1), 1)[:, None, None]
    weights = np.concatenate(
        [
            [SIDE_WEIGHT, WIDTH_WEIGHT, MARGIN_WEIGHT, GRAIN_WEIGHT, GRAIN_WEIGHT],
            np.full(_COLOURS, COLOUR_WEIGHT / np.sqrt(_COLOURS)),
        ]
    ).astype(np.float32)
    spread: NDArray[np.float32] = values * weights / np.sqrt(sides)
    return spread.reshape(len(looks), LENGTH)
