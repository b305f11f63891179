"""Whether the detector still says of one picture what it said when it was released.

A wrong library, a damaged build or a processor that computes otherwise shows here, before a request gets a wrong
answer. The picture is drawn with whole numbers alone, so that it is the same on every machine, and takes the whole way:
it is encoded, decoded and judged. What to expect is kept per weights file in ``selftest.json``; after the shipped
weights were replaced, ``python -m scripts.write_selftest`` writes it anew.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from unframe.detector import Detector
from unframe.errors import ModelError
from unframe.imaging import decode, encode
from unframe.runtime import DEFAULT_MODEL, Card, find
from unframe.runtime.card import CARD_FILE
from unframe.types import Detection, Image

FILE = "selftest.json"
TOLERANCE = 0.005
"""How far the probability may be from the stored one; processors with other instructions differ by about 0.00001."""


class Expected(NamedTuple):
    """What a detector said of the picture when it was released.

    Attributes:
        verdict: The verdict.
        probability: Probability that the picture is framed, 0 to 1.
    """

    verdict: str
    probability: float


def picture() -> Image:
    """The self-test's picture, uint8 ``(240, 320, 3)`` RGB: a round product in a border of 14 pixels."""
    height, width, thickness = 240, 320, 14
    rows, columns = np.mgrid[0:height, 0:width].astype(np.int64)
    image = np.stack([230 - columns // 24, 228 - rows // 30, 222 + (rows + columns) // 60], axis=2)
    grain = (rows * 7919 + columns * 104729 + rows * columns * 31) % 5 - 2
    disc = (rows - 126) ** 2 * 9 + (columns - 156) ** 2 * 6 < 9 * 74**2
    shade = np.stack([70 + columns // 5, 96 + rows // 6, 150 - columns // 8], axis=2)
    image = np.where(disc[..., None], shade, image) + grain[..., None]
    edge = np.minimum.reduce([rows, columns, height - 1 - rows, width - 1 - columns])
    image[edge < thickness] = (168, 32, 44)
    drawn: Image = image.clip(0, 255).astype(np.uint8)
    return drawn


def judged(detector: Detector) -> Detection:
    """What a detector says of the picture, from its bytes; limits that were set are for others."""
    return detector.detect(decode(encode(picture(), format="PNG")))


def key(detector_name: str, model: str | None = None) -> str:
    """What the expectation of a detector is stored under: its weights' digest, or the name of its rules.

    Args:
        detector_name: Name of the detector.
        model: A model of one's own, as its name or folder.
    """
    if detector_name != "cnn":
        return detector_name
    return Card.read(find(model or DEFAULT_MODEL) / CARD_FILE).sha256


def stored() -> dict[str, Expected]:
    """Every stored expectation, by `key`."""
    text = (files(__package__) / FILE).read_text(encoding="utf-8")
    return {name: Expected(**each) for name, each in json.loads(text).items()}


def check(detector: Detector, model: str | None = None) -> bool:
    """Judge the picture and compare.

    Args:
        detector: Who judges.
        model: The model of one's own that it was loaded with.

    Returns:
        Whether there was a stored score to compare with. For a model of one's own there is none: then the picture is
        judged twice, which must give the same.

    Raises:
        ModelError: The detector says something else.
    """
    expected = stored().get(key(detector.name, model))
    found = judged(detector)
    known = expected is not None
    if expected is None:
        again = judged(detector)
        expected = Expected(again.verdict, again.probability)
    if found.verdict != expected.verdict or abs(found.probability - expected.probability) > TOLERANCE:
        raise ModelError(
            f"{detector.model} fails its self-test: it says {found.verdict} with {found.probability:.4f}, expected was "
            f"{expected.verdict} with {expected.probability:.4f}; install unframe and ONNX Runtime again"
        )
    return known
