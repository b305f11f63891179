"""What a painter of the generator gets and gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from unframe.dataset.generator.parameters import Parameters
from unframe.types import Box, Frame, Image

Label = Literal["framed", "plain", "unsure"]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture that was drawn, with its exact truth.

    Attributes:
        image: The picture, uint8 ``(height, width, 3)`` RGB.
        label: ``framed``, ``plain``, or ``unsure`` when the frame is too faint to see.
        frame: Where the frame is; ``None`` unless the label is ``framed`` or ``unsure``.
        mask: bool ``(height, width)``, true on every pixel that the frame covers at least in part. The margin outside
            an inset frame is not covered. All false on a plain picture.
        design: Name of the painter's design, as ``border/stripes`` or ``poster``.
        hard: For a plain picture, why it may look framed (the tags of the labelling guide); empty otherwise.
        details: What the painter chose, for the record: colours, thickness, texture. JSON types only.
        encoded: The file, JPEG or WebP, that decodes to the image, when compression was the last that happened to it.
    """

    image: Image
    label: Label
    frame: Frame | None
    mask: NDArray[np.bool_]
    design: str
    hard: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    encoded: bytes | None = None

    def __post_init__(self) -> None:
        if (self.frame is None) != (self.label == "plain"):
            raise ValueError(f"a drawn picture labelled {self.label} has frame {self.frame}")
        if self.mask.shape != self.image.shape[:2]:
            raise ValueError(f"mask of shape {self.mask.shape} on an image of shape {self.image.shape}")

    @property
    def whole(self) -> Box:
        """The box that covers the picture."""
        return Box.whole(self.image.shape[1], self.image.shape[0])


def _no_cover(rng: np.random.Generator) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Supplies:
    """What a painter may draw from besides the photograph itself.

    Attributes:
        photo: Gives another photograph, chosen by the random generator, at about the size that is being drawn.
        overlays: Frame art with a transparent centre, each uint8 ``(height, width, 4)`` RGBA; may be empty.
        parameters: Shares and distributions.
        cover: Gives the cover of a book, film or game, likewise; ``None`` where there is no photograph of one.
    """

    photo: Callable[[np.random.Generator], Image]
    overlays: Sequence[Image] = ()
    parameters: Parameters = field(default_factory=Parameters)
    cover: Callable[[np.random.Generator], Image | None] = _no_cover


class Painter(Protocol):
    """Draws one design on a photograph.

    The picture that comes back may have another size than the photograph: the generator brings it to the size that
    was asked for. Every choice comes from ``rng``, so that one seed always draws the same picture.
    """

    def __call__(self, photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
        """Draw on a photograph: uint8 ``(height, width, 3)`` RGB, which must not be changed in place."""
        ...
