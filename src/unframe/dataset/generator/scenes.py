"""The photographed world, for pictures without a frame: backdrops, light, shadows and products seen at an angle.

What tells a product's own edge from an added frame is that it was photographed: it leans by a degree, converges, lies
in uneven light, throws a shadow and carries the camera's noise. Everything here serves to draw that.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageChops, ImageDraw, ImageFilter

from unframe.dataset.generator.colours import BLACK, WHITE, blend, edge_colour, hsv, near
from unframe.dataset.generator.drawn import Supplies
from unframe.dataset.generator.textures import TEXTURES, clouds, cover, lookup, ramp
from unframe.types import Image

Quad = NDArray[np.float64]
"""float64 ``(4, 2)``: x and y of the corners top left, top right, bottom right, bottom left, in pixels."""

Grid = NDArray[np.float64]
"""float64 ``(rows, columns, 2)``: x and y of points of a picture, in pixels."""

Picture = PillowImage.Image

SURFACES = ("wood", "wood", "paper", "fabric", "marble", "grain")


def backdrop(rng: np.random.Generator, height: int, width: int, supplies: Supplies) -> Picture:
    """What lies behind a product: most often white, else a studio sweep, a wall, a table, cloth or a blurred room.

    Args:
        rng: Source of every choice.
        height: Pixels from top to bottom.
        width: Pixels from left to right.
        supplies: Where photographs of rooms come from.

    Returns:
        Pillow image of mode ``RGB``.
    """
    roll = rng.random()
    if roll < 0.4:
        return PillowImage.new("RGB", (width, height), WHITE)
    if roll < 0.65:
        return sweep(rng, height, width)
    if roll < 0.9:
        return surface(rng, height, width, supplies)
    room = PillowImage.fromarray(cover(supplies.photo(rng), height, width))
    return room.filter(ImageFilter.BoxBlur(rng.uniform(0.02, 0.06) * min(height, width)))


def sweep(rng: np.random.Generator, height: int, width: int) -> Picture:
    """A studio backdrop that gets darker away from a spot of light."""
    bright = near(rng, (243, 243, 243), 12) if rng.random() < 0.65 else hsv(rng.random(), rng.uniform(0, 0.6), 0.8)
    x = np.linspace(-1, 1, width, dtype=np.float32) - np.float32(rng.uniform(-0.6, 0.6))
    y = np.linspace(-1, 1, height, dtype=np.float32) - np.float32(rng.uniform(-0.8, 0.4))
    distance = np.hypot(x[None, :], y[:, None]) / np.float32(rng.uniform(1.6, 3))
    return PillowImage.fromarray(lookup(distance, [bright, blend(bright, BLACK, rng.uniform(0.08, 0.35))]))


def surface(rng: np.random.Generator, height: int, width: int, supplies: Supplies) -> Picture:
    """A table top, wall, cloth, stone or plaster that fills the picture, in uneven light."""
    name = SURFACES[rng.integers(len(SURFACES))]
    base = hsv(rng.random(), rng.uniform(0, 0.45), rng.uniform(0.35, 0.95))
    return lit(rng, PillowImage.fromarray(TEXTURES[name](rng, height, width, base, supplies)), 0.25)


def lit(rng: np.random.Generator, picture: Picture, strength: float) -> Picture:
    """The picture in light that falls off slowly across it, by up to this share of its brightness."""
    small = clouds(rng, 24, 24, 14) * np.float32(0.25) + ramp(24, 24, rng.uniform(0, 2 * np.pi)) / np.float32(24)
    small = (small - small.min()) / max(float(small.max() - small.min()), 1e-6)
    plane = PillowImage.fromarray((255 * (1 - strength * small)).astype(np.uint8))
    wide = plane.resize(picture.size, PillowImage.Resampling.BICUBIC)
    return ImageChops.multiply(picture, PillowImage.merge("RGB", (wide, wide, wide)))


def exposed(rng: np.random.Generator, picture: Picture, light: float = 0.15) -> Picture:
    """The picture as a camera gives it: uneven light, a slightly soft lens, noise."""
    if rng.random() < 0.7:
        picture = lit(rng, picture, rng.uniform(0.02, light))
    if rng.random() < 0.5:
        picture = picture.filter(ImageFilter.BoxBlur(rng.uniform(0.2, 0.8)))
    return noisy(rng, picture, int(rng.integers(0, 7)))


def noisy(rng: np.random.Generator, picture: Picture, amplitude: int) -> Picture:
    """The picture with even noise of at most this many grey levels up or down."""
    if amplitude == 0:
        return picture
    levels = rng.integers(0, 2 * amplitude + 1, (picture.height, picture.width), dtype=np.uint8)
    plane = PillowImage.fromarray(levels)
    return ImageChops.add(picture, PillowImage.merge("RGB", (plane, plane, plane)), 1, -amplitude)


def lens(rng: np.random.Generator, picture: Picture) -> Picture:
    """The picture as a lens with barrel or pincushion distortion gives it: straight lines away from the middle bend.

    The radial model of first order, ``r' = r (1 + k r²)``, with r in half diagonals and the corners kept.
    """
    strength = rng.uniform(-0.08, 0.08)
    middle = np.array(picture.size) / 2
    grid = even_grid(picture) - middle
    square = (grid**2).sum(axis=2, keepdims=True) / (middle**2).sum()
    return bent(picture, middle + grid * (1 + strength * square) / (1 + max(strength, 0)))


def even_grid(picture: Picture, steps: int = 6) -> Grid:
    """Points at even distances over a picture: float64 ``(steps + 1, steps + 1, 2)`` of x and y in pixels."""
    x, y = (np.rint(np.linspace(0, length, steps + 1)) for length in picture.size)
    return np.stack(np.meshgrid(x, y), axis=-1)


def bent(picture: Picture, grid: Grid) -> Picture:
    """The picture whose even grid shows what lies at the points of another grid, and between them in proportion.

    Args:
        picture: Pillow image.
        grid: Where the points of `even_grid` come from, in pixels; moved into the picture where they leave it.
    """
    # Beyond the picture, its far edges included, there is nothing to bend in but black.
    grid = np.clip(grid, 0, np.array(picture.size) - 0.01)
    steps = len(grid) - 1
    even = even_grid(picture, steps).astype(int)
    mesh = []
    for row in range(steps):
        for column in range(steps):
            box = (*even[row, column].tolist(), *even[row + 1, column + 1].tolist())
            corners = grid[[row, row + 1, row + 1, row], [column, column, column + 1, column + 1]]
            mesh.append((box, tuple(corners.ravel().tolist())))
    return picture.transform(picture.size, PillowImage.Transform.MESH, mesh, PillowImage.Resampling.BILINEAR)


def pose(rng: np.random.Generator, height: int, width: int, aspect: float, share: float) -> Quad:
    """Where a flat product appears in a picture: frontal, leaning by a few degrees, or in perspective.

    The product's rectangle is turned in space, seen through a pinhole, and brought to size.

    Args:
        rng: Source of every choice.
        height: The picture's height in pixels.
        width: The picture's width in pixels.
        aspect: The product's width over its height.
        share: Part of the picture's height or width, whichever binds, that the product takes.
    """
    roll = rng.random()
    yaw = pitch = tilt = 0.0
    if roll >= 0.3:
        tilt = float(rng.normal(0, 0.022))
    if roll >= 0.65:
        yaw, pitch = rng.uniform(-0.7, 0.7), rng.uniform(-0.35, 0.35)
    if roll >= 0.9:
        tilt = rng.uniform(-0.6, 0.6)
    quad = projected(aspect, yaw, pitch, tilt)
    size = np.ptp(quad, axis=0)
    scale = share * min(width / size[0], height / size[1])
    free = np.array([width, height]) - size * scale
    placed: Quad = (quad - quad.min(axis=0)) * scale + free * rng.normal(0.5, 0.06, 2).clip(0.3, 0.7)
    return np.rint(placed) if roll < 0.3 else placed


def projected(aspect: float, yaw: float, pitch: float, tilt: float) -> Quad:
    """Corners of a rectangle of height 1, turned by angles in radians and seen from 2.5 times its longer side."""
    x = np.array([-aspect, aspect, aspect, -aspect]) / 2
    y = np.array([-0.5, -0.5, 0.5, 0.5])
    x, z = x * np.cos(yaw), x * np.sin(yaw)
    y, z = y * np.cos(pitch) - z * np.sin(pitch), y * np.sin(pitch) + z * np.cos(pitch)
    nearness = 1 / (1 + z / (2.5 * max(aspect, 1)))
    x, y = x * nearness, y * nearness
    return np.stack([x * np.cos(tilt) - y * np.sin(tilt), x * np.sin(tilt) + y * np.cos(tilt)], axis=1)


def bleed(rng: np.random.Generator, height: int, width: int, beyond: float) -> Quad:
    """Corners of a product that fills the picture: each lies outside it by up to ``beyond`` of the shorter side."""
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    outward = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    reach = rng.uniform(0, beyond, 2) + rng.uniform(0, 0.4 * beyond, (4, 2))
    quad: Quad = corners + outward * reach * min(height, width)
    return quad


def face_size(quad: Quad) -> tuple[int, int]:
    """Height and width in pixels at which to draw what will appear in this quad."""
    width = max(np.hypot(*(quad[1] - quad[0])), np.hypot(*(quad[2] - quad[3])))
    height = max(np.hypot(*(quad[3] - quad[0])), np.hypot(*(quad[2] - quad[1])))
    return max(8, int(np.ceil(height))), max(8, int(np.ceil(width)))


def place(canvas: Picture, face: Picture, quad: Quad) -> None:
    """Paste a face so that its corners come to lie in a quad.

    Args:
        canvas: Pillow image of mode ``RGB``, changed in place.
        face: Pillow image of mode ``RGB`` or ``RGBA``; where it is transparent the canvas stays.
        quad: Where its corners go; they may lie outside the canvas.
    """
    low = np.maximum(np.floor(quad.min(axis=0)).astype(int) - 1, 0)
    high = np.minimum(np.ceil(quad.max(axis=0)).astype(int) + 1, canvas.size)
    if (high <= low).any():
        return
    # A transparent rim of one pixel makes the interpolation antialias the outline; its colour repeats the edge.
    padded = np.pad(np.asarray(face.convert("RGBA")), ((1, 1), (1, 1), (0, 0)), mode="edge")
    padded[[0, -1], :, 3] = padded[:, [0, -1], 3] = 0
    width, height = face.size
    source = np.array([[1, 1], [width + 1, 1], [width + 1, height + 1], [1, height + 1]], dtype=np.float64)
    size = (int(high[0] - low[0]), int(high[1] - low[1]))
    warped = PillowImage.fromarray(padded).transform(
        size,
        PillowImage.Transform.PERSPECTIVE,
        homography(quad - low, source).tolist(),
        PillowImage.Resampling.BILINEAR,
    )
    canvas.paste(warped, (int(low[0]), int(low[1])), warped)


def homography(start: Quad, end: Quad) -> NDArray[np.float64]:
    """The eight coefficients of the perspective that takes four points to four others, in Pillow's order.

    ``(a, b, c, d, e, f, g, h)`` with ``x' = (a x + b y + c) / (g x + h y + 1)`` and ``y'`` likewise from d, e, f.
    """
    rows, targets = [], []
    for (x, y), (across, down) in zip(start, end, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -across * x, -across * y])
        rows.append([0, 0, 0, x, y, 1, -down * x, -down * y])
        targets += [across, down]
    return np.linalg.solve(np.array(rows), np.array(targets))


def shadow(rng: np.random.Generator, canvas: Picture, quad: Quad, strength: float = 0.6) -> None:
    """Darken the canvas softly where a product in this quad throws its shadow; changes it in place.

    Args:
        rng: Source of offset, softness and darkness.
        canvas: Pillow image of mode ``RGB``.
        quad: Where the product lies.
        strength: Share of the light that the darkest shadow takes, 0 to 1.
    """
    scale = 8
    size = max(2, canvas.width // scale), max(2, canvas.height // scale)
    plane = PillowImage.new("L", size, 255)
    span = float(np.ptp(quad, axis=0).min())
    offset = np.array([rng.uniform(-0.03, 0.03), rng.uniform(0, 0.05)]) * span
    corners = [(float(x), float(y)) for x, y in (quad + offset) / scale]
    ImageDraw.Draw(plane).polygon(corners, fill=int(255 * (1 - strength * rng.uniform(0.15, 1))))
    softness = float(np.exp(rng.uniform(np.log(0.006), np.log(0.12)))) * span / scale
    soft = plane.filter(ImageFilter.GaussianBlur(max(0.4, softness)))
    wide = soft.resize(canvas.size, PillowImage.Resampling.BICUBIC)
    canvas.paste(ImageChops.multiply(canvas, PillowImage.merge("RGB", (wide, wide, wide))))


def cutout(photo: Image) -> Picture | None:
    """A product cut from its white backdrop.

    Args:
        photo: uint8 ``(height, width, 3)`` RGB.

    Returns:
        Pillow image of mode ``RGBA``, cropped to the product; ``None`` when the backdrop is not white, or when
        the product is cut by more than one edge of the photograph.
    """
    edges = (photo[0], photo[-1], photo[:, 0], photo[:, -1])
    if min(edge_colour(photo)) < 244 or sum(bool(each.min() < 225) for each in edges) > 1:
        return None
    solid = photo.min(axis=2) < 243
    between = np.ones_like(solid)
    for turns in range(4):
        # A pale spot with product on all four sides belongs to the product.
        between &= np.rot90(np.logical_or.accumulate(np.rot90(solid, turns), axis=0), -turns)
    # The outermost pixels are mixed with white: on another backdrop they would show as a pale rim.
    outline = PillowImage.fromarray(between * np.uint8(255)).filter(ImageFilter.MinFilter(5))
    alpha = outline.filter(ImageFilter.BoxBlur(0.8))
    cut = PillowImage.fromarray(photo).convert("RGBA")
    cut.putalpha(alpha)
    box = alpha.getbbox()
    return cut.crop(box) if box else None
