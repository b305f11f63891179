"""How well frames are located: side by side in pixels, and as overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from unframe.dataset.records import Quality, Sample
from unframe.evaluation.metrics import Estimate, group_numbers, share
from unframe.evaluation.run import Judged
from unframe.types import SIDES, Detection, Side

TRUSTED: tuple[Quality, ...] = ("exact", "drawn")
"""Geometry is scored against boxes of these qualities only, each apart."""


@dataclass(frozen=True, slots=True)
class Located:
    """A found box beside the true one.

    Attributes:
        error: For each side, how many pixels further inside the found box ends than the true one: positive cuts into
            the photograph, negative leaves some of the frame.
        allowed: For each side, the pixels it may be off.
        iou: Intersection over union of the two inner boxes, 0 to 1.
        sides_agree: Whether the framed sides are the true ones, where those are known.
        kind_agrees: Whether the kind of frame is the true one, where that is known.
    """

    error: dict[Side, int]
    allowed: dict[Side, float]
    iou: float
    sides_agree: bool | None
    kind_agrees: bool | None

    @property
    def within(self) -> bool:
        """Whether all four sides are within what is allowed."""
        return all(abs(self.error[side]) <= self.allowed[side] for side in SIDES)


def tolerance(width: int, height: int) -> dict[Side, float]:
    """Pixels that each side may be off: 2, or half a per cent of the picture across that side if that is more."""
    across = {"top": height, "bottom": height, "left": width, "right": width}
    return {side: max(2.0, 0.005 * across[side]) for side in SIDES}


def locate(sample: Sample, detection: Detection) -> Located | None:
    """The found box beside the true one; ``None`` where there is no true box, or none was found."""
    if sample.inner is None or detection.frame is None:
        return None
    size = detection.width, detection.height
    true, found = sample.inner.margins(*size), detection.frame.inner.margins(*size)
    return Located(
        error={side: found[side] - true[side] for side in SIDES},
        allowed=tolerance(*size),
        iou=sample.inner.iou(detection.frame.inner),
        sides_agree=sample.sides == detection.frame.sides if sample.sides else None,
        kind_agrees=sample.kind == detection.frame.kind if sample.kind else None,
    )


def thickness(sample: Sample) -> float | None:
    """Width of the widest band of a frame, as a share of the picture across it; ``None`` where unknown.

    The margin outside an inset frame does not count.
    """
    if sample.inner is None or sample.outer is None or not sample.width or not sample.height:
        return None
    inner, outer = (box.margins(sample.width, sample.height) for box in (sample.inner, sample.outer))
    across = {"top": sample.height, "bottom": sample.height, "left": sample.width, "right": sample.width}
    return max((inner[side] - outer[side]) / across[side] for side in SIDES)


@dataclass(frozen=True, slots=True)
class SideError:
    """Errors on one side of the frames that were found, in pixels.

    Attributes:
        median: Median of the absolute error.
        ninetieth: 90th percentile of the absolute error.
        cuts: Share of the pictures in which the photograph is cut by more than is allowed.
        leaves: Share of the pictures in which more of the frame is left than is allowed.
    """

    median: float
    ninetieth: float
    cuts: float
    leaves: float


@dataclass(frozen=True, slots=True)
class Geometry:
    """How well one detector locates frames whose boxes are known.

    Attributes:
        framed: Pictures whose frame is known.
        found: Those of them that the detector calls framed.
        within: Share of all of them with all four sides within tolerance; a frame that is missed counts as missed.
        within_found: The same share among those found.
        iou_mean: Mean overlap with the true inner box among those found.
        iou_median: Median of the same.
        sides: Errors on each side among those found; empty when none is.
        sides_agree: Share of those found whose framed sides are all right.
        kind_agrees: Share of those found whose kind is right.
    """

    framed: int
    found: int
    within: Estimate
    within_found: Estimate
    iou_mean: float | None
    iou_median: float | None
    sides: dict[Side, SideError]
    sides_agree: float | None
    kind_agrees: float | None


def geometry(judged: Sequence[Judged], detector: str, quality: Quality) -> Geometry | None:
    """How well a detector locates the frames whose boxes are of this quality; ``None`` when there are none."""
    known = [
        each
        for each in judged
        if each.sample.label == "framed" and each.sample.inner and each.sample.geometry_quality == quality
    ]
    if not known:
        return None
    located = [locate(each.sample, each.detections[detector]) for each in known]
    found = [each for each in located if each is not None]
    within = np.array([each is not None and each.within for each in located], dtype=bool)
    is_found = np.array([each is not None for each in located], dtype=bool)
    group = group_numbers(known)
    overlaps = np.array([each.iou for each in found])
    return Geometry(
        framed=len(known),
        found=len(found),
        within=share(within, group),
        within_found=share(within[is_found], group[is_found]),
        iou_mean=float(overlaps.mean()) if found else None,
        iou_median=float(np.median(overlaps)) if found else None,
        sides={side: _side_error(found, side) for side in SIDES} if found else {},
        sides_agree=_mean([each.sides_agree for each in found]),
        kind_agrees=_mean([each.kind_agrees for each in found]),
    )


def _side_error(found: Sequence[Located], side: Side) -> SideError:
    error = np.array([each.error[side] for each in found])
    allowed = np.array([each.allowed[side] for each in found])
    return SideError(
        median=float(np.median(np.abs(error))),
        ninetieth=float(np.quantile(np.abs(error), 0.9)),
        cuts=float((error > allowed).mean()),
        leaves=float((error < -allowed).mean()),
    )


def _mean(answers: Sequence[bool | None]) -> float | None:
    known = [answer for answer in answers if answer is not None]
    return sum(known) / len(known) if known else None
