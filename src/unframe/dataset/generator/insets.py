"""Inset frames: rings and strips with a margin between them and the picture's edge."""

from __future__ import annotations

from functools import partial

import numpy as np

from unframe.dataset.generator.colours import WHITE, Colour, companion, edge_colour, frame_colour, near
from unframe.dataset.generator.drawn import Drawn, Painter, Supplies
from unframe.dataset.generator.openings import Mask, from_top
from unframe.dataset.generator.rings import (
    Layer,
    Widths,
    even,
    fill,
    finished,
    grown,
    ring,
    share,
    thicknesses,
    whole,
)
from unframe.dataset.generator.textures import SHARES
from unframe.types import SIDES, Box, Image, Side

EVEN = 14
"""Grey levels by which a photograph's outermost pixels may differ to count as an even backdrop."""


def inset(photo: Image, rng: np.random.Generator, supplies: Supplies, sides: tuple[Side, ...], design: str) -> Drawn:
    """A ring or strips on these sides, at a distance from the picture's edge.

    A photograph on an even backdrop mostly gets room for the frame in the backdrop's colour, so that the product
    stays whole; any photograph may have the frame painted over it, or lie within it on white.

    Args:
        photo: uint8 ``(height, width, 3)`` RGB.
        rng: Source of every choice.
        supplies: Where fillings and shares come from.
        sides: Sides that get a strip; four make a ring.
        design: Name of the design.
    """
    widths = thicknesses(rng, photo, sides, supplies)
    margins, gap = _margins(rng, photo, sides), 0
    paper: Colour | None = None
    backdrop = even_backdrop(photo)
    if backdrop is not None and rng.random() < 0.65:
        paper = backdrop if rng.random() < 0.8 else WHITE
        # Only a gap in the backdrop's own colour belongs to the photograph.
        gap = round(min(photo.shape[:2]) * rng.uniform(0, 0.1)) if paper == backdrop else 0
    elif rng.random() < 0.55:
        paper = WHITE if rng.random() < 0.8 else near(rng, edge_colour(photo), 12)
    canvas = photo.copy() if paper is None else _room(photo, margins, widths, even(gap, sides), paper)
    layer = Layer(widths, _filling(rng, len(sides)), frame_colour(rng, photo, supplies.parameters))
    return _laid(rng, canvas, margins, layer, supplies, design, paper)


def _margins(rng: np.random.Generator, photo: Image, sides: tuple[Side, ...]) -> Widths:
    """Distance of the frame from the picture's edge: one for all sides, or more at the top and bottom."""
    short = min(photo.shape[:2])
    farthest = 0.1 if len(sides) == 4 else 0.16
    margins = even(max(1, round(short * share(rng, 0.008, farthest))), sides)
    if rng.random() < 0.2:
        margins = Widths(*(max(1, round(each * rng.uniform(0.5, 1.5))) if each else 0 for each in margins))
    return margins


def _room(photo: Image, margins: Widths, widths: Widths, gaps: Widths, paper: Colour) -> Image:
    """The photograph on paper with room for a frame; an even backdrop runs on into the gaps."""
    sheet = grown(photo, gaps, edge_colour(photo))
    return grown(sheet, margins.plus(widths), paper)


def _laid(
    rng: np.random.Generator,
    canvas: Image,
    margins: Widths,
    layer: Layer,
    supplies: Supplies,
    design: str,
    paper: Colour | None,
) -> Drawn:
    """Paint the strips; those on one or two sides mostly end before the picture does, if paper shows beyond them."""
    outer = margins.within(whole(canvas))
    inner = layer.widths.within(outer)
    before = canvas.copy()
    fill(rng, canvas, outer, layer, supplies)
    if len(layer.widths.sides) == 4 and min(layer.widths) >= 5 and rng.random() < 0.25:
        line = Layer(even(max(1, min(layer.widths) // 5)), "solid", companion(rng, layer.colour))
        fill(rng, canvas, outer if rng.random() < 0.5 else _innermost(inner, line.widths), line, supplies)
    mask = ring(canvas.shape, outer, inner)
    ends = 0.0
    if len(layer.widths.sides) <= 2 and paper is not None and rng.random() < 0.6:
        ends = share(rng, 0.01, 0.15)
        _shorten(canvas, before, mask, layer.widths.sides, ends)
    details = {"margins": list(margins), "filling": layer.filling, "colour": list(layer.colour), "ends": round(ends, 3)}
    return finished(canvas, mask, outer, inner, "inset", design, details)


def _innermost(inner: Box, widths: Widths) -> Box:
    """The box whose innermost band of these widths ends where another box begins."""
    return Box(
        inner.left - widths.left, inner.top - widths.top, inner.right + widths.right, inner.bottom + widths.bottom
    )


def _shorten(canvas: Image, before: Image, mask: Mask, sides: tuple[Side, ...], ends: float) -> None:
    """Take this share off both ends of every strip, in place: there the picture is as it was before."""
    for side in sides:
        length = from_top(mask, side).shape[1]
        cut = round(length * ends)
        if cut:
            for part in (slice(0, cut), slice(length - cut, None)):
                from_top(canvas, side)[:, part] = from_top(before, side)[:, part]
                from_top(mask, side)[:, part] = False


def _filling(rng: np.random.Generator, count: int) -> str:
    """Strips on one side are mostly textured, rings mostly of one colour."""
    names, weights = list(SHARES), np.array(list(SHARES.values()))
    if count < 4:
        weights = np.where(np.array(names) == "solid", weights / 2, weights)
    return str(rng.choice(names, p=weights / weights.sum()))


def even_backdrop(photo: Image) -> Colour | None:
    """The colour of a photograph's edge, when nine tenths of its outermost pixels have it; else ``None``."""
    backdrop = edge_colour(photo)
    edge = np.concatenate([photo[0], photo[-1], photo[:, 0], photo[:, -1]]).astype(np.int16)
    alike = np.abs(edge - np.array(backdrop, dtype=np.int16)).max(axis=1) <= EVEN
    return backdrop if alike.mean() >= 0.9 else None


def _strips(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """Two parallel strips."""
    sides: tuple[Side, ...] = ("right", "left") if rng.random() < 0.6 else ("top", "bottom")
    return inset(photo, rng, supplies, sides, "inset/strips")


def _strip(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """One strip, upright more often than level."""
    side = SIDES[rng.choice(4, p=[0.15, 0.35, 0.15, 0.35])]
    return inset(photo, rng, supplies, (side,), "inset/strip")


PAINTERS: dict[str, Painter] = {
    "inset/ring": partial(inset, sides=SIDES, design="inset/ring"),
    "inset/strips": _strips,
    "inset/strip": _strip,
}
"""Every inset design by name."""

WEIGHTS: dict[str, float] = {"inset/ring": 1.2, "inset/strips": 0.8, "inset/strip": 1}
"""Weight of every design among the insets."""
