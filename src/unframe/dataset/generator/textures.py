"""Fillings of frames: what a band is made of.

Every filling is a function of the random generator, a size, a base colour and the supplies, and gives an image of
exactly that size. Patterns are computed as one plane of weights from 0 to 1 that is then looked up in a palette of
256 colours, which is several times faster than mixing three channels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFilter

from unframe.dataset.generator.colours import (
    BLACK,
    METALS,
    WHITE,
    Colour,
    blend,
    companion,
    free_colour,
    luminance,
    near,
)
from unframe.dataset.generator.drawn import Supplies
from unframe.types import Image

__all__ = [
    "SHARES",
    "TEXTURES",
    "WOODS",
    "Filling",
    "Plane",
    "checks",
    "clouds",
    "cover",
    "dots",
    "fabric",
    "gradient",
    "grain",
    "heart_outline",
    "lookup",
    "marble",
    "metal",
    "motif",
    "ornament",
    "paper",
    "photograph",
    "points",
    "ramp",
    "solid",
    "star_outline",
    "stripes",
    "texture",
    "wood",
]

Plane = NDArray[np.float32]
Filling = Callable[[np.random.Generator, int, int, Colour, Supplies], Image]

WOODS: tuple[Colour, ...] = ((196, 150, 96), (140, 92, 52), (92, 58, 36), (62, 40, 28), (222, 190, 140), (120, 70, 50))


def texture(rng: np.random.Generator, height: int, width: int, base: Colour | None, supplies: Supplies) -> Image:
    """A random filling.

    Args:
        rng: Source of every choice.
        height: Pixels from top to bottom, at least 1.
        width: Pixels from left to right, at least 1.
        base: RGB, 0 to 255; the filling's main colour. ``None`` chooses one. Wood, metal and photographs may keep
            their own colours.
        supplies: Where other photographs come from.

    Returns:
        uint8 ``(height, width, 3)`` RGB.
    """
    names, shares = zip(*SHARES.items(), strict=True)
    name = str(rng.choice(names, p=np.array(shares) / sum(shares)))
    return TEXTURES[name](rng, height, width, base or free_colour(rng), supplies)


def clouds(rng: np.random.Generator, height: int, width: int, cell: float, stretch: float = 1.0) -> Plane:
    """Smooth noise: a grid of normal values, one per cell, interpolated.

    Args:
        rng: Source of the values.
        height: Pixels from top to bottom.
        width: Pixels from left to right.
        cell: Height of a cell in pixels.
        stretch: Width of a cell over its height.

    Returns:
        float32 ``(height, width)``, mean about 0, standard deviation about 1 at the grid's points.
    """
    rows = max(2, round(height / max(cell, 1)) + 1)
    columns = max(2, round(width / max(cell * stretch, 1)) + 1)
    grid = PillowImage.fromarray(rng.standard_normal((rows, columns), dtype=np.float32))
    return np.asarray(grid.resize((width, height), PillowImage.Resampling.BICUBIC), dtype=np.float32)


def ramp(height: int, width: int, angle: float) -> Plane:
    """Distance in pixels along a direction, from the top left corner; ``angle`` in radians, 0 to the right."""
    x = np.arange(width, dtype=np.float32) * np.float32(np.cos(angle))
    y = np.arange(height, dtype=np.float32) * np.float32(np.sin(angle))
    plane: Plane = x[None, :] + y[:, None]
    return plane


def lookup(weights: NDArray[np.floating], stops: Sequence[Colour]) -> Image:
    """Colours of a plane of weights.

    Args:
        weights: float ``(height, width)``; 0 gives the first stop, 1 the last, values beyond are clipped.
        stops: RGB colours at equal distances from weight 0 to weight 1, at least one.

    Returns:
        uint8 ``(height, width, 3)`` RGB.
    """
    at = np.linspace(0, 1, len(stops))
    levels = np.linspace(0, 1, 256)
    table = np.stack([np.interp(levels, at, channel) for channel in np.array(stops, dtype=np.float64).T], axis=1)
    index = np.clip(weights * 255 + 0.5, 0, 255).astype(np.uint8)
    palette: Image = np.rint(table).astype(np.uint8)
    image: Image = palette[index]
    return image


def _unit(plane: Plane) -> Plane:
    """The plane brought to 0 to 1; 0 everywhere when it is flat."""
    low, high = float(plane.min()), float(plane.max())
    return (plane - low) / max(high - low, 1e-6)


def _period(rng: np.random.Generator, height: int, width: int, smallest: float = 4) -> float:
    """A pattern's period in pixels, that repeats at least twice along the longer side."""
    return float(np.exp(rng.uniform(np.log(smallest), np.log(max(smallest + 1, min(60, max(height, width) / 4))))))


