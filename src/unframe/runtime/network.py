"""The network as a detector: image to inputs, logit to verdict, heads to frame."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from unframe.errors import ModelError
from unframe.runtime.card import CARD_FILE, WEIGHTS_FILE, Card
from unframe.runtime.inputs import Maker, maker
from unframe.runtime.locate import Evidence, locate
from unframe.runtime.session import Inputs, Outputs, Session
from unframe.types import Detection, Frame, Image

DEFAULT_MODEL = "unframe-1"
SHIPPED = Path(__file__).parent / "weights"
"""Where the models lie that are installed with unframe, a folder each."""
BATCH = 8
"""Images that go through the network together; larger batches only take more memory."""


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

    def detect(self, image: Image) -> Detection:
        """Judge one image: uint8 ``(height, width, 3)`` RGB."""
        return self._detection(image, self.evidence(image))

    def detect_many(self, images: Sequence[Image]) -> list[Detection]:
        """Judge several images, in order; they may differ in size.

        Images go through the network in batches of eight. Sums are then taken in another order, so that a probability
        may differ from that of `detect` in the sixth decimal.
        """
        found: list[Detection] = []
        for start in range(0, len(images), BATCH):
            batch = images[start : start + BATCH]
            pairs = zip(batch, self._answers(batch), strict=True)
            found.extend(self._detection(image, answer) for image, answer in pairs)
        return found

    def evidence(self, image: Image) -> Answer:
        """What the network sees in an image, uint8 ``(height, width, 3)`` RGB, and what it answers."""
        return self._answers([image])[0]

    def _answers(self, batch: Sequence[Image]) -> list[Answer]:
        views = [self._inputs(image) for image in batch]
        outputs = self._session.run({name: np.concatenate([each[name] for each in views]) for name in views[0]})
        rows = [{head: values[at : at + 1] for head, values in outputs.items()} for at in range(len(batch))]
        return [Answer(each, row, self._probability(row)) for each, row in zip(views, rows, strict=True)]

    def _probability(self, outputs: Outputs) -> float:
        return self.card.calibration.probability(float(outputs["logit"][0, 0]))

    def _detection(self, image: Image, answer: Answer) -> Detection:
        thresholds = self.card.thresholds
        probability = answer.probability
        framed = probability >= thresholds.decision
        height, width = image.shape[:2]
        return Detection(
            verdict=thresholds.verdict(probability),
            probability=probability,
            framed=framed,
            frame=_frame(image, answer) if framed else None,
            width=width,
            height=height,
            detector=self.name,
            model=self.model,
        )


def _frame(image: Image, answer: Answer) -> Frame:
    """Where the frame is: by the network and the image, or by the image alone where the network only judges."""
    heads = set(answer.outputs) - {"logit"}
    return locate(image, Evidence.of(answer.outputs) if heads else Evidence.none())


def find(model: str | os.PathLike[str]) -> Path:
    """The folder of a model, by the name of an installed one, or by the path of its folder or card.

    Raises:
        ModelError: There is no such model.
    """
    shipped = SHIPPED / model
    if isinstance(model, str) and shipped.parent == SHIPPED and (shipped / CARD_FILE).is_file():
        return shipped
    path = Path(model)
    if path.name == CARD_FILE and path.is_file():
        return path.parent
    if path.is_dir():
        return path
    names = ", ".join(card.name for card in installed()) or "none"
    raise ModelError(f"there is no model {os.fspath(model)!r}; installed: {names}; or name a folder with {CARD_FILE}")


def installed() -> list[Card]:
    """The cards of the models that are installed with unframe, by name."""
    return [Card.read(path) for path in sorted(SHIPPED.glob(f"*/{CARD_FILE}"))]
