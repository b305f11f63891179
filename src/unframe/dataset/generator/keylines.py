"""Keylines: thin lines, under 2 % of the side, at the picture's edge or at a distance from it."""

from __future__ import annotations

from functools import partial

import numpy as np

from unframe.dataset.generator.colours import (
    BLACK,
    WHITE,
    Colour,
    blend,
    companion,
    edge_colour,
    frame_colour,
    luminance,
    near,
)
from unframe.dataset.generator.drawn import Drawn, Painter, Supplies
from unframe.dataset.generator.insets import even_backdrop
from unframe.dataset.generator.openings import Mask, from_top
from unframe.dataset.generator.rings import even, finished, grown, ring, share, whole
from unframe.types import SIDES, Box, Image, Side

STRAY = 2
"""A line of this many pixels or fewer on one or two sides may be a fringe of resampling: none is drawn."""


def keyline(photo: Image, rng: np.random.Generator, supplies: Supplies, sides: tuple[Side, ...], lines: int) -> Drawn:
    """One, two or three lines along these sides.

    Args:
        photo: uint8 ``(height, width, 3)`` RGB.
        rng: Source of every choice.
        supplies: Where shares come from.
        sides: Sides that get the lines.
        lines: How many lines, each inside the other.
    """
    canvas, box, shade = _start(rng, photo, supplies, sides)
    outer, mask = box, np.zeros(canvas.shape[:2], dtype=bool)
    thickness = _thickness(rng, canvas, supplies, sides)
    room = max(1, round(thickness * rng.uniform(0.8, 3)))
    for number in range(lines):
        inner = even(thickness, sides).within(box)
        _paint(canvas, mask, box, inner, shade, 1.0)
        if number < lines - 1:
            box = even(room, sides).within(inner)
            thickness = max(1, round(thickness * rng.choice([1, 0.5]))) if len(sides) > 2 else thickness
    return _finished(canvas, mask, outer, inner, f"keyline/{_NAMES[lines]}", shade)


def broken(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """A ring of dashes or dots."""
    canvas, outer, shade = _start(rng, photo, supplies, SIDES)
    thickness = max(1, _thickness(rng, canvas, supplies, SIDES))
    inner = even(thickness).within(outer)
    before, mask = canvas.copy(), np.zeros(canvas.shape[:2], dtype=bool)
    _paint(canvas, mask, outer, inner, shade, 1.0)
    dash = thickness if rng.random() < 0.3 else max(2, round(thickness * rng.uniform(2, 8)))
    period = dash + max(1, round(dash * rng.uniform(0.4, 1.2)))
    for side in SIDES:
        gaps = np.arange(from_top(mask, side).shape[1]) % period >= dash
        margin = outer.margins(canvas.shape[1], canvas.shape[0])[side]
        rows = slice(margin, margin + thickness)
        # Corners belong to both of their sides and stay closed.
        gaps[: margin + thickness] = gaps[-margin - thickness :] = False
        from_top(canvas, side)[rows, gaps] = from_top(before, side)[rows, gaps]
        from_top(mask, side)[rows, gaps] = False
    return _finished(canvas, mask, outer, inner, "keyline/broken", shade)


def translucent(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """A ring through which the photograph can be seen."""
    canvas, outer, shade = _start(rng, photo, supplies, SIDES)
    inner = even(_thickness(rng, canvas, supplies, SIDES)).within(outer)
    mask = np.zeros(canvas.shape[:2], dtype=bool)
    _paint(canvas, mask, outer, inner, shade, rng.uniform(0.3, 0.8))
    return _finished(canvas, mask, outer, inner, "keyline/translucent", shade)


def _start(
    rng: np.random.Generator, photo: Image, supplies: Supplies, sides: tuple[Side, ...]
) -> tuple[Image, Box, Colour]:
    """Canvas, the box in which the outermost line begins, and the lines' colour."""
    short = min(photo.shape[:2])
    distance = 0 if rng.random() < 0.5 else max(1, round(short * share(rng, 0.008, 0.09)))
    canvas, backdrop = photo.copy(), even_backdrop(photo)
    if backdrop is not None and rng.random() < 0.25:
        # Room in the colour of the backdrop: the product stays clear of the line.
        canvas = grown(photo, even(round(short * rng.uniform(0.02, 0.1))), backdrop)
    return canvas, even(distance, sides).within(whole(canvas)), _shade(rng, photo, supplies)


def _thickness(rng: np.random.Generator, canvas: Image, supplies: Supplies, sides: tuple[Side, ...]) -> int:
    table, short = supplies.parameters, min(canvas.shape[:2])
    thickest = max(1, int(short * table.keyline_thickest))
    if len(sides) <= 2:
        return max(STRAY + 1, round(share(rng, STRAY + 1, max(STRAY + 1.01, thickest))))
    if thickest <= 2 or rng.random() < table.hairline:
        return int(rng.integers(1, min(2, thickest) + 1))
    return round(share(rng, 1.5, thickest))


def _shade(rng: np.random.Generator, photo: Image, supplies: Supplies) -> Colour:
    """Grey from pale to black in half of the pictures, white on dark ones, else any colour of frames."""
    edge, roll = edge_colour(photo), rng.random()
    if roll < 0.2:
        return blend(edge, BLACK if luminance(edge) > 120 else WHITE, rng.uniform(0.07, 0.3))
    if roll < 0.42:
        return near(rng, (20, 20, 20), 20) if luminance(edge) > 120 else near(rng, (245, 245, 245), 10)
    if roll < 0.6:
        return blend(BLACK, WHITE, rng.uniform(0.2, 0.9))
    return frame_colour(rng, photo, supplies.parameters) if roll < 0.9 else companion(rng, edge)


def _paint(canvas: Image, mask: Mask, outer: Box, inner: Box, shade: Colour, opacity: float) -> None:
    line = ring(canvas.shape, outer, inner)
    below = canvas[line].astype(np.float32)
    canvas[line] = np.rint(below + (np.array(shade, dtype=np.float32) - below) * np.float32(opacity))
    mask |= line


def _finished(canvas: Image, mask: Mask, outer: Box, inner: Box, design: str, shade: Colour) -> Drawn:
    return finished(canvas, mask, outer, inner, "keyline", design, {"colour": list(shade)})


_NAMES = {1: "single", 2: "double", 3: "triple"}


def _along(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """A line along two opposite sides or along one."""
    turn = int(rng.integers(4))
    sides = (SIDES[turn], SIDES[(turn + 2) % 4]) if rng.random() < 0.7 else (SIDES[turn],)
    drawn = keyline(photo, rng, supplies, tuple(side for side in SIDES if side in sides), 1)
    return Drawn(drawn.image, drawn.label, drawn.frame, drawn.mask, "keyline/sides", details=drawn.details)


PAINTERS: dict[str, Painter] = {
    "keyline/single": partial(keyline, sides=SIDES, lines=1),
    "keyline/double": partial(keyline, sides=SIDES, lines=2),
    "keyline/triple": partial(keyline, sides=SIDES, lines=3),
    "keyline/broken": broken,
    "keyline/translucent": translucent,
    "keyline/sides": _along,
}
"""Every keyline design by name."""

WEIGHTS: dict[str, float] = {
    "keyline/single": 5,
    "keyline/double": 1.6,
    "keyline/triple": 0.3,
    "keyline/broken": 1.2,
    "keyline/translucent": 0.8,
    "keyline/sides": 0.8,
}
"""Weight of every design among the keylines."""
