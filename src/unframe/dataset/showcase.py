"""A dozen pictures to try everything on: a frame of every kind, and plain pictures that only look framed.

They are drawn on the spot, on photographs that are drawn as well (`unframe.dataset.still_life`), so that they need no
file and belong to nobody.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from unframe.dataset.generator import negatives
from unframe.dataset.generator.drawn import Drawn, Painter, Supplies
from unframe.dataset.generator.generate import PAINTERS
from unframe.dataset.still_life import photograph
from unframe.types import Image

DESIGNS = (
    "border/wood",
    "inset/ring",
    "banner/bottom",
    "decorative/polaroid",
    "padding/black",
    "keyline/single",
    "border/ornament",
    "inset/strip",
    "photograph",
    "own_frame/mirror",
    "rectangular/book",
    "badge_or_text/badge",
)
"""What is shown, in order; all designs are the frame generator's but the photograph, which has nothing added."""

ATTEMPTS = 16
"""Drawings of a design before one whose frame can hardly be seen is shown after all."""


def showcase(seed: int = 0, side: int = 320) -> list[Drawn]:
    """The pictures of `DESIGNS`, with their exact truth.

    Args:
        seed: Another seed, 0 or more, draws other pictures of the same designs.
        side: Longer side in pixels of the photographs that are drawn on; a frame may add to it.

    Returns:
        A picture for each design, in order.

    Raises:
        ValueError: The side is less than 40 pixels.
    """
    return [_drawn(design, [seed, place], side) for place, design in enumerate(DESIGNS)]


def _drawn(design: str, seeds: list[int], side: int) -> Drawn:
    rng = np.random.default_rng(seeds)
    painter = _painter(design)
    for _ in range(ATTEMPTS):
        photo = _photograph(rng, side)
        if painter is None:
            return Drawn(photo, "plain", None, np.zeros(photo.shape[:2], dtype=bool), design)
        drawn = painter(photo, rng, Supplies(lambda chance: _photograph(chance, side)))
        if drawn.label != "unsure":
            break
    return replace(drawn, design=design)


def _painter(design: str) -> Painter | None:
    every: dict[str, Painter] = {name: each for kind in PAINTERS.values() for name, each in kind.items()}
    return (every | negatives.PAINTERS).get(design)


def _photograph(rng: np.random.Generator, side: int) -> Image:
    shorter = round(side * rng.choice([1.0, 1.0, 0.8]))
    return photograph(int(rng.integers(2**31)), shorter, side)
