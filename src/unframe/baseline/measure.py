"""Measure: the straight lines along each side, and what lies outside, inside and between them. No thresholds here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unframe.baseline.edges import Strips, opencv, strips
from unframe.baseline.parameters import Parameters
from unframe.types import SIDES, Image, Side

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

_NEIGHBOURHOOD = 12
_RIM = 2
_COARSE = 32


@dataclass(frozen=True, slots=True)
class Lines:
    """The best lines parallel to one side; the first stands for "no line here".

    Attributes:
        depth: int ``(lines,)``, pixels between the image edge and the line; 0 for the first.
        span: Pixels along the side.
        counts: float32 ``(4, lines, positions + 1)``: how many of the first positions along the side carry a faint, a
            clear, a strong and an exact step, so that the share in any part of the side is one subtraction.
        bands: float32 ``(lines, rules)`` by `unframe.baseline.rules.BAND_RULES`; 0 for the first.
    """

    depth: Integers
    span: int
    counts: Floats
    bands: Floats

    def shares(self, start: Integers, end: Integers) -> Floats:
        """What every line shows on every part of the side.

        Args:
            start: int ``(starts,)``, pixels along the side where the part begins.
            end: int ``(ends,)``, pixels along the side where it ends.

        Returns:
            float32 ``(lines, starts, ends, rules)`` by `unframe.baseline.rules.LINE_RULES`; 0 for the first line.
        """
        positions = self.counts.shape[2] - 1
        first = np.rint(start * positions / self.span).astype(np.int64)[:, None]
        last = np.maximum(np.rint(end * positions / self.span).astype(np.int64)[None], first + 1)
        last = np.minimum(last, positions)
        first = np.minimum(first, last - 1)
        length = np.maximum(last - first, 1)
        shares = (self.counts[:, :, last] - self.counts[:, :, first]) / length
        tip = np.maximum(length // 32, 1)
        faint = self.counts[0]
        begins = (faint[:, first + tip] - faint[:, first]) / tip
        ends = (faint[:, last] - faint[:, last - tip]) / tip
        complete = np.maximum(shares[0] - 0.9, 0) * 10
        rules = np.stack([*shares, complete, np.minimum(begins, ends)], axis=-1).astype(np.float32)
        rules[0] = 0
        return rules


@dataclass(frozen=True, slots=True)
class Measurements:
    """What was measured on one image.

    Attributes:
        width: Pixels.
        height: Pixels.
        lines: The lines of each side.
        views: The strips of each side, as seen from it.
    """

    width: int
    height: int
    lines: dict[Side, Lines]
    views: dict[Side, Strips]


def measure(image: Image, parameters: Parameters) -> Measurements:
    """Find the lines along every side of an image: uint8 ``(height, width, 3)`` RGB."""
    height, width = image.shape[:2]
    lying, standing = strips(image, parameters)
    views: dict[Side, Strips] = {"top": lying, "right": standing.flipped(), "bottom": lying.flipped(), "left": standing}
    spans: dict[Side, int] = {"top": width, "right": height, "bottom": width, "left": height}
    lines = {side: find_lines(views[side], spans[side], parameters) for side in SIDES}
    return Measurements(width, height, lines, views)


def find_lines(view: Strips, span: int, parameters: Parameters) -> Lines:
    """The lines with most edge along them, up to the deepest that a frame may reach.

    Args:
        view: Strips seen from the side.
        span: Pixels along the side.
        parameters: How many lines, how deep, and the steps that count as faint, clear and strong.
    """
    deepest = int(len(view.rows) * parameters.deepest)
    steps = np.ascontiguousarray(view.steps[: deepest + _NEIGHBOURHOOD])
    near = opencv().dilate(steps, np.ones((3, 1), dtype=np.uint8))
    levels = (parameters.faint_step, parameters.clear_step, parameters.strong_step)
    shown = [near >= level for level in levels] + [steps >= parameters.clear_step]
    response: Floats = np.stack([_row_means(each) for each in shown]).mean(axis=0)
    prominence = response - _blurred(response)
    depth = _peaks((response + prominence)[: deepest + 1], int(parameters.lines))
    counts = np.zeros((len(shown), len(depth), steps.shape[1] + 1), dtype=np.float32)
    counts[:, :, 1:] = np.stack([each[depth] for each in shown]).cumsum(axis=2)
    return Lines(depth, span, counts, _bands(view, depth, response, parameters))


def rim(depth: int) -> int:
    """Rows just inside a line that stand for the picture there."""
    return max(depth // 20, 2)


def _row_means(marks: NDArray[np.bool_]) -> Floats:
    """Share of marked positions of every row. NumPy takes ten times as long for the mean of truth values."""
    means: Floats = opencv().reduce(marks.view(np.uint8), 1, opencv().REDUCE_AVG, dtype=opencv().CV_32F)[:, 0]
    return means


def _peaks(response: Floats, count: int) -> Integers:
    """0, then the depths whose response no neighbour within two rows exceeds, strongest first."""
    padded = np.pad(response, 2, constant_values=-1)
    highest = np.lib.stride_tricks.sliding_window_view(padded, 5).max(axis=1)
    peaks = np.flatnonzero(response[1:] >= highest[1:]) + 1
    order = np.argsort(-response[peaks], kind="stable")[:count]
    return np.concatenate([[0], peaks[order]]).astype(np.int64)


def _blurred(response: Floats) -> Floats:
    window = 2 * _NEIGHBOURHOOD + 1
    blurred: Floats = opencv().blur(response[:, None], (1, window), borderType=opencv().BORDER_REFLECT_101)[:, 0]
    return blurred


def _bands(view: Strips, depth: Integers, response: Floats, parameters: Parameters) -> Floats:
    """float32 ``(lines, rules)`` by `unframe.baseline.rules.BAND_RULES`."""
    reach = min(int(depth.max()) + rim(len(view.rows)), len(view.rows))
    rows = view.rows[:reach]
    coarse = opencv().resize(rows, (min(rows.shape[1], _COARSE), reach), interpolation=opencv().INTER_AREA)
    median = np.partition(coarse, coarse.shape[1] // 2, axis=1)[:, coarse.shape[1] // 2]
    apart = opencv().absdiff(coarse, np.repeat(median[:, None], coarse.shape[1], axis=1))
    plain = _row_means(opencv().inRange(apart, (0, 0, 0), (parameters.plain_spread,) * 3) > 0)
    white = (median.min(axis=1) >= parameters.white_from).astype(np.float32)
    busy = _row_means(view.steps[:reach] > 0)
    inside = np.minimum(depth + rim(len(view.rows)), len(rows))
    relative = depth / len(view.rows)
    thin = (relative <= parameters.thin).astype(np.float32)
    outside_white = _mean_between(white, np.zeros_like(depth), depth)
    bands = np.stack(
        [
            (response - _blurred(response))[depth],
            _crisp(rows, depth),
            *_companions(response, depth, max(len(view.rows) // 25, 2)),
            _mean_between(plain, np.zeros_like(depth), depth),
            _mean_between(plain, depth, inside),
            outside_white,
            _mean_between(busy, np.zeros_like(depth), np.maximum(depth - _RIM, 1)),
            _continues(view.rows, depth),
            relative,
            thin,
            thin * outside_white,
        ],
        axis=1,
    ).astype(np.float32)
    bands[0] = 0
    return bands


def _crisp(rows: NDArray[np.uint8], depth: Integers) -> Floats:
    """Which part of the change across the five rows around each line falls on the line itself, 0 to 1."""
    around = depth[:, None] + np.arange(-3, 3)
    near = rows[np.clip(around, 0, len(rows) - 1)].astype(np.float32)
    change = np.abs(np.diff(near, axis=1)).sum(axis=(2, 3))
    crisp: Floats = change[:, 2] / (change.sum(axis=1) + rows.shape[1])
    return crisp


def _companions(response: Floats, depth: Integers, reach: int) -> tuple[Floats, Floats]:
    """The strongest response within reach outside each line, and inside it, the line's own rim left out."""
    padded = np.pad(response, (reach + _RIM, reach + _RIM))
    strongest = np.lib.stride_tricks.sliding_window_view(padded, reach).max(axis=1)
    return strongest[depth], strongest[depth + reach + 2 * _RIM + 1]


def _mean_between(values: Floats, start: Integers, end: Integers) -> Floats:
    total = np.concatenate([np.zeros(1, np.float32), values.cumsum()])
    mean: Floats = (total[end] - total[start]) / np.maximum(end - start, 1)
    return mean


def _continues(rows: NDArray[np.uint8], depth: Integers) -> Floats:
    """How far the picture two rows outside each line looks like the picture two rows inside it, 0 to 1."""
    outside = rows[np.maximum(depth - _RIM, 0)].astype(np.float32).mean(axis=2)
    inside = rows[np.minimum(depth + _RIM - 1, len(rows) - 1)].astype(np.float32).mean(axis=2)
    outside -= outside.mean(axis=1, keepdims=True)
    inside -= inside.mean(axis=1, keepdims=True)
    grain = 2.0 * rows.shape[1]  # two grey levels squared per position: flat rows agree about nothing
    together = (outside * inside).sum(axis=1)
    alone = np.sqrt(((outside**2).sum(axis=1) + grain) * ((inside**2).sum(axis=1) + grain))
    similar: Floats = np.clip(together / alone, 0, 1)
    return similar
