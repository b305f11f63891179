"""Decide: from log-odds and boxes to a verdict and a kind. Thresholds, and no pixel."""

from __future__ import annotations

from unframe.baseline.parameters import Parameters
from unframe.baseline.score import Score
from unframe.types import Box, Frame, Kind, Side, Verdict


def verdict(probability: float, parameters: Parameters) -> Verdict:
    """``framed``, ``clean``, or ``review`` between the two."""
    if probability >= parameters.framed_from:
        return "framed"
    return "clean" if probability < parameters.clean_below else "review"


def carried(scored: Score, parameters: Parameters) -> dict[Side, int]:
    """Depth of the frame on every side that carries it; a side that stands out far less than the best one does not."""
    least = parameters.least_share * max((rules["stands_out"] for rules in scored.rules.values()), default=0.0)
    return {side: depth for side, depth in scored.depths.items() if scored.rules[side]["stands_out"] >= least}


def frame(
    scored: Score, sides: tuple[Side, ...], boxes: tuple[Box, Box], size: tuple[int, int], parameters: Parameters
) -> Frame:
    """The frame with its kind.

    Args:
        scored: What the rules saw.
        sides: The sides that carry the frame.
        boxes: The boxes inside the frame, and where it begins.
        size: Width and height of the image in pixels.
        parameters: Where one kind ends and the next begins.
    """
    inner, outer = boxes
    insides, outsides = inner.margins(*size), outer.margins(*size)
    thickness = {side: (insides[side] - outsides[side]) / min(size) for side in sides}
    return Frame(inner, outer, sides, _kind(scored, thickness, outer != Box.whole(*size), parameters))


def _kind(scored: Score, thickness: dict[Side, float], inset: bool, parameters: Parameters) -> Kind:
    if max(thickness.values()) < parameters.thin:
        return "keyline"
    if inset:
        return "inset"
    if _carries_text(scored, thickness, parameters):
        return "banner"
    return "padding" if set(thickness) in ({"top", "bottom"}, {"left", "right"}) else "border"


def _carries_text(scored: Score, thickness: dict[Side, float], parameters: Parameters) -> bool:
    """Whether the thickest side is a broad band with something on it, and the frame does not run around."""
    thickest = max(thickness, key=lambda side: thickness[side])
    broad = thickness[thickest] >= parameters.banner_thickness
    return broad and len(thickness) < 3 and scored.rules[thickest]["plain_outside"] < parameters.banner_plain
