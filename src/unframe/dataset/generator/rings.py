"""Straight frames: bands around a box, one inside the other, whose boxes are known before anything is painted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from unframe.dataset.generator.colours import Colour
from unframe.dataset.generator.drawn import Drawn, Supplies
from unframe.dataset.generator.openings import Mask, from_top, seen
from unframe.dataset.generator.textures import TEXTURES
from unframe.types import SIDES, Box, Frame, Image, Kind, Side

DIRECTED = ("wood", "metal", "stripes", "gradient", "fabric")
"""Fillings that are often laid along each side rather than over the whole picture at once."""


class Widths(NamedTuple):
    """Thickness on each side, in pixels."""

    top: int
    right: int
    bottom: int
    left: int

    @property
    def sides(self) -> tuple[Side, ...]:
        """The sides that have any thickness."""
        return tuple(side for side, width in zip(SIDES, self, strict=True) if width > 0)

    def within(self, box: Box) -> Box:
        """What remains of a box when this much is taken from its sides."""
        return Box(box.left + self.left, box.top + self.top, box.right - self.right, box.bottom - self.bottom)

    def plus(self, other: Widths) -> Widths:
        """The two thicknesses side by side."""
        return Widths(*(first + second for first, second in zip(self, other, strict=True)))


def even(thickness: int, sides: Sequence[Side] = SIDES) -> Widths:
    """The same thickness on each of these sides."""
    return Widths(*(thickness if side in sides else 0 for side in SIDES))


@dataclass(frozen=True, slots=True)
class Layer:
    """One band of a nest of bands: its thickness, filling and colour."""

    widths: Widths
    filling: str
    colour: Colour


def whole(image: Image) -> Box:
    """The box that covers an image."""
    return Box.whole(image.shape[1], image.shape[0])


def grown(photo: Image, widths: Widths, paper: Colour) -> Image:
    """The photograph on a sheet that is larger by these widths."""
    height, width = photo.shape[:2]
    sheet = np.empty((height + widths.top + widths.bottom, width + widths.left + widths.right, 3), dtype=np.uint8)
    sheet[:] = paper
    sheet[widths.top : widths.top + height, widths.left : widths.left + width] = photo
    return sheet


def ring(shape: tuple[int, ...], outer: Box, inner: Box) -> Mask:
    """Mask of this shape, true between two boxes."""
    mask = np.zeros(shape[:2], dtype=bool)
    mask[outer.top : outer.bottom, outer.left : outer.right] = True
    mask[inner.top : inner.bottom, inner.left : inner.right] = False
    return mask


def fill(
    rng: np.random.Generator, canvas: Image, outer: Box, layer: Layer, supplies: Supplies, opacity: float = 1.0
) -> Box:
    """Paint a layer just inside a box, in place.

    Args:
        rng: Source of every choice.
        canvas: uint8 ``(height, width, 3)`` RGB.
        outer: Where the layer begins, seen from outside.
        layer: What is painted.
        supplies: Where fillings come from.
        opacity: 1 hides what is below, lower values let it show through.

    Returns:
        The box that the layer leaves free.
    """
    inner = layer.widths.within(outer)
    along = layer.filling in DIRECTED and rng.random() < 0.6
    sheet = None if along else _filling(rng, outer.height, outer.width, layer, supplies)
    for band in _bands(outer, inner):
        if band.area == 0:
            continue
        if sheet is None:
            stuff = _filling(rng, band.height, band.width, layer, supplies)
        else:
            x, y = band.left - outer.left, band.top - outer.top
            stuff = sheet[y : y + band.height, x : x + band.width]
        _blend(canvas, band, stuff, opacity)
    return inner


def _bands(outer: Box, inner: Box) -> tuple[Box, Box, Box, Box]:
    """The bands between two boxes at the top, right, bottom and left; top and bottom take the corners."""
    return (
        Box(outer.left, outer.top, outer.right, inner.top),
        Box(inner.right, inner.top, outer.right, inner.bottom),
        Box(outer.left, inner.bottom, outer.right, outer.bottom),
        Box(outer.left, inner.top, inner.left, inner.bottom),
    )


def _filling(rng: np.random.Generator, height: int, width: int, layer: Layer, supplies: Supplies) -> Image:
    return TEXTURES[layer.filling](rng, height, width, layer.colour, supplies)


def _blend(canvas: Image, box: Box, stuff: Image, opacity: float) -> None:
    part = canvas[box.top : box.bottom, box.left : box.right]
    if opacity >= 1:
        part[:] = stuff
    else:
        below = part.astype(np.float32)
        part[:] = np.rint(below + (stuff - below) * np.float32(opacity)).astype(np.uint8)


def cast(canvas: Image, inner: Box, sides: Sequence[Side], reach: int, strength: float) -> None:
    """Darken the photograph along a frame's inner edge, in place. It shows through, so this is no part of the frame."""
    photo = canvas[inner.top : inner.bottom, inner.left : inner.right]
    for side in sides:
        strip = from_top(photo, side)[:reach]
        light = 1 - strength * np.linspace(1, 0, len(strip), endpoint=False, dtype=np.float32)
        strip[:] = (strip * light[:, None, None]).astype(np.uint8)