def _tones(base: Colour, dark: float, light: float) -> list[Colour]:
    """Shade, base and tint of a material; black and white are moved inward, or half of the relief would be lost."""
    middle = (min(max(base[0], 28), 236), min(max(base[1], 28), 236), min(max(base[2], 28), 236))
    return [blend(middle, BLACK, dark), middle, blend(middle, WHITE, light)]


def solid(rng: np.random.Generator, height: int, width: int, base: Colour, supplies: Supplies) -> Image:
    """One colour."""
    return np.full((height, width, 3), base, dtype=np.uint8)


def gradient(rng: np.random.Generator, height: int, width: int, base: Colour, supplies: Supplies) -> Image:
    """Two or three colours that run into each other, along a line or from the centre."""
    stops = [base, *(companion(rng, base) for _ in range(rng.integers(1, 3)))]
    if rng.random() < 0.2:
        x, y = np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32)
        return lookup(np.hypot(x[None, :], y[:, None]) / np.float32(1.414), stops)
    angle = rng.choice([0, np.pi / 2, rng.uniform(0, np.pi)])
    return lookup(_unit(ramp(height, width, angle)), stops)


def stripes(rng: np.random.Generator, height: int, width: int, base: Colour, supplies: Supplies) -> Image:
    """Stripes of two colours, upright, level or slanted, with smooth or soft edges."""
    period = _period(rng, height, width)
    angle = rng.choice([0, np.pi / 2, np.pi / 4, -np.pi / 4, rng.uniform(0, np.pi)])
    wave = np.cos(ramp(height, width, angle) * np.float32(2 * np.pi / period))
    # A slope of one pixel at the edges of the stripes keeps slanted ones free of stairs.
    slope = period / (2 * np.pi) if rng.random() < 0.85 else 0.6
    return lookup((wave - rng.uniform(-0.6, 0.6)) * np.float32(slope) + 0.5, [base, companion(rng, base)])


def checks(rng: np.random.Generator, height: int, width: int, base: Colour, supplies: Supplies) -> Image:
    """Squares or lozenges as on a board, or gingham, whose crossings are darker than its bars."""
    period, angle = _period(rng, height, width, 6), rng.choice([0, np.pi / 4, rng.uniform(0, np.pi)])
    frequency = np.float32(2 * np.pi / period)
    first = np.cos(ramp(height, width, angle) * frequency)
    second = np.cos(ramp(height, width, angle + np.pi / 2) * frequency)
    other = companion(rng, base)
    if rng.random() < 0.35:
        return lookup(((first > 0).astype(np.float32) + (second > 0)) / 2, [base, other])
    return lookup(first * second * np.float32(period / 4) + 0.5, [base, other])


def dots(rng: np.random.Generator, height: int, width: int, base: Colour, supplies: Supplies) -> Image:
    """Round dots on a square or slanted lattice."""
    period = _period(rng, height, width, 5)
    angle = rng.choice([0, np.pi / 4, rng.uniform(0, np.pi)])
    first = np.mod(ramp(height, width, angle), np.float32(period)) - np.float32(period / 2)
    second = np.mod(ramp(height, width, angle + np.pi / 2), np.float32(period)) - np.float32(period / 2)
    return lookup(period * rng.uniform(0.15, 0.42) - np.hypot(first, second) + 0.5, [base, companion(rng, base)])


