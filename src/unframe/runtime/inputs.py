"""What networks are given, by the word that a card uses for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from unframe.errors import ModelError
from unframe.runtime.card import Card, Shapes
from unframe.runtime.views import views
from unframe.types import Image

Maker = Callable[[Image], dict[str, NDArray[np.uint8]]]
"""Image to uint8 arrays by name, each with a batch axis of one in front."""

SIDE = 128
"""Height and width of the thumbnail that the networks of 2016 were given, in pixels."""


def thumbnail(image: Image, height: int = SIDE, width: int = SIDE, channels: int = 3) -> dict[str, NDArray[np.uint8]]:
    """The whole image small; its aspect ratio is not kept, because bars that filled it up would be frames.

    Args:
        image: uint8 ``(height, width, 3)`` RGB.
        height: Height of the thumbnail in pixels.
        width: Width of the thumbnail in pixels.
        channels: 3 for RGB, 1 for grey (ITU-R 601).

    Returns:
        ``thumbnail``: uint8 ``(1, height, width, channels)``, each pixel the mean of the area that it stands for, so
        that a thin frame grows fainter rather than vanishing between samples.
    """
    picture = PillowImage.fromarray(np.ascontiguousarray(image))
    if channels == 1:
        picture = picture.convert("L")
    small = np.array(picture.resize((width, height), PillowImage.Resampling.BOX))
    return {"thumbnail": small.reshape(1, height, width, channels)}


INPUTS: Mapping[str, Maker] = {"thumbnail": thumbnail, "views": views}
"""Kind of input and what makes it of an image; thumbnails come in any size, in colour or grey, views in one."""


def maker(card: Card) -> Maker:
    """What makes the inputs that a card asks for.

    Raises:
        ModelError: Inputs of this kind or of these shapes are not made.
    """
    kind, shapes = card.input.kind, card.input.shapes
    make = INPUTS.get(kind)
    if make is None:
        known = ", ".join(INPUTS)
        raise ModelError(
            f"card of {card.name}: input.kind is {kind!r}; it must be one of {known}, or unframe is too old"
        )
    shape = shapes.get("thumbnail", ())
    if kind == "thumbnail" and len(shape) == 3:
        make = partial(thumbnail, height=shape[0], width=shape[1], channels=1 if shape[2] == 1 else 3)
    made = {name: array.shape[1:] for name, array in make(np.zeros((8, 8, 3), dtype=np.uint8)).items()}
    if made != dict(shapes):
        raise ModelError(f"card of {card.name}: input.shapes are {_shown(shapes)}; for {kind} they are {_shown(made)}")
    return make


def _shown(shapes: Shapes) -> str:
    return ", ".join(f"{name} {list(shape)}" for name, shape in sorted(shapes.items()))
