"""Padding: bars and paper beside a photograph, as shops add them to bring every picture to one shape."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageFilter

from unframe.dataset.generator.colours import BLACK, WHITE, blend, edge_colour, frame_colour, near
from unframe.dataset.generator.drawn import Drawn, Painter, Supplies
from unframe.dataset.generator.rings import Widths, finished, grown, ring, share, thicknesses, whole
from unframe.dataset.generator.textures import cover, gradient
from unframe.types import SIDES, Image, Side

Ground = Callable[[np.random.Generator, Image, Widths, Supplies], Image]
"""Draws a sheet that is larger than the photograph by these widths; what lies below the photograph does not matter."""


def padding(photo: Image, rng: np.random.Generator, supplies: Supplies, name: str) -> Drawn:
    """A photograph with padding of one kind on one, two or four sides.

    Args:
        photo: uint8 ``(height, width, 3)`` RGB.
        rng: Source of every choice.
        supplies: Where shares come from.
        name: Name of the padding, one of `GROUNDS`.
    """
    photo, widths = _fitted(rng, photo, supplies)
    sheet = np.array(GROUNDS[name](rng, photo, widths, supplies))
    inner = widths.within(whole(sheet))
    sheet[inner.top : inner.bottom, inner.left : inner.right] = photo
    mask = ring(sheet.shape, whole(sheet), inner)
    return finished(sheet, mask, whole(sheet), inner, "padding", f"padding/{name}", {"widths": list(widths)})


def _fitted(rng: np.random.Generator, photo: Image, supplies: Supplies) -> tuple[Image, Widths]:
    """The photograph, or a part of it, with bars on two sides that bring it to a shape, or paper all around.

    Bars go beside a part of the photograph and bring it back to the photograph's shape: the shapes of padded pictures
    are then those of all pictures.
    """
    roll = rng.random()
    if roll < 0.17:
        return photo, thicknesses(rng, photo, SIDES, supplies)
    level = rng.random() < 0.5
    upright = photo if level else photo.swapaxes(0, 1)
    length = len(upright)
    # A tenth are slivers, as rounding leaves them.
    total = max(4, round(length * (share(rng, 0.02, 0.08) if roll < 0.27 else share(rng, 0.08, 0.55))))
    begin = int(rng.integers(total + 1)) if rng.random() < 0.3 else total // 2
    upright = upright[begin : length - total + begin]
    return (upright if level else upright.swapaxes(0, 1)), _split(rng, total, level)


def _split(rng: np.random.Generator, total: int, level: bool) -> Widths:
    """Divide rows or columns between two opposite sides: equally, seldom unequally, hardly ever all to one."""
    sides: tuple[Side, Side] = ("top", "bottom") if level else ("left", "right")
    roll = rng.random()
    first = total // 2 if roll < 0.85 else 0 if roll < 0.9 else round(total * rng.uniform(0.2, 0.8))
    return Widths(*(dict(zip(sides, (first, total - first), strict=True)).get(side, 0) for side in SIDES))


def _white(rng: np.random.Generator, photo: Image, widths: Widths, supplies: Supplies) -> Image:
    return grown(photo, widths, WHITE if rng.random() < 0.9 else near(rng, (248, 248, 247), 6))


def _black(rng: np.random.Generator, photo: Image, widths: Widths, supplies: Supplies) -> Image:
    return grown(photo, widths, BLACK if rng.random() < 0.8 else near(rng, (12, 12, 12), 10))


def _coloured(rng: np.random.Generator, photo: Image, widths: Widths, supplies: Supplies) -> Image:
    """Grey, a colour of frames, or one meant to match the backdrop and off by a little."""
    edge, roll = edge_colour(photo), rng.random()
    if roll < 0.35:
        return grown(photo, widths, blend(edge, WHITE if rng.random() < 0.5 else BLACK, rng.uniform(0.06, 0.25)))
    if roll < 0.55:
        return grown(photo, widths, blend(BLACK, WHITE, rng.uniform(0.15, 0.95)))
    return grown(photo, widths, frame_colour(rng, photo, supplies.parameters))


def _graded(rng: np.random.Generator, photo: Image, widths: Widths, supplies: Supplies) -> Image:
    sheet = grown(photo, widths, WHITE)
    base = frame_colour(rng, photo, supplies.parameters)
    return gradient(rng, sheet.shape[0], sheet.shape[1], base, supplies)


def _blurred(rng: np.random.Generator, photo: Image, widths: Widths, supplies: Supplies) -> Image:
    """The photograph itself, enlarged and blurred, often darker or brighter."""
    height, width = grown(photo, widths, WHITE).shape[:2]
    copy = PillowImage.fromarray(cover(photo, height // 4 + 1, width // 4 + 1))
    soft = copy.filter(ImageFilter.GaussianBlur(max(1.0, min(copy.size) * rng.uniform(0.03, 0.09))))
    return _toned(rng, np.asarray(soft.resize((width, height), PillowImage.Resampling.BICUBIC)), 0.7)


def _mirrored(rng: np.random.Generator, photo: Image, widths: Widths, supplies: Supplies) -> Image:
    """The photograph's edge, mirrored or drawn out, and shaded, mostly blurred: else the seam could not be seen."""
    pads = [(widths.top, widths.bottom), (widths.left, widths.right), (0, 0)]
    wide: Image = np.pad(photo, pads, mode="symmetric" if rng.random() < 0.65 else "edge")
    if rng.random() < 0.6:
        wide = np.asarray(PillowImage.fromarray(wide).filter(ImageFilter.BoxBlur(rng.uniform(3, 12))))
    return _toned(rng, wide, 1.0)


def _toned(rng: np.random.Generator, sheet: Image, often: float) -> Image:
    """The sheet darker or brighter, with this probability."""
    if rng.random() >= often:
        return sheet
    target = np.float32(255 if rng.random() < 0.4 else 0)
    return np.rint(sheet + (target - sheet) * np.float32(rng.uniform(0.15, 0.6))).astype(np.uint8)


GROUNDS: dict[str, Ground] = {
    "white": _white,
    "black": _black,
    "colour": _coloured,
    "gradient": _graded,
    "blurred": _blurred,
    "mirrored": _mirrored,
}
"""Every kind of padding by name."""

PAINTERS: dict[str, Painter] = {f"padding/{name}": partial(padding, name=name) for name in GROUNDS}
"""Every padding design by name."""

WEIGHTS: dict[str, float] = {
    "padding/white": 5,
    "padding/black": 1.3,
    "padding/colour": 2,
    "padding/gradient": 0.5,
    "padding/blurred": 1,
    "padding/mirrored": 0.5,
}
"""Weight of every design among the paddings."""
