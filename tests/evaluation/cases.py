"""Judged pictures for tests, made up without detector or file, and a detector that answers by rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from unframe.dataset.records import Label, Sample
from unframe.evaluation.metrics import Scored
from unframe.evaluation.run import Judged
from unframe.types import SIDES, Box, Detection, Frame, Image, Verdict

WIDTH, HEIGHT = 200, 100
WHOLE = Box.whole(WIDTH, HEIGHT)


def verdict(probability: float) -> Verdict:
    """Framed from 0.7 on, clean below 0.3."""
    return "framed" if probability >= 0.7 else "clean" if probability < 0.3 else "review"


def detection(probability: float, inner: Box | None = None, name: str = "rule", **frame: Any) -> Detection:
    """What a detector might say about a picture of 200 × 100 pixels; framed from one half on."""
    framed = probability >= 0.5
    inside = inner or Box(10, 10, WIDTH - 10, HEIGHT - 10)
    found = Frame(inside, frame.pop("outer", WHOLE), **({"sides": SIDES, "kind": "border"} | frame))
    return Detection(
        verdict(probability), probability, framed, found if framed else None, WIDTH, HEIGHT, name, f"{name}-1"
    )


def truth(label: Label, source: str = "shop", number: int = 0, **more: Any) -> Sample:
    """A labelled picture of 200 × 100 pixels; a framed one has a border of 10 pixels unless told otherwise."""
    frame: dict[str, Any] = (
        {"kind": "border", "sides": SIDES, "inner": Box(10, 10, 190, 90), "outer": WHOLE, "geometry_quality": "exact"}
        if label == "framed"
        else {}
    )
    size = {"width": WIDTH, "height": HEIGHT}
    return Sample(**({"path": Path(f"/{source}/{number}.png"), "label": label, "source": source} | frame | size | more))


def judged(sample: Sample, *detections: Detection) -> Judged:
    """A picture with what these detectors say."""
    return Judged(sample, {each.detector: each for each in detections})


def random_scores(rng: np.random.Generator, size: int, groups: int = 8, steps: int = 12) -> Scored:
    """Random truths and probabilities, with ties."""
    framed = rng.random(size) < 0.4
    framed[:2] = (True, False)
    probability = np.clip(np.round((framed * 0.2 + rng.random(size) * 0.8) * steps) / steps, 0, 1)
    return Scored(
        truth=framed,
        probability=probability,
        decided=probability >= 0.5,
        cut=probability >= 0.7,
        review=(probability >= 0.3) & (probability < 0.7),
        group=rng.integers(0, groups, size),
    )


@dataclass
class Rule:
    """A detector that calls a picture framed by how dark its first pixel is, and counts how often it is asked."""

    name: str = "rule"
    model: str = "rule-1"
    digest: str = ""
    asked: list[Image] = field(default_factory=list)

    def detect(self, image: Image) -> Detection:
        """Judge one image."""
        self.asked.append(image)
        height, width = image.shape[:2]
        probability = 1 - float(image[0, 0].mean()) / 255
        framed = probability >= 0.5
        whole = Box.whole(width, height)
        frame = Frame(Box(4, 4, width - 4, height - 4), whole, SIDES, "border") if framed else None
        return Detection(verdict(probability), probability, framed, frame, width, height, self.name, self.model)

    def detect_many(self, images: Sequence[Image]) -> list[Detection]:
        """Judge several images."""
        return [self.detect(image) for image in images]