def grain(rng: np.random.Generator, height: int, width: int, base: Colour, supplies: Supplies) -> Image:
    """Noise: fine grain, coarse mottling or the sparks of glitter."""
    style = rng.random()
    fine = rng.standard_normal((height, width), dtype=np.float32)
    if style < 0.35:
        return lookup(0.5 + fine * np.float32(rng.uniform(0.05, 0.25)), _tones(base, 0.6, 0.6))
    if style < 0.7:
        mottled = clouds(rng, height, width, rng.uniform(3, 14)) * np.float32(0.2)
        return lookup(0.5 + mottled + fine * np.float32(0.04), _tones(base, 0.5, 0.5))
    sparks = np.maximum(np.abs(fine) - 1, 0) * np.float32(0.5)
    return lookup(0.15 + sparks + clouds(rng, height, width, 3) * np.float32(0.08), _tones(base, 0.35, 0.9))


def wood(rng: np.random.Generator, height: int, width: int, base: Colour, supplies: Supplies) -> Image:
    """Grain along the longer side, with the slow waves of year rings."""
    tone = near(rng, WOODS[rng.integers(len(WOODS))], 12) if rng.random() < 0.8 else base
    long, short = max(height, width), min(height, width)
    rings = clouds(rng, short, long, rng.uniform(6, 20), 14)
    across = np.arange(short, dtype=np.float32)[:, None] / np.float32(rng.uniform(4, 14))
    fibre = clouds(rng, short, long, 1.5, 25)
    weights = 0.5 + 0.16 * np.sin(across + 2.2 * rings) + 0.12 * fibre
    plane = weights if width >= height else np.ascontiguousarray(weights.T)
    return lookup(plane, _tones(tone, 0.5, 0.3))


def metal(rng: np.random.Generator, height: int, width: int, base: Colour, supplies: Supplies) -> Image:
    """Brushed along the longer side, with reflections that run across the shorter one."""
    tone = near(rng, METALS[rng.integers(len(METALS))], 12) if rng.random() < 0.75 else base
    long, short = max(height, width), min(height, width)
    across = np.linspace(0, 1, short, dtype=np.float32)[:, None]
    shine = np.sin(across * np.float32(rng.uniform(2, 9)) + np.float32(rng.uniform(0, 6)))
    brush = clouds(rng, short, long, 1, 40) * np.float32(rng.uniform(0.03, 0.12))
    sweep = clouds(rng, 2, long, 2, long / 8)[:1] * np.float32(0.08)
    weights = 0.5 + 0.28 * shine + brush + sweep
    plane = weights if width >= height else np.ascontiguousarray(weights.T)
    return lookup(plane, _tones(tone, 0.55, 0.75))


def marble(rng: np.random.Generator, height: int, width: int, base: Colour, supplies: Supplies) -> Image:
    """Veins: a sine wave that noise of two scales bends."""
    cell = max(height, width) / rng.uniform(2, 5)
    bend = clouds(rng, height, width, cell) + clouds(rng, height, width, cell / 4) * np.float32(0.35)
    wave = np.abs(np.sin(ramp(height, width, rng.uniform(0, np.pi)) * np.float32(3 / cell) + 1.5 * bend))
    vein = blend(base, (30, 30, 34) if luminance(base) > 110 else (235, 230, 220), rng.uniform(0.35, 0.8))
    return lookup(wave ** np.float32(0.4), [vein, base, blend(base, WHITE, 0.15)])


def paper(rng: np.random.Generator, height: int, width: int, base: Colour, supplies: Supplies) -> Image:
    """Nearly even, with fibres and a little shading: paper, card or plaster."""
    weights = clouds(rng, height, width, 2, 2) * np.float32(0.09) + clouds(rng, height, width, 40) * np.float32(0.08)
    return lookup(weights + 0.5, _tones(base, 0.25, 0.25))


def fabric(rng: np.random.Generator, height: int, width: int, base: Colour, supplies: Supplies) -> Image:
    """A weave of threads of uneven thickness: linen, canvas or denim."""
    thread = rng.uniform(2.2, 5)
    warp = np.sin(np.arange(width, dtype=np.float32) * np.float32(2 * np.pi / thread) + clouds(rng, height, width, 30))
    weft = np.sin(np.arange(height, dtype=np.float32) * np.float32(2 * np.pi / thread))[:, None]
    slub = clouds(rng, height, width, 1, 18) + clouds(rng, height, width, 18, 1 / 18)
    weights = 0.5 + np.where(warp * weft > 0, warp, weft) * np.float32(0.18) + slub * np.float32(0.07)
    return lookup(weights, _tones(base, 0.45, 0.35))


