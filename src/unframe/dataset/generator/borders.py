"""Borders: bands that touch the picture's edge on one to four sides."""

from __future__ import annotations

from functools import partial

import numpy as np

from unframe.dataset.generator.colours import WHITE, companion, edge_colour, frame_colour, near
from unframe.dataset.generator.drawn import Drawn, Painter, Supplies
from unframe.dataset.generator.rings import (
    Layer,
    Widths,
    bevel,
    cast,
    even,
    fill,
    finished,
    grown,
    ring,
    some_sides,
    thicknesses,
    whole,
)
from unframe.dataset.generator.textures import SHARES, TEXTURES
from unframe.types import SIDES, Box, Image


def border(photo: Image, rng: np.random.Generator, supplies: Supplies, filling: str) -> Drawn:
    """One band, around the photograph or painted over its edge, opaque or translucent.

    Args:
        photo: uint8 ``(height, width, 3)`` RGB.
        rng: Source of every choice.
        supplies: Where fillings and shares come from.
        filling: Name of the band's filling, one of `TEXTURES`.
    """
    widths = thicknesses(rng, photo, some_sides(rng, supplies.parameters.all_sides), supplies)
    layer = Layer(widths, filling, frame_colour(rng, photo, supplies.parameters))
    opacity = rng.uniform(0.45, 0.9) if rng.random() < supplies.parameters.translucent else 1.0
    return nest(photo, rng, supplies, [layer], f"border/{filling}", opacity)


def double(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """Two bands of different colours, one inside the other."""
    outside = thicknesses(rng, photo, some_sides(rng, supplies.parameters.all_sides), supplies)
    share = rng.uniform(0.15, 1)
    inside = Widths(*(max(1, round(width * share)) if width else 0 for width in outside))
    base = frame_colour(rng, photo, supplies.parameters)
    # Two bands together are no thicker than one.
    halves = [Widths(*(-(-width // 2) for width in each)) for each in (outside, inside)]
    layers = [Layer(halves[0], _filling(rng), base), Layer(halves[1], _filling(rng), companion(rng, base))]
    return nest(photo, rng, supplies, layers[:: rng.choice([-1, 1])], "border/double")


def lined(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """A band with a thin line at its inner edge, at its outer edge, or inside it."""
    sides = some_sides(rng, supplies.parameters.all_sides)
    widths = thicknesses(rng, photo, sides, supplies)
    base = frame_colour(rng, photo, supplies.parameters)
    line = Layer(even(_line(rng, photo), sides), "solid", companion(rng, base))
    filling = _filling(rng)
    where = rng.random()
    if where < 0.45:
        layers = [Layer(widths, filling, base), line]
    elif where < 0.65:
        layers = [line, Layer(widths, filling, base)]
    else:
        part = rng.uniform(0.2, 0.8)
        first = Widths(*(round(width * part) for width in widths))
        rest = Widths(*(width - begin for width, begin in zip(widths, first, strict=True)))
        layers = [Layer(first, filling, base), line, Layer(rest, filling, base)]
    return nest(photo, rng, supplies, layers, "border/lined")


def mounted(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """A photograph with a keyline on paper, and a border around the paper."""
    base = frame_colour(rng, photo, supplies.parameters)
    total = thicknesses(rng, photo, SIDES, supplies)
    part = rng.uniform(0.15, 0.6)
    outside = Widths(*(max(1, round(width * part)) for width in total))
    paper = WHITE if rng.random() < 0.6 else near(rng, (244, 243, 240), 10)
    layers = [Layer(outside, _filling(rng), base), Layer(total, "solid", paper)]
    if rng.random() < 0.6 or max(abs(np.subtract(paper, edge_colour(photo)))) < 30:
        layers.append(Layer(even(_line(rng, photo)), "solid", companion(rng, paper)))
    return nest(photo, rng, supplies, layers, "border/mounted")


def nest(
    photo: Image,
    rng: np.random.Generator,
    supplies: Supplies,
    layers: list[Layer],
    design: str,
    opacity: float = 1.0,
) -> Drawn:
    """The photograph in these bands, the outermost first, sometimes with a shadow or bevel at the inner edge."""
    total = even(0)
    for layer in layers:
        total = total.plus(layer.widths)
    around = opacity == 1 and rng.random() < supplies.parameters.around
    canvas = grown(photo, total, WHITE) if around else photo.copy()
    box = whole(canvas)
    for layer in layers:
        box = fill(rng, canvas, box, layer, supplies, opacity)
    _edge(rng, canvas, box, total)
    details = {
        "around": around,
        "opacity": round(opacity, 2),
        "layers": [[each.filling, *each.colour, *each.widths] for each in layers],
    }
    return finished(canvas, ring(canvas.shape, whole(canvas), box), whole(canvas), box, "border", design, details)


def _edge(rng: np.random.Generator, canvas: Image, inner: Box, total: Widths) -> None:
    """A shadow on the photograph, or a bevel of the band, in a quarter of the pictures."""
    roll = rng.random()
    reach = max(1, round(min(canvas.shape[:2]) * rng.uniform(0.004, 0.03)))
    if roll < 0.12:
        cast(canvas, inner, total.sides, reach, rng.uniform(0.15, 0.5))
    elif roll < 0.24:
        bevel(canvas, inner, total, max(1, reach // 2), rng.uniform(0.2, 0.6))


def _filling(rng: np.random.Generator) -> str:
    """Bands of a nest are mostly of one colour."""
    return "solid" if rng.random() < 0.75 else str(rng.choice(sorted(TEXTURES)))


def _line(rng: np.random.Generator, photo: Image) -> int:
    thickness = round(float(min(photo.shape[:2]) * rng.uniform(0.002, 0.012)))
    return max(1, thickness)


PAINTERS: dict[str, Painter] = {
    **{f"border/{name}": partial(border, filling=name) for name in TEXTURES},
    "border/double": double,
    "border/lined": lined,
    "border/mounted": mounted,
}
"""Every border design by name."""

WEIGHTS: dict[str, float] = {
    **{f"border/{name}": share for name, share in SHARES.items()},
    "border/double": 2.5,
    "border/lined": 3.5,
    "border/mounted": 2,
}
"""Weight of every design among the borders."""
