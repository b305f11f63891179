"""A photograph whose every pixel tells where it was, and what the painters draw from besides it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tests.draw import product
from unframe.dataset.generator.drawn import Drawn, Supplies
from unframe.types import Image


def coded(width: int = 200, height: int = 160) -> Image:
    """Red is the column, green the row, blue a constant: a pixel that moved still says where it came from."""
    rows, columns = np.mgrid[0:height, 0:width]
    image: Image = np.stack([columns, rows, np.full_like(rows, 77)], axis=2).astype(np.uint8)
    return image


def untouched(drawn: Drawn) -> NDArray[np.bool_]:
    """Pixels of a drawn picture that are pixels of `coded`, all moved by the one offset that most of them agree on."""
    rows, columns = np.mgrid[0 : drawn.image.shape[0], 0 : drawn.image.shape[1]]
    across = columns - drawn.image[..., 0].astype(int)
    down = rows - drawn.image[..., 1].astype(int)
    coded_blue = drawn.image[..., 2] == 77
    moves, counts = np.unique(np.stack([across, down], -1)[coded_blue], axis=0, return_counts=True)
    best = moves[counts.argmax()]
    same: NDArray[np.bool_] = coded_blue & (across == best[0]) & (down == best[1])
    return same


def ring_art(size: int = 120) -> NDArray[np.uint8]:
    """Overlay art: a red band with a soft inner edge around a transparent centre."""
    art = np.zeros((size, size, 4), dtype=np.uint8)
    art[..., 0] = 220
    art[..., 3] = 255
    art[10:-10, 10:-10, 3] = 90
    art[12:-12, 12:-12, 3] = 0
    return art


def supplies(overlays: bool = True) -> Supplies:
    """Other photographs are drawn products; overlay art is one ring."""
    others = [product(180, 140, seed, (255, 255, 255) if seed % 2 else (90, 120, 140)) for seed in range(4)]
    return Supplies(lambda rng: others[rng.integers(len(others))], [ring_art()] if overlays else [])
