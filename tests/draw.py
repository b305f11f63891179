"""Test pictures as functions of size, side, thickness and colour."""

from __future__ import annotations

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw

from unframe.types import SIDES, Box, Image, Side

Colour = tuple[int, int, int]


def product(width: int = 160, height: int = 120, seed: int = 0, backdrop: Colour = (236, 232, 226)) -> Image:
    """A round product with a highlight on a slightly uneven backdrop: nothing straight, nothing framed."""
    rng = np.random.default_rng(seed)
    picture = PillowImage.new("RGB", (width, height), backdrop)
    pen = ImageDraw.Draw(picture)
    x, y = width * rng.uniform(0.42, 0.58), height * rng.uniform(0.42, 0.58)
    rx, ry = width * rng.uniform(0.2, 0.3), height * rng.uniform(0.2, 0.3)
    body: Colour = (int(rng.integers(40, 200)), int(rng.integers(40, 200)), int(rng.integers(40, 200)))
    shine: Colour = (min(body[0] + 50, 255), min(body[1] + 50, 255), min(body[2] + 50, 255))
    pen.ellipse((x - rx, y - ry, x + rx, y + ry), fill=body)
    pen.ellipse((x - rx / 2, y - ry * 0.7, x, y - ry * 0.2), fill=shine)
    rows, columns = np.mgrid[0:height, 0:width]
    light = 6 * np.sin(columns / width * 2 + seed) + 5 * np.cos(rows / height * 2)
    noisy = np.asarray(picture, dtype=np.float64) + light[..., None] + rng.normal(0, 1.5, (height, width, 3))
    image: Image = np.clip(noisy, 0, 255).astype(np.uint8)
    return image


def bordered(
    image: Image, thickness: int, colour: Colour = (180, 30, 40), sides: tuple[Side, ...] = SIDES
) -> tuple[Image, Box]:
    """The image with a solid band of this many pixels painted over it on these sides, and its inner box."""
    height, width = image.shape[:2]
    inner = Box(
        thickness if "left" in sides else 0,
        thickness if "top" in sides else 0,
        width - thickness if "right" in sides else width,
        height - thickness if "bottom" in sides else height,
    )
    framed = np.empty_like(image)
    framed[:] = colour
    framed[inner.top : inner.bottom, inner.left : inner.right] = image[
        inner.top : inner.bottom, inner.left : inner.right
    ]
    return framed, inner


def rounded(image: Image, thickness: int, radius: int, colour: Colour = (120, 20, 60)) -> tuple[Image, Box]:
    """The image with a border over it whose opening has rounded corners, and the box between its straight edges."""
    height, width = image.shape[:2]
    inner = Box(thickness, thickness, width - thickness, height - thickness)
    opening = PillowImage.new("L", (width, height))
    corners = (inner.left, inner.top, inner.right - 1, inner.bottom - 1)
    ImageDraw.Draw(opening).rounded_rectangle(corners, radius, fill=255)
    picture = PillowImage.new("RGB", (width, height), colour)
    picture.paste(PillowImage.fromarray(image), mask=opening)
    return np.asarray(picture), inner


def ringed(
    image: Image, margin: int, thickness: int, colour: Colour = (20, 60, 140), paper: Colour = (255, 255, 255)
) -> tuple[Image, Box, Box]:
    """The image with an inset ring: margin outside it, and its inner and outer boxes."""
    height, width = image.shape[:2]
    outer = Box(margin, margin, width - margin, height - margin)
    ring, inner = bordered(image[outer.top : outer.bottom, outer.left : outer.right], thickness, colour)
    picture = np.empty_like(image)
    picture[:] = paper
    picture[outer.top : outer.bottom, outer.left : outer.right] = ring
    return picture, Box(*(edge + margin for edge in inner)), outer