def bevel(canvas: Image, inner: Box, widths: Widths, thickness: int, strength: float) -> None:
    """Darken the band's innermost pixels at the top and left and brighten them at the bottom and right, in place."""
    for side in widths.sides:
        deep = min(thickness, getattr(widths, side))
        level = side in {"top", "bottom"}
        begin, end = (inner.left, inner.right) if level else (inner.top, inner.bottom)
        margin = inner.margins(canvas.shape[1], canvas.shape[0])[side]
        strip = from_top(canvas, side)[margin - deep : margin, begin:end]
        target = np.float32(0 if side in {"top", "left"} else 255)
        strip[:] = (strip + (target - strip) * np.float32(strength)).astype(np.uint8)


def finished(
    image: Image, mask: Mask, outer: Box, inner: Box, kind: Kind, design: str, details: dict[str, Any]
) -> Drawn:
    """A drawn picture whose boxes are known; ``unsure`` when one of its sides cannot be seen."""
    pixels = (inner.top - outer.top, outer.right - inner.right, outer.bottom - inner.bottom, inner.left - outer.left)
    frame = Frame(inner, outer, Widths(*pixels).sides, kind)
    return Drawn(image, "framed" if seen(image, mask, frame) else "unsure", frame, mask, design, details=details)


def share(rng: np.random.Generator, low: float, high: float) -> float:
    """A share of a side, drawn evenly on a logarithmic scale."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def some_sides(rng: np.random.Generator, all_sides: float) -> tuple[Side, ...]:
    """All four sides with this probability, else opposite ones, one, three, or two that meet."""
    if rng.random() < all_sides:
        return SIDES
    turn, roll = int(rng.integers(4)), rng.random()
    count = (0, 2) if roll < 0.35 else (0,) if roll < 0.75 else (0, 1, 2) if roll < 0.9 else (0, 1)
    return tuple(SIDES[(turn + step) % 4] for step in count)


def thicknesses(rng: np.random.Generator, image: Image, sides: Sequence[Side], supplies: Supplies) -> Widths:
    """Thickness of a band on each of these sides, at least 2 pixels: one for all sides, or each its own.

    Thin bands are more frequent than thick ones: the logarithm of the thickness is even.
    """
    table = supplies.parameters
    height, width = image.shape[:2]
    highest = table.thickest if len(sides) < 4 else table.thickest * 0.7
    if rng.random() >= table.unequal:
        part = share(rng, table.thinnest, highest)
        of = min(height, width)
        return even(max(2, round(part * of)), sides)
    level, upright = share(rng, table.thinnest, highest), share(rng, table.thinnest, highest)
    parts = {"top": level, "bottom": level, "left": upright, "right": upright}
    if rng.random() < 0.5:
        parts = {side: share(rng, table.thinnest, highest) for side in SIDES}
    extent = {"top": height, "bottom": height, "left": width, "right": width}
    return Widths(*(max(2, round(parts[side] * extent[side])) if side in sides else 0 for side in SIDES))
