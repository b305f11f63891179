"""Decide: from log-odds and boxes to a verdict and a kind. No pixel is looked at here."""

from __future__ import annotations

from unframe.baseline.parameters import Parameters
from unframe.baseline.score import Score
from unframe.types import Box, Frame, Kind, Side, Verdict


def verdict(probability: float, parameters: Parameters) -> Verdict:
    """``framed``, ``clean``, or ``review`` between the two."""
    if probability >= parameters.framed_from:
        return "framed"
    return "clean" if probability < parameters.clean_below else "review"


def frame(scored: Score, inner: Box, outer: Box, size: tuple[int, int], parameters: Parameters) -> Frame:
    """The frame with its kind.

    Args:
        scored: The sides that carry the frame, and what the rules saw outside them.
        inner: Box inside the frame.
        outer: Box where the frame begins.
        size: Width and height of the image in pixels.
        parameters: Where one kind ends and the next begins.
    """
    thickness = _thickness(scored, inner, outer, size)
    inset = outer != Box.whole(*size)
    return Frame(inner, outer, tuple(scored.depths), _kind(scored, thickness, inset, parameters))


def _thickness(scored: Score, inner: Box, outer: Box, size: tuple[int, int]) -> dict[Side, float]:
    """Thickness of the frame on each side, as a share of the image's shorter side."""
    insides, outsides = inner.margins(*size), outer.margins(*size)
    return {side: (insides[side] - outsides[side]) / min(size) for side in scored.depths}


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
    return broad and len(thickness) < 3 and scored.bands[thickest]["plain_outside"] < parameters.banner_plain
