"""What pictures go through after they were made: resampling, sharpening, compression.

Framed and plain pictures go through the same, so that it never tells one from the other. Compression and sharpening
move no edge. Resampling does, and there boxes and mask are mapped with the picture: a pixel counts as frame when at
least a twentieth of it was frame before.
"""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageFilter

from unframe.dataset.generator.drawn import Drawn
from unframe.dataset.generator.openings import Mask
from unframe.dataset.generator.parameters import Parameters
from unframe.imaging import decode
from unframe.types import Box, Frame, Image

FILTERS: dict[str, tuple[PillowImage.Resampling, float]] = {
    "nearest": (PillowImage.Resampling.NEAREST, 0.06),
    "area": (PillowImage.Resampling.BOX, 0.16),
    "bilinear": (PillowImage.Resampling.BILINEAR, 0.26),
    "bicubic": (PillowImage.Resampling.BICUBIC, 0.28),
    "lanczos": (PillowImage.Resampling.LANCZOS, 0.24),
}
"""Every filter of resampling, and how often it is taken."""

SUBSAMPLINGS = (0, 1, 2)
"""Chroma subsampling as Pillow numbers it: 4:4:4, 4:2:2, 4:2:0; the last is by far the most frequent."""

TOUCHED = 0.05
"""Part of a pixel that must have been frame before resampling for the pixel to count as frame."""


def filter_name(rng: np.random.Generator) -> str:
    """A filter of resampling, as often as its share says."""
    shares = [share for _, share in FILTERS.values()]
    return str(rng.choice(list(FILTERS), p=shares))


def resize(image: Image, height: int, width: int, name: str) -> Image:
    """The image at another size: uint8 ``(height, width, 3)`` RGB, through a filter of `FILTERS`."""
    if image.shape[:2] == (height, width):
        return image
    return np.asarray(PillowImage.fromarray(image).resize((width, height), FILTERS[name][0]))


def resampled(drawn: Drawn, height: int, width: int, name: str) -> Drawn:
    """A drawn picture at another size, with mask and boxes mapped.

    Args:
        drawn: The picture.
        height: Pixels from top to bottom of the result.
        width: Pixels from left to right of the result.
        name: Filter of resampling, one of `FILTERS`.

    Returns:
        The picture; its inner box holds no pixel of the frame, its outer box all of them.
    """
    rows = _sources(drawn.image.shape[0], height, name)
    columns = _sources(drawn.image.shape[1], width, name)
    frame = drawn.frame
    if frame is not None:
        frame = _mapped(frame, rows, columns)
    return replace(
        drawn, image=resize(drawn.image, height, width, name), mask=_any(drawn.mask, rows, columns), frame=frame
    )


Spans = NDArray[np.int64]
"""int64 ``(length, 2)``: first and past last pixel of the source that each pixel of the result is made of."""


def _sources(before: int, after: int, name: str) -> Spans:
    scale = before / after
    at = np.arange(after)
    if name == "nearest":
        first = np.minimum(((at + 0.5) * scale).astype(np.int64), before - 1)
        return np.stack([first, first + 1], axis=1)
    slack = TOUCHED * scale
    first = np.floor(at * scale + slack).astype(np.int64)
    last = np.ceil((at + 1) * scale - slack).astype(np.int64)
    return np.stack([first, np.clip(last, first + 1, before)], axis=1)


def _any(mask: Mask, rows: Spans, columns: Spans) -> Mask:
    """Whether any pixel of the source was covered, for every pixel of the result."""
    down = np.zeros((len(mask) + 1, mask.shape[1]), dtype=np.int32)
    np.cumsum(mask, axis=0, out=down[1:])
    tall = down[rows[:, 1]] > down[rows[:, 0]]
    across = np.zeros((len(tall), mask.shape[1] + 1), dtype=np.int32)
    np.cumsum(tall, axis=1, out=across[:, 1:])
    covered: Mask = across[:, columns[:, 1]] > across[:, columns[:, 0]]
    return covered


def _mapped(frame: Frame, rows: Spans, columns: Spans) -> Frame:
    left, right = _inside(columns, frame.inner.left, frame.inner.right)
    top, bottom = _inside(rows, frame.inner.top, frame.inner.bottom)
    inner = Box(left, top, right, bottom)
    left, right = _touching(columns, frame.outer.left, frame.outer.right)
    top, bottom = _touching(rows, frame.outer.top, frame.outer.bottom)
    return Frame(inner, Box(left, top, right, bottom), frame.sides, frame.kind)


def _inside(spans: Spans, begin: int, end: int) -> tuple[int, int]:
    """First and past last pixel of the result that are made of pixels of the source within a range alone."""
    within = np.flatnonzero((spans[:, 0] >= begin) & (spans[:, 1] <= end))
    return int(within[0]), int(within[-1]) + 1


def _touching(spans: Spans, begin: int, end: int) -> tuple[int, int]:
    """First and past last pixel of the result that are made of any pixel of the source within a range."""
    touched = np.flatnonzero((spans[:, 1] > begin) & (spans[:, 0] < end))
    return int(touched[0]), int(touched[-1]) + 1


def worn(drawn: Drawn, rng: np.random.Generator, parameters: Parameters) -> Drawn:
    """A picture after sharpening and compression, at the same size; ``details["steps"]`` says what it went through.

    Args:
        drawn: The picture.
        rng: Source of every choice.
        parameters: How often which.
    """
    image, encoded, steps = drawn.image, None, dict[str, Any]()
    if rng.random() < parameters.sharpened:
        radius, percent = rng.uniform(0.5, 2), int(rng.integers(30, 150))
        image = np.asarray(PillowImage.fromarray(image).filter(ImageFilter.UnsharpMask(radius, percent, 2)))
        steps["sharpened"] = percent
    roll = rng.random()
    if roll < parameters.jpeg + parameters.webp:
        name = "jpeg" if roll < parameters.jpeg else "webp"
        times = 2 if rng.random() < parameters.doubled else 1
        steps[name] = [
            int(rng.integers(parameters.lowest_quality, parameters.highest_quality + 1)) for _ in range(times)
        ]
        for quality in steps[name]:
            encoded = _compressed(image, rng, name, quality)
            image = decode(encoded)
    return replace(drawn, image=image, encoded=encoded, details=drawn.details | {"steps": steps})


def _compressed(image: Image, rng: np.random.Generator, name: str, quality: int) -> bytes:
    buffer, picture = BytesIO(), PillowImage.fromarray(image)
    if name == "jpeg":
        subsampling = SUBSAMPLINGS[rng.choice(3, p=[0.25, 0.1, 0.65])]
        picture.save(buffer, "JPEG", quality=quality, subsampling=subsampling)
    else:
        picture.save(buffer, "WEBP", quality=quality, method=0)
    return buffer.getvalue()
