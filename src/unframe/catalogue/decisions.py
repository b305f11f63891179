"""What a person decided about templates, and a detector that holds to it."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from unframe.catalogue.look import Look, from_text, look, points
from unframe.catalogue.templates import REACH
from unframe.detector import Detector
from unframe.errors import DatasetError
from unframe.types import Detection, Image, ImageDetector

Choice = Literal["keep", "remove"]

CHOICES: dict[Choice, str] = {
    "keep": "Pictures that carry the template count as clean, and their frame stays.",
    "remove": "Pictures that carry the template count as framed, even those that were up for review.",
}
"""What may be decided about a template; nothing is decided where the cell is empty."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about one template.

    Attributes:
        template: Its name.
        choice: What was decided.
        looks: What it looks like on some of its pictures.
        reach: How far a frame that falls under it may lie from one of them.
    """

    template: str
    choice: Choice
    looks: tuple[Look, ...]
    reach: float = REACH


class Decisions:
    """Decisions about templates, and which of them a frame falls under.

    Args:
        decisions: What was decided.
    """

    def __init__(self, decisions: Sequence[Decision]) -> None:
        self.decisions = tuple(decisions)
        looks = [each for decision in self.decisions for each in decision.looks]
        self._owners = [decision for decision in self.decisions for _ in decision.looks]
        self._points: NDArray[np.float32] = points(looks) if looks else np.zeros((0, 0), dtype=np.float32)

    @classmethod
    def read(cls, path: Path) -> Decisions:
        """Read the ``templates.csv`` that `unframe templates` wrote and a person filled in.

        Raises:
            DatasetError: It cannot be read, or a decision is no decision.
        """
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.DictReader(file))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise DatasetError(f"{path} cannot be read: {error}; name a templates.csv") from error
        found = [_decision(row, f"{path}, row {number}") for number, row in enumerate(rows, start=2)]
        return cls([each for each in found if each is not None])

    def on(self, found: Look) -> Decision | None:
        """The decision that a frame falls under, the nearest one; ``None`` where that is out of reach."""
        if not self._owners:
            return None
        away = np.linalg.norm(self._points - points([found])[0], axis=1)
        nearest = int(away.argmin())
        owner = self._owners[nearest]
        return owner if away[nearest] <= owner.reach else None

    @property
    def digest(self) -> str:
        """Eight hexadecimal digits that stand for all that was decided."""
        texts = [
            f"{each.choice} {each.reach} {' '.join(one.tobytes().hex() for one in each.looks)}"
            for each in self.decisions
        ]
        return hashlib.sha256("\n".join(sorted(texts)).encode()).hexdigest()[:8]


def _decision(row: dict[str, str | None], where: str) -> Decision | None:
    if not {"template", "decision", "reach", "looks"} <= row.keys():
        raise DatasetError(
            f"{where} lacks template, decision, reach or looks; name the file that unframe templates wrote"
        )
    choice = (row["decision"] or "").strip().lower()
    if not choice:
        return None
    if choice not in get_args(Choice):
        raise DatasetError(f"{where} has decision {choice!r}; write {' or '.join(CHOICES)}, or leave it empty")
    try:
        looks = tuple(from_text(each) for each in (row["looks"] or "").split() or [""])
        reach = float(row["reach"] or "")
    except ValueError as error:
        raise DatasetError(f"{where} has looks or a reach that were changed ({error}); write the file anew") from error
    return Decision(row["template"] or "", choice, looks, reach)  # type: ignore[arg-type]


def decided(detector: Detector, path: Path) -> Detector:
    """A detector that holds to the decisions in a file.

    Raises:
        DatasetError: The file cannot be read, or a decision is no decision.
    """
    return Detector(DecidedDetector(detector, Decisions.read(path)), detector.settings)


class DecidedDetector:
    """Another detector's answers, but for frames that a decision was made about.

    The probability stays what the other detector says; verdict, and whether there is a frame, follow the decision.

    Args:
        detector: The other detector.
        decisions: What was decided.
    """

    def __init__(self, detector: ImageDetector, decisions: Decisions) -> None:
        self._detector = detector
        self._decisions = decisions

    @property
    def name(self) -> str:
        """The other detector's name."""
        return self._detector.name

    @property
    def model(self) -> str:
        """The other detector's model, and which decisions were held to."""
        return f"{self._detector.model}+templates-{self._decisions.digest}"

    @property
    def digest(self) -> str:
        """The other detector's digest."""
        digest: str = getattr(self._detector, "digest", "")
        return digest

    def detect(self, image: Image) -> Detection:
        """Judge one image: uint8 ``(height, width, 3)`` RGB."""
        return self._decided(image, self._detector.detect(image))

    def detect_many(self, images: Sequence[Image]) -> list[Detection]:
        """Judge several images, in order."""
        found = self._detector.detect_many(images)
        return [self._decided(image, each) for image, each in zip(images, found, strict=True)]

    def _decided(self, image: Image, found: Detection) -> Detection:
        decision = self._decisions.on(look(image, found.frame)) if found.frame else None
        found = replace(found, model=self.model)
        if decision is None:
            return found
        if decision.choice == "keep":
            return replace(found, verdict="clean", framed=False, frame=None)
        return replace(found, verdict="framed")
