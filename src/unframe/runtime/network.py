"""The network as a detector: image to inputs, logit to verdict, heads to frame."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from unframe.errors import ModelError
from unframe.runtime.card import CARD_FILE, WEIGHTS_FILE, Card, Shapes
from unframe.runtime.inputs import Maker, maker
from unframe.runtime.locate import SMALLEST, Evidence, locate
from unframe.runtime.session import Inputs, Outputs, Session
from unframe.runtime.views import DEPTH
from unframe.types import KINDS, SIDES, Detection, Frame, Image

DEFAULT_MODEL = "unframe-1"
GEOMETRY: Shapes = {"inner": (len(SIDES), DEPTH), "outer": (len(SIDES), DEPTH), "kind": (len(KINDS),)}
"""Heads that say where a frame is; a network has all of them or none. See `unframe.runtime.locate.Evidence`."""
SHIPPED = Path(__file__).parent / "weights"
"""Where the models lie that are installed with unframe, a folder each."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the network saw in one image and what it answered to it.

    Attributes:
        inputs: uint8 arrays by name, each ``(1, ...)`` as in the card.
        outputs: float32 arrays by name, each ``(1, ...)`` as in the card: the heads before calibration.
        probability: Calibrated probability, 0 to 1, that the image is framed.
    """

    inputs: Inputs
    outputs: Outputs
    probability: float


class NetworkDetector:
    """A network with its card, run by ONNX Runtime; safe to share between threads.

    Args:
        card: What is known about the network.
        session: The network.

    Raises:
        ModelError: The card names inputs that are not made, or the network does not answer to a blank image.
    """

    name = "cnn"

    def __init__(self, card: Card, session: Session) -> None:
        self.card = card
        self._session = session
        self._locates = _locates(card)
        self._inputs: Maker = maker(card)
        self.evidence(np.full((32, 32, 3), 255, dtype=np.uint8))  # a wrong shape shows now, not at the first image

    @classmethod
    def load(cls, model: str | os.PathLike[str] = DEFAULT_MODEL) -> NetworkDetector:
        """Open a model.

        Args:
            model: Name of a model that is installed, or the path of a model's folder or of its card.

        Raises:
            ModelError: There is no such model, or its files cannot be trusted.
        """
        folder = find(model)
        card = Card.read(folder / CARD_FILE)
        return cls(card, Session.open(folder / WEIGHTS_FILE, card))

    @property
    def model(self) -> str:
        """Name of the weights."""
        return self.card.name

    @property
    def digest(self) -> str:
        """Digest of the card, and with it of the weights: two runs of a recipe share a name."""
        return hashlib.sha256(self.card.to_json().encode()).hexdigest()[:16]

    def detect(self, image: Image) -> Detection:
        """Judge one image: uint8 ``(height, width, 3)`` RGB."""
        return self._detection(image, self.evidence(image))

    def detect_many(self, images: Sequence[Image]) -> list[Detection]:
        """Judge several images, in order; they may differ in size.

        They go through the network one by one, so that an image is judged alike, to the last digit, in any company.
        On one core, batches saved the released network a tenth of its share of the time, which is small beside
        decoding, and cost the wide layers of 2016 time, because they outgrow the caches.
        """
        return [self.detect(image) for image in images]

    def evidence(self, image: Image) -> Answer:
        """What the network sees in an image, uint8 ``(height, width, 3)`` RGB, and what it answers."""
        inputs = self._inputs(image)
        outputs = self._session.run(inputs)
        logit = float(outputs["logit"][0, 0])
        return Answer(inputs, outputs, self.card.calibration.probability(logit))

    def _detection(self, image: Image, answer: Answer) -> Detection:
        thresholds = self.card.thresholds
        # On a picture this small there is no room for a frame and a photograph, whatever the network makes of it.
        probability = answer.probability if min(image.shape[:2]) >= SMALLEST else 0.0
        framed = probability >= thresholds.decision
        height, width = image.shape[:2]
        return Detection(
            verdict=thresholds.verdict(probability),
            probability=probability,
            framed=framed,
            frame=self._frame(image, answer) if framed else None,
            width=width,
            height=height,
            detector=self.name,
            model=self.model,
        )

    def _frame(self, image: Image, answer: Answer) -> Frame:
        """Where the frame is: by the network and the image, or by the image alone where the network only judges."""
        return locate(image, Evidence.of(answer.outputs) if self._locates else Evidence.none())


def _locates(card: Card) -> bool:
    """Whether the network has the heads that say where a frame is.

    Raises:
        ModelError: It has some of them, or of other shapes.
    """
    found = {head: shape for head, shape in card.outputs.items() if head in GEOMETRY}
    if found and found != GEOMETRY:
        raise ModelError(f"card of {card.name}: outputs have {found}; frames are located by all of {GEOMETRY} or none")
    return bool(found)


def find(model: str | os.PathLike[str]) -> Path:
    """The folder of a model, by the name of an installed one, or by the path of its folder or card.

    Raises:
        ModelError: There is no such model.
    """
    shipped = {path.parent.name: path.parent for path in _shipped()}
    if isinstance(model, str) and model in shipped:
        return shipped[model]
    path = Path(model)
    with suppress(OSError, ValueError):  # a name that no file can have
        if path.name == CARD_FILE and path.is_file():
            return path.parent
        if os.fspath(model) and path.is_dir():
            return path
    names = ", ".join(shipped) or "none"
    raise ModelError(f"there is no model {os.fspath(model)!r}; installed: {names}; or name a folder with {CARD_FILE}")


def installed() -> list[Card]:
    """The cards of the models that are installed with unframe, by name."""
    return [Card.read(path) for path in _shipped()]


def _shipped() -> list[Path]:
    return sorted(SHIPPED.glob(f"*/{CARD_FILE}"))
