"""Colours of frames and products: how sellers choose them, and which go together."""

from __future__ import annotations

import colorsys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unframe.dataset.generator.parameters import Parameters
from unframe.types import Image

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
METALS: tuple[Colour, ...] = ((212, 175, 55), (190, 150, 80), (160, 120, 50), (192, 192, 196), (150, 152, 156))


def colour(rng: np.random.Generator, photo: Image, parameters: Parameters) -> Colour:
    """A colour as sellers choose them: strong, pastel, dark, metal, white, black, or matched to the photograph.

    Args:
        rng: Source of every choice.
        photo: uint8 ``(height, width, 3)`` RGB, whose own colours and backdrop are among the choices.
        parameters: How often a colour is taken from the photograph.

    Returns:
        RGB, 0 to 255.
    """
    return _matched(rng, photo, parameters) or free_colour(rng)


def frame_colour(rng: np.random.Generator, photo: Image, parameters: Parameters) -> Colour:
    """A colour as `colour` gives it, that can be told from the photograph's edge unless it is matched to it."""
    return _matched(rng, photo, parameters) or seen_beside(rng, photo)


def _matched(rng: np.random.Generator, photo: Image, parameters: Parameters) -> Colour | None:
    """A colour from the photograph, in some of the cases."""
    roll = rng.random()
    if roll < parameters.colour_sampled:
        return sampled_colour(rng, photo)
    if roll < parameters.colour_sampled + parameters.colour_matched:
        return near(rng, edge_colour(photo), 40)
    return None


def seen_beside(rng: np.random.Generator, photo: Image) -> Colour:
    """A colour that can be told from the photograph's edge: RGB, 0 to 255."""
    edge = edge_colour(photo)
    for _ in range(4):
        choice = free_colour(rng)
        if max(abs(np.subtract(choice, edge))) >= 25:
            return choice
    return companion(rng, edge)


def free_colour(rng: np.random.Generator) -> Colour:
    """A colour that is not matched to any photograph: RGB, 0 to 255."""
    families = list(_FAMILIES.values())
    return families[rng.choice(len(families), p=[each.share for each in families])].pick(rng)


def hsv(hue: float, saturation: float, value: float) -> Colour:
    """RGB, 0 to 255, of a hue, saturation and value that each lie in 0 to 1."""
    red, green, blue = colorsys.hsv_to_rgb(hue, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def near(rng: np.random.Generator, centre: Colour, spread: int) -> Colour:
    """A colour whose channels each differ from the centre's by at most ``spread``."""
    return _colour_of(np.array(centre) + rng.integers(-spread, spread + 1, 3))


def sampled_colour(rng: np.random.Generator, photo: Image) -> Colour:
    """The mean of a small patch somewhere in the photograph."""
    y, x = int(rng.integers(photo.shape[0])), int(rng.integers(photo.shape[1]))
    return _colour_of(photo[y : y + 4, x : x + 4].mean(axis=(0, 1)))


def edge_colour(photo: Image) -> Colour:
    """The median colour of the photograph's outermost pixels: its backdrop, when it has one."""
    edge = np.concatenate([photo[0], photo[-1], photo[:, 0], photo[:, -1]])
    return _colour_of(np.median(edge, axis=0))


def luminance(shade: Colour) -> float:
    """Rec. 601 luma of an RGB colour, 0 to 255."""
    return 0.299 * shade[0] + 0.587 * shade[1] + 0.114 * shade[2]


def blend(first: Colour, second: Colour, share: float) -> Colour:
    """``first`` with this share, 0 to 1, of ``second`` mixed in."""
    return _colour_of(np.array(first) * (1 - share) + np.array(second) * share)


def companion(rng: np.random.Generator, base: Colour) -> Colour:
    """A second colour that designers put beside the base and that can be told from it: a tint, a shade or any other."""
    for _ in range(4):
        tint, shade = blend(base, WHITE, rng.uniform(0.25, 0.8)), blend(base, BLACK, rng.uniform(0.25, 0.65))
        other = (tint, shade, WHITE, free_colour(rng))[rng.choice(4, p=[0.3, 0.25, 0.15, 0.3])]
        if max(abs(np.subtract(other, base))) >= 40:
            return other
    return blend(base, WHITE if luminance(base) < 128 else BLACK, 0.4)


def ink(rng: np.random.Generator, ground: Colour) -> Colour:
    """A colour that can be read on this ground: its luma differs by at least 90."""
    candidates = [free_colour(rng) for _ in range(3)] if rng.random() < 0.5 else []
    readable = [each for each in candidates if abs(luminance(each) - luminance(ground)) >= 90]
    return readable[0] if readable else (WHITE if luminance(ground) < 140 else (20, 20, 20))


@dataclass(frozen=True, slots=True)
class _Family:
    share: float
    pick: Callable[[np.random.Generator], Colour]


_FAMILIES = {
    "strong": _Family(0.38, lambda rng: hsv(rng.random(), rng.uniform(0.6, 1), rng.uniform(0.45, 1))),
    "pastel": _Family(0.12, lambda rng: hsv(rng.random(), rng.uniform(0.08, 0.35), rng.uniform(0.85, 1))),
    "dark": _Family(0.12, lambda rng: hsv(rng.random(), rng.uniform(0.2, 0.9), rng.uniform(0.1, 0.35))),
    "white": _Family(0.10, lambda rng: WHITE),
    "off-white": _Family(0.04, lambda rng: near(rng, (247, 247, 245), 7)),
    "black": _Family(0.06, lambda rng: BLACK),
    "off-black": _Family(0.04, lambda rng: near(rng, (14, 14, 14), 10)),
    "grey": _Family(0.06, lambda rng: near(rng, blend(BLACK, WHITE, rng.uniform(0.25, 0.9)), 4)),
    "metal": _Family(0.08, lambda rng: near(rng, METALS[rng.integers(len(METALS))], 14)),
}


def _colour_of(values: NDArray[np.generic]) -> Colour:
    red, green, blue = np.clip(np.rint(values.astype(np.float64)), 0, 255).astype(int).tolist()
    return red, green, blue
