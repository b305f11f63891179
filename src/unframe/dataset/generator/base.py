"""What a photograph goes through before anything is drawn on it, whether it gets a frame or not."""

from __future__ import annotations

import numpy as np

from unframe.dataset.generator.aftermath import filter_name, resize
from unframe.dataset.generator.colours import WHITE
from unframe.dataset.generator.parameters import Parameters
from unframe.dataset.generator.rings import Widths, grown
from unframe.types import Image

ASPECTS = (1.0, 1.0, 1.0, 3 / 4, 3 / 4, 4 / 3, 2 / 3, 3 / 2, 4 / 5)
"""Width over height of the pictures that shops show; most are square."""

SLIMMEST = 3
"""A photograph's longer side over its shorter one, at most: of slimmer ones a part is taken."""

PAPER = 250
"""A photograph whose outermost pixels are all at least this bright can be given more white without a seam."""


def varied(photo: Image, rng: np.random.Generator, parameters: Parameters) -> Image:
    """The photograph, perhaps cut to an aspect or to a close-up, given more white, or mirrored.

    Args:
        photo: uint8 ``(height, width, 3)`` RGB.
        rng: Source of every choice.
        parameters: How often which.

    Returns:
        uint8 RGB of any size.
    """
    height, width = photo.shape[:2]
    if max(height, width) > SLIMMEST * min(height, width):
        photo = _part(photo, rng, min(height, SLIMMEST * width), min(width, SLIMMEST * height))
    roll = rng.random()
    if roll < parameters.cropped:
        photo = _to_aspect(photo, rng)
    elif roll < parameters.cropped + parameters.zoomed:
        photo = _close_up(photo, rng)
    if rng.random() < parameters.extended and _on_white(photo):
        photo = _extended(photo, rng)
    return photo[:, ::-1] if rng.random() < parameters.mirrored else photo


def scaled(image: Image, longest: int, rng: np.random.Generator) -> Image:
    """The image with a longer side of this many pixels, through a filter that is chosen."""
    height, width = image.shape[:2]
    scale = longest / max(height, width)
    name = filter_name(rng)
    return resize(image, max(8, round(height * scale)), max(8, round(width * scale)), name)


def part(photo: Image, height: int, width: int, rng: np.random.Generator) -> Image:
    """The largest part of the photograph with this aspect, at this size: uint8 ``(height, width, 3)`` RGB."""
    rows, columns = photo.shape[:2]
    scale = min(columns / width, rows / height)
    cut = _part(photo, rng, min(rows, max(1, round(height * scale))), min(columns, max(1, round(width * scale))))
    return resize(cut, height, width, filter_name(rng))


def _to_aspect(photo: Image, rng: np.random.Generator) -> Image:
    height, width = photo.shape[:2]
    aspect = ASPECTS[rng.integers(len(ASPECTS))]
    return _part(photo, rng, min(height, max(1, round(width / aspect))), min(width, max(1, round(height * aspect))))


def _close_up(photo: Image, rng: np.random.Generator) -> Image:
    zoom = rng.uniform(0.4, 0.9)
    return _part(photo, rng, max(1, round(photo.shape[0] * zoom)), max(1, round(photo.shape[1] * zoom)))


def _part(photo: Image, rng: np.random.Generator, height: int, width: int) -> Image:
    top = int(rng.integers(photo.shape[0] - height + 1))
    left = int(rng.integers(photo.shape[1] - width + 1))
    return photo[top : top + height, left : left + width]


def _on_white(photo: Image) -> bool:
    return all(int(edge.min()) >= PAPER for edge in (photo[0], photo[-1], photo[:, 0], photo[:, -1]))


def _extended(photo: Image, rng: np.random.Generator) -> Image:
    """White added along two opposite sides or all around: on white nobody sees where the photograph ended."""
    height, width = photo.shape[:2]
    if height != width and rng.random() < 0.6:
        down, across = max(0, width - height) // 2, max(0, height - width) // 2
        return grown(photo, Widths(down, across, down, across), WHITE)
    down, across = (round(extent * rng.uniform(0.02, 0.4)) for extent in (height, width))
    sides = ((down, 0), (0, across), (down // 2, across // 2))[rng.integers(3)]
    return grown(photo, Widths(sides[0], sides[1], sides[0], sides[1]), WHITE)
