"""Locate: a frame's inner and outer box to the pixel, from the rows beside its lines."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from unframe.baseline.measure import Floats, Measurements, rim
from unframe.baseline.parameters import Parameters
from unframe.baseline.rules import LINE_RULES
from unframe.types import Box, Side

_FAINT = [rule.name for rule in LINE_RULES].index("faint")


def locate(measured: Measurements, depths: Mapping[Side, int], parameters: Parameters) -> tuple[Box, Box]:
    """The inner and the outer box of the frame whose lines lie at these depths.

    Args:
        measured: What was measured on the image.
        depths: Pixels between the image edge and the frame's inner edge, for every side that carries it.
        parameters: What counts as mixed, as complete and as a margin.

    Returns:
        The inner box, which holds no pixel that is partly frame, and the outer box: the whole image unless every side
        of the frame stands inset.
    """
    rough = _box(measured, depths)
    ends = {side: int(_boundary(measured, side, depth, rough, parameters)[-1]) for side, depth in depths.items()}
    inner = _box(measured, ends)
    starts = {side: _outer_depth(measured, side, inner, parameters) for side in depths}
    return inner, _box(measured, starts) if all(starts.values()) else Box.whole(measured.width, measured.height)


def _box(measured: Measurements, depths: Mapping[Side, int]) -> Box:
    top, right, bottom, left = (depths.get(side, 0) for side in ("top", "right", "bottom", "left"))
    return Box(left, top, measured.width - right, measured.height - bottom)


def _along(side: Side, box: Box) -> tuple[int, int]:
    """Where a box begins and ends along a side, in pixels."""
    return (box.left, box.right) if side in ("top", "bottom") else (box.top, box.bottom)


def _outer_depth(measured: Measurements, side: Side, inner: Box, parameters: Parameters) -> int:
    """Depth of the frame's outer edge where a margin lies outside it; 0 when the frame reaches the image edge."""
    depth = inner.margins(measured.width, measured.height)[side]
    for candidate in _outer_lines(measured, side, inner, parameters):
        if _is_backdrop(measured, side, candidate, depth, parameters):
            return int(_boundary(measured, side, candidate, inner, parameters)[0])
    thin = _thin_line(measured, side, depth, inner, parameters)
    return thin if thin and _is_margin(measured, side, thin, depth, parameters) else 0


def _outer_lines(measured: Measurements, side: Side, inner: Box, parameters: Parameters) -> list[int]:
    """Depths of the lines outside the inner box that run along all of it, outermost first."""
    lines = measured.lines[side]
    depth = inner.margins(measured.width, measured.height)[side]
    start, end = (np.array([pixel]) for pixel in _along(side, inner))
    complete = lines.shares(start, end)[:, 0, 0, _FAINT] >= parameters.outer_share
    outside = (lines.depth > 0) & (lines.depth < depth)
    return sorted(lines.depth[complete & outside].tolist())


def _thin_line(measured: Measurements, side: Side, depth: int, inner: Box, parameters: Parameters) -> int:
    """Depth at which a line that ends at this depth begins; 0 when what ends there is no thin line."""
    reach = max(round(parameters.thin * min(measured.width, measured.height)), 2)
    first = max(depth - reach, 1)
    change = _changes(measured, side, (first, depth), inner)
    outside = np.flatnonzero(change[:-1] >= parameters.mixed_share * change[-1])
    return int(outside[0]) + first if len(outside) else 0


def _is_margin(measured: Measurements, side: Side, margin: int, depth: int, parameters: Parameters) -> bool:
    """Whether what lies outside a thin line is backdrop or scene, and not a band that the line belongs to."""
    rows = measured.views[side].rows[:margin].astype(np.int16)
    plain = np.abs(rows - np.median(rows, axis=(0, 1))).max(axis=2) <= parameters.plain_spread
    scene = plain.mean() < parameters.outer_plain
    return bool(scene) or _is_backdrop(measured, side, margin, depth, parameters)


def _is_backdrop(measured: Measurements, side: Side, margin: int, depth: int, parameters: Parameters) -> bool:
    """Whether the margin is plain, and white or of the usual colour of the picture just inside the frame."""
    rows = measured.views[side].rows
    outside, inside = rows[:margin].astype(np.int16), rows[depth : depth + rim(len(rows))]
    usual = np.median(outside, axis=(0, 1))
    plain = (np.abs(outside - usual).max(axis=2) <= parameters.plain_spread).mean() >= parameters.outer_plain
    alike = np.abs(usual - np.median(inside, axis=(0, 1))).max() <= parameters.backdrop_spread
    return bool(plain and (alike or usual.min() >= parameters.white_from))


def _boundary(measured: Measurements, side: Side, depth: int, inner: Box, parameters: Parameters) -> NDArray[np.int64]:
    """The depths at which the picture changes near a line: several where the edge was blurred.

    Returns:
        int ``(depths,)``, ascending: wherever the change from one row to the next is a good share of the largest.
    """
    first = max(depth - 1, 1)
    deepest = max(min(depth + 2, (len(measured.views[side].rows) - 1) // 2), first)
    change = _changes(measured, side, (first, deepest), inner)
    return np.flatnonzero(change >= parameters.mixed_share * change.max()) + first


def _changes(measured: Measurements, side: Side, depths: tuple[int, int], inner: Box) -> Floats:
    """Mean change into each row from the row before it, from one depth to another inclusive, along the inner box."""
    rows = measured.views[side].rows
    start, end = (round(pixel * rows.shape[1] / measured.lines[side].span) for pixel in _along(side, inner))
    first, last = depths
    near = rows[first - 1 : last + 1, start : max(end, start + 1)].astype(np.float32)
    change: Floats = np.abs(np.diff(near, axis=0)).max(axis=2).mean(axis=1)
    return change
