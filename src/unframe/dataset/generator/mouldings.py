"""Picture frames of wood, metal and card: mouldings with mitred corners, and mats."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw

from unframe.dataset.generator.colours import BLACK, METALS, WHITE, Colour, blend, hsv, near
from unframe.dataset.generator.drawn import Supplies
from unframe.dataset.generator.textures import TEXTURES, WOODS, clouds
from unframe.types import SIDES

Profile = NDArray[np.float32]

SHADES = {"top": 1.06, "right": 0.86, "bottom": 0.8, "left": 0.98}
"""Brightness of the four sides of a moulding that is lit from above and from the left."""


def moulding(
    rng: np.random.Generator, picture: PillowImage.Image, thickness: int, supplies: Supplies, inset: int = 0
) -> None:
    """Draw a moulding along the picture's four sides, in place.

    Args:
        rng: Source of every choice: material, profile, gloss.
        picture: Pillow image of mode ``RGB``.
        thickness: Pixels from the moulding's outer edge to its inner edge.
        supplies: Where fillings come from.
        inset: Pixels between the picture's edge and the moulding.
    """
    width, height = picture.size[0] - 2 * inset, picture.size[1] - 2 * inset
    name, base = _material(rng)
    profile = _profile(rng, thickness)
    # All four sides are cut from one length of moulding: fillings choose their own tone each time they are called.
    filling = TEXTURES[name](rng, thickness, max(width, height), base, supplies).astype(np.float32)
    for side in SIDES:
        length = width if side in {"top", "bottom"} else height
        shade = (profile * SHADES[side])[:, None, None]
        strip = np.clip(filling[:, :length] * shade, 0, 255).astype(np.uint8)
        mitre = PillowImage.new("L", (length, thickness))
        corners = [(0, 0), (length, 0), (length - thickness, thickness), (thickness, thickness)]
        ImageDraw.Draw(mitre).polygon(corners, fill=255)
        turned, mask = _turned(PillowImage.fromarray(strip), side), _turned(mitre, side)
        x = inset + (width - thickness if side == "right" else 0)
        y = inset + (height - thickness if side == "bottom" else 0)
        picture.paste(turned, (x, y), mask)


def mat(
    rng: np.random.Generator,
    picture: PillowImage.Image,
    edge: int,
    opening: int,
    supplies: Supplies,
    base: Colour | None = None,
) -> None:
    """Draw a mat (passe-partout) of card with a bevelled opening, in place.

    Args:
        rng: Source of every choice.
        picture: Pillow image of mode ``RGB``.
        edge: Pixels from the picture's edge to the mat's outer edge.
        opening: Pixels from the picture's edge to the opening, at least ``edge``; the bevel lies outside it.
        supplies: Where fillings come from.
        base: RGB, 0 to 255; the card's colour. ``None`` chooses one, mostly off-white.
    """
    width, height = picture.size
    if base is None:
        base = near(rng, (246, 244, 238), 8) if rng.random() < 0.75 else hsv(rng.random(), 0.4, rng.uniform(0.2, 0.8))
    card = TEXTURES["paper"](rng, height - 2 * edge, width - 2 * edge, base, supplies)
    hole = picture.crop((opening, opening, width - opening, height - opening))
    picture.paste(PillowImage.fromarray(card), (edge, edge))
    bevel = min(opening - edge, max(1, round(min(width, height) * 0.006)))
    pen = ImageDraw.Draw(picture)
    for step in range(bevel):
        low, right, bottom = opening - 1 - step, width - opening + step, height - opening + step
        pen.line([(low, bottom), (low, low), (right, low)], fill=blend(base, BLACK, 0.3))
        pen.line([(right, low), (right, bottom), (low, bottom)], fill=blend(base, WHITE, 0.7))
    picture.paste(hole, (opening, opening))


def _material(rng: np.random.Generator) -> tuple[str, Colour]:
    roll = rng.random()
    if roll < 0.4:
        return "wood", near(rng, WOODS[rng.integers(len(WOODS))], 15)
    if roll < 0.65:
        return "metal", near(rng, METALS[rng.integers(len(METALS))], 12)
    if roll < 0.9:
        return "paper", ((24, 24, 26), (250, 250, 248), (60, 44, 36))[rng.integers(3)]
    return "ornament", near(rng, METALS[rng.integers(len(METALS))], 12)


def _profile(rng: np.random.Generator, thickness: int) -> Profile:
    """Brightness across a moulding from its outer to its inner edge: steps, hollows and rounds."""
    across = np.linspace(0, 1, thickness, dtype=np.float32)
    round_ = 1 + np.float32(rng.uniform(0.05, 0.3)) * np.cos((across - np.float32(0.4)) * np.float32(np.pi))
    waves = np.float32(rng.uniform(0, 0.18)) * np.sin(across * np.float32(np.pi * rng.integers(2, 7)))
    uneven = clouds(rng, 2, thickness, 2, max(thickness / 10, 1))[0] * np.float32(0.04)
    profile: Profile = round_ + waves + uneven - np.float32(0.12)
    profile[:1] *= 0.6
    profile[-max(1, thickness // 14) :] *= np.float32(rng.uniform(0.45, 1.25))
    return profile


def _turned(strip: PillowImage.Image, side: str) -> PillowImage.Image:
    """A strip drawn for the top, its outer edge up, turned for another side."""
    turns = {
        "right": PillowImage.Transpose.ROTATE_270,
        "bottom": PillowImage.Transpose.ROTATE_180,
        "left": PillowImage.Transpose.ROTATE_90,
    }
    return strip.transpose(turns[side]) if side in turns else strip