def ornament(rng: np.random.Generator, height: int, width: int, base: Colour, supplies: Supplies) -> Image:
    """One small motif, repeated as on wrapping paper: rosettes, hearts, stars, leaves, lozenges, waves or keys."""
    side = int(np.clip(_period(rng, height, width, 10), 8, 64))
    tile = motif(rng, side * 3, base, companion(rng, base)).resize((side, side), PillowImage.Resampling.BOX)
    repeats = (-(-height // side), -(-width // side), 1)
    return np.ascontiguousarray(np.tile(np.asarray(tile), repeats)[:height, :width])


def photograph(rng: np.random.Generator, height: int, width: int, base: Colour, supplies: Supplies) -> Image:
    """Cut from another photograph, sometimes blurred or tinted with the base colour."""
    cut = cover(supplies.photo(rng), height, width, (rng.random(), rng.random()))
    if rng.random() < 0.4:
        blurred = PillowImage.fromarray(cut).filter(ImageFilter.BoxBlur(rng.uniform(2, 8)))
        cut = np.asarray(blurred)
    if rng.random() < 0.3:
        tint = PillowImage.new("RGB", (width, height), base)
        cut = np.asarray(PillowImage.blend(PillowImage.fromarray(cut), tint, rng.uniform(0.2, 0.7)))
    return cut


def cover(image: Image, height: int, width: int, place: tuple[float, float] = (0.5, 0.5)) -> Image:
    """The largest part of the image with this aspect ratio, resized to this size.

    Args:
        image: uint8 ``(any, any, 3)`` RGB.
        height: Pixels from top to bottom.
        width: Pixels from left to right.
        place: Where the part lies along the free direction, 0 to 1: ``(across, down)``.

    Returns:
        uint8 ``(height, width, 3)`` RGB.
    """
    rows, columns = image.shape[:2]
    scale = min(columns / width, rows / height)
    # Rounding may leave the free direction a hair below nothing, which Pillow refuses.
    left, top = max(0.0, (columns - width * scale) * place[0]), max(0.0, (rows - height * scale) * place[1])
    box = (left, top, min(left + width * scale, columns), min(top + height * scale, rows))
    resized = PillowImage.fromarray(image).resize((width, height), PillowImage.Resampling.BILINEAR, box=box)
    return np.asarray(resized)


def motif(rng: np.random.Generator, side: int, ground: Colour, shade: Colour) -> PillowImage.Image:
    """A square tile with one motif that may be repeated in both directions, RGB ``side`` × ``side``."""
    tile = PillowImage.new("RGB", (side, side), ground)
    pen = ImageDraw.Draw(tile)
    shapes = [_rosette, _heart, _star, _leaf, _lozenge, _wave, _key]
    shapes[rng.integers(len(shapes))](pen, side, shade, rng)
    return tile


def _rosette(pen: ImageDraw.ImageDraw, side: int, shade: Colour, rng: np.random.Generator) -> None:
    petals, middle = int(rng.integers(4, 9)), side / 2
    for turn in np.arange(petals) * 2 * np.pi / petals:
        x, y, size = middle + np.cos(turn) * side * 0.22, middle + np.sin(turn) * side * 0.22, side * 0.13
        pen.ellipse((x - size, y - size, x + size, y + size), fill=shade)
    size = side * 0.1
    pen.ellipse((middle - size, middle - size, middle + size, middle + size), fill=companion(rng, shade))


def _heart(pen: ImageDraw.ImageDraw, side: int, shade: Colour, rng: np.random.Generator) -> None:
    pen.polygon(points(heart_outline(), side * 0.38, side / 2, side / 2), fill=shade)


def _star(pen: ImageDraw.ImageDraw, side: int, shade: Colour, rng: np.random.Generator) -> None:
    outline = star_outline(int(rng.integers(4, 9)), rng.uniform(0.35, 0.6))
    pen.polygon(points(outline, side * 0.42, side / 2, side / 2), fill=shade)


def _leaf(pen: ImageDraw.ImageDraw, side: int, shade: Colour, rng: np.random.Generator) -> None:
    bend = np.linspace(0, np.pi, 12)
    upper = np.stack([np.linspace(0.1, 0.9, 12), 0.5 - 0.28 * np.sin(bend)], axis=1)
    lower = np.stack([np.linspace(0.9, 0.1, 12), 0.5 + 0.28 * np.sin(bend)], axis=1)
    pen.polygon(points(np.concatenate([upper, lower]), side, 0, 0), fill=shade)
    pen.line((0, side / 2, side, side / 2), fill=shade, width=max(1, side // 20))


def _lozenge(pen: ImageDraw.ImageDraw, side: int, shade: Colour, rng: np.random.Generator) -> None:
    outline = star_outline(4, np.sqrt(0.5))
    pen.polygon(points(outline, side * 0.5, side / 2, side / 2), fill=shade)
    pen.polygon(points(outline, side * 0.22, side / 2, side / 2), fill=companion(rng, shade))


def _wave(pen: ImageDraw.ImageDraw, side: int, shade: Colour, rng: np.random.Generator) -> None:
    across = np.linspace(-0.1, 1.1, 25)
    curve = np.stack([across, 0.5 + 0.22 * np.sin(across * 2 * np.pi)], axis=1)
    pen.line(points(curve, side, 0, 0), fill=shade, width=max(2, int(side * rng.uniform(0.08, 0.25))), joint="curve")


def _key(pen: ImageDraw.ImageDraw, side: int, shade: Colour, rng: np.random.Generator) -> None:
    turns = np.array([(0, 8), (0, 1), (7, 1), (7, 6), (3, 6), (3, 4), (5, 4), (5, 8), (8, 8)]) / 8 * 0.8 + 0.1
    turns[0, 0], turns[-1, 0] = 0, 1
    pen.line(points(turns, side, 0, 0), fill=shade, width=max(2, side // 10))


def star_outline(tips: int, depth: float) -> NDArray[np.float64]:
    """Corners of a star: float64 ``(2 * tips, 2)`` of x and y; tips at radius 1, notches at radius ``depth``."""
    turn = np.arange(2 * tips) * np.pi / tips - np.pi / 2
    radius = np.where(np.arange(2 * tips) % 2 == 0, 1.0, depth)
    return np.stack([np.cos(turn) * radius, np.sin(turn) * radius], axis=1)


def heart_outline() -> NDArray[np.float64]:
    """Corners of a heart inside the square from -1 to 1: float64 ``(40, 2)`` of x and y."""
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    x = 16 * np.sin(turn) ** 3
    y = 13 * np.cos(turn) - 5 * np.cos(2 * turn) - 2 * np.cos(3 * turn) - np.cos(4 * turn)
    return np.stack([x / 17, -y / 17], axis=1)


def points(outline: NDArray[np.float64], scale: float, x: float, y: float) -> list[tuple[float, float]]:
    """An outline scaled and moved, as Pillow's pen takes it."""
    return [(scale * float(across) + x, scale * float(down) + y) for across, down in outline]


TEXTURES: dict[str, Filling] = {
    "solid": solid,
    "gradient": gradient,
    "stripes": stripes,
    "checks": checks,
    "dots": dots,
    "grain": grain,
    "wood": wood,
    "metal": metal,
    "marble": marble,
    "paper": paper,
    "fabric": fabric,
    "ornament": ornament,
    "photograph": photograph,
}
"""Every filling by name."""

SHARES: dict[str, float] = {
    "solid": 8,
    "gradient": 3,
    "stripes": 1.5,
    "checks": 1,
    "dots": 1,
    "grain": 1,
    "wood": 1.5,
    "metal": 1.5,
    "marble": 1,
    "paper": 1,
    "fabric": 1,
    "ornament": 2,
    "photograph": 1.5,
}
"""How often `texture` takes each filling, relative to the others."""
