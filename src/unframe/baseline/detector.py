"""The classical detector as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from unframe.baseline.decide import carried, frame, verdict
from unframe.baseline.edges import opencv
from unframe.baseline.locate import locate
from unframe.baseline.measure import Measurements, measure
from unframe.baseline.parameters import Parameters
from unframe.baseline.rules import WEIGHTS, Weights
from unframe.baseline.score import Score, score
from unframe.types import Detection, Frame, Image


@dataclass(frozen=True, slots=True)
class BaselineDetector:
    """Canny edges and a rule set. Holds no state, so threads may share one.

    Attributes:
        parameters: What it measures with and where it draws the line.
        weights: float32 ``(rules, forms)``: how much each rule speaks for each form of frame.

    Raises:
        MissingExtraError: OpenCV is not installed.
    """

    parameters: Parameters = field(default_factory=Parameters)
    weights: Weights = field(default_factory=lambda: WEIGHTS, repr=False, compare=False)

    def __post_init__(self) -> None:
        opencv()

    @property
    def name(self) -> str:
        """The detector's name, as ``--detector`` takes it."""
        return "baseline"

    @property
    def model(self) -> str:
        """Name and version of the rules."""
        return "canny-rules-1"

    def detect(self, image: Image) -> Detection:
        """Judge one image: uint8 ``(height, width, 3)`` RGB, at least one pixel each way."""
        measured = measure(image, self.parameters)
        scored = score(measured, self.weights)
        framed = bool(scored.depths) and scored.probability >= self.parameters.decision
        found = self._frame(measured, scored) if framed else None
        return Detection(
            verdict=verdict(scored.probability, self.parameters),
            probability=scored.probability,
            framed=framed,
            frame=found,
            width=measured.width,
            height=measured.height,
            detector=self.name,
            model=self.model,
        )

    def _frame(self, measured: Measurements, scored: Score) -> Frame:
        depths = carried(scored, self.parameters)
        boxes = locate(measured, depths, self.parameters)
        return frame(scored, tuple(depths), boxes, (measured.width, measured.height), self.parameters)

    def detect_many(self, images: Sequence[Image]) -> list[Detection]:
        """Judge several images, in order; they may differ in size."""
        return [self.detect(image) for image in images]
