"""Score: how much the rules speak for each frame that the lines could form, in log-odds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unframe.baseline.measure import Floats, Integers, Measurements
from unframe.baseline.rules import BAND_RULES, FORM_RULES, FORMS, LINE_RULES, RULES, WEIGHTS, Weights
from unframe.types import SIDES, Side

Place = tuple[int, ...]
"""Which line of the top, right, bottom and left a frame takes; 0 for none."""

_EVERYWHERE = (slice(None),) * 4
_BARS = ((slice(None), slice(1), slice(None), slice(1)), (slice(1), slice(None), slice(1), slice(None)))
_AT = {rule.name: index for index, rule in enumerate(RULES)}
_BAND_AT = {rule.name: index for index, rule in enumerate(BAND_RULES)}


@dataclass(frozen=True, slots=True)
class Score:
    """The frame that the rules speak for most.

    Attributes:
        logit: Log-odds that the image carries a frame.
        depths: Pixels between the image edge and the frame's inner edge on every side that carries it; empty when the
            image has no line at all.
        rules: What the rules about one side saw on each of these sides, by name.
    """

    logit: float
    depths: dict[Side, int]
    rules: dict[Side, dict[str, float]]

    @property
    def probability(self) -> float:
        """The log-odds as a probability, 0 to 1, when framed and plain pictures are equally many."""
        return float(1 / (1 + np.exp(-np.clip(self.logit, -500, 500))))


def score(measured: Measurements, weights: Weights = WEIGHTS) -> Score:
    """The likeliest frame on an image and its log-odds."""
    hypotheses = Hypotheses(measured)
    logits = hypotheses.logits(weights)
    place = tuple(int(index) for index in np.unravel_index(int(logits.argmax()), logits.shape))
    framed = [side for side, index in zip(SIDES, place, strict=True) if index]
    depths = {side: int(_at(hypotheses.depths[SIDES.index(side)], place)) for side in framed}
    return Score(float(logits[place]), depths, {side: hypotheses.seen_on(side, place) for side in framed})


class Hypotheses:
    """Every frame that one line or none per side can form, as arrays over the lines of top, right, bottom and left.

    A rule about one side does not depend on the opposite side, and most depend on one side alone; arrays are kept at
    the size that they need and broadcast when they are added up.

    Attributes:
        shape: Number of lines of each side, "none" included.
        depths: Pixels between image edge and line, one array per side, each along its own axis.
    """

    def __init__(self, measured: Measurements) -> None:
        top, right, bottom, left = (measured.lines[side].depth for side in SIDES)
        width, height = measured.width, measured.height
        lying, standing = (left, width - right), (top, height - bottom)
        lines = measured.lines
        self.shape = (len(top), len(right), len(bottom), len(left))
        self.depths: tuple[Integers, ...] = np.ix_(top, right, bottom, left)
        self._line_rules: dict[Side, Floats] = {
            "top": lines["top"].shares(*lying).transpose(0, 2, 1, 3)[:, :, None],
            "right": lines["right"].shares(*standing).transpose(1, 0, 2, 3)[:, :, :, None],
            "bottom": lines["bottom"].shares(*lying).transpose(2, 0, 1, 3)[None],
            "left": lines["left"].shares(*standing).transpose(1, 2, 0, 3)[:, None],
        }
        self._band_rules = {side: _along(lines[side].bands, axis) for axis, side in enumerate(SIDES)}
        self._count: NDArray[np.int8] = sum((depth > 0).astype(np.int8) for depth in self.depths)  # type: ignore[assignment]
        self._form_rules = self._forms(min(width, height))

    def logits(self, weights: Weights) -> Floats:
        """Log-odds of every frame, float32 of `shape`; minus infinity for the frame without a side, if there are lines.

        Args:
            weights: float32 ``(rules, forms)``.
        """
        single, opposite, around = (weights[:, form] for form in range(len(FORMS)))
        total = self._sum(around, _EVERYWHERE)
        for bars in _BARS:
            total[bars] = np.where(self._count[bars] > 1, self._sum(opposite, bars), self._sum(single, bars))
        if total.size > 1:
            total[0, 0, 0, 0] = -np.inf
        return total

    def _sum(self, weights: NDArray[np.float32], part: tuple[slice, ...]) -> Floats:
        """Sum of rule times weight for a part of the frames."""
        line, band, form = np.split(weights, [len(LINE_RULES), len(LINE_RULES) + len(BAND_RULES)])
        total = np.zeros(np.empty(self.shape, dtype=np.bool_)[part].shape, dtype=np.float32)
        for side in SIDES:
            total += self._line_rules[side][part] @ line
            total += self._band_rules[side][part] @ band
        for weight, rule in zip(form, self._form_rules, strict=True):
            total += weight * rule[part]
        return total

    def _forms(self, side: int) -> list[Floats]:
        """What the rules of `FORM_RULES` see, in their order."""
        top, right, bottom, left = self.depths
        lying, standing = (top > 0) | (bottom > 0), (left > 0) | (right > 0)
        adjacent_equal = sum(_alike(first, second, side) for first in (top, bottom) for second in (left, right))
        white_around, weakest = self._white_around(), self._weakest("clear")
        seen = {
            "always": np.ones((1, 1, 1, 1)),
            "adjacent": (self._count == 2) & lying & standing,
            "three": self._count == 3,
            "weakest": weakest,
            "unlike_sides": self._strongest("clear") - weakest,
            "weakest_corner": self._weakest("corners"),
            "opposite_equal": _alike(top, bottom, side) + _alike(left, right, side),
            "adjacent_equal": adjacent_equal,
            "on_white": white_around,
            "uneven_on_white": white_around * (1 - adjacent_equal / 4),
        }
        return [np.asarray(seen[rule.name], dtype=np.float32) for rule in FORM_RULES]

    def _weakest(self, rule: str) -> Floats:
        """The smallest value of a rule about lines among the sides that carry the frame."""
        weakest: Floats = (self._count > 0).astype(np.float32)
        for side, depth in zip(SIDES, self.depths, strict=True):
            weakest = np.minimum(weakest, np.where(depth > 0, self._line_rules[side][..., _AT[rule]], 1))
        return weakest

    def _strongest(self, rule: str) -> Floats:
        """The largest value of a rule about lines; without a line it is 0."""
        strongest = np.zeros((1, 1, 1, 1), dtype=np.float32)
        for side in SIDES:
            strongest = np.maximum(strongest, self._line_rules[side][..., _AT[rule]])
        return strongest

    def _white_around(self) -> Floats:
        """The smallest white share outside a frame; 0 unless it has four sides."""
        white = np.ones((1, 1, 1, 1), dtype=np.float32)
        for side in SIDES:
            white = np.minimum(white, self._band_rules[side][..., _BAND_AT["white_outside"]])
        return white

    def seen(self, place: Place) -> NDArray[np.float32]:
        """What every rule saw on one frame, summed over its sides: float32 ``(rules, forms)``, 0 for other forms."""
        lines = sum(_at(self._line_rules[side], place) for side in SIDES)
        bands = sum(_at(self._band_rules[side], place) for side in SIDES)
        forms = [_at(rule, place) for rule in self._form_rules]
        seen = np.zeros((len(RULES), len(FORMS)), dtype=np.float32)
        seen[:, self._form(place)] = np.concatenate([lines, bands, forms])
        return seen

    def seen_on(self, side: Side, place: Place) -> dict[str, float]:
        """What the rules about one side saw on that side of one frame, by name."""
        values = np.concatenate([_at(self._line_rules[side], place), _at(self._band_rules[side], place)])
        return {rule.name: float(value) for rule, value in zip(LINE_RULES + BAND_RULES, values, strict=True)}

    def _form(self, place: Place) -> int:
        top, right, bottom, left = (index > 0 for index in place)
        count = top + right + bottom + left
        if count <= 1:
            return FORMS.index("single")
        return FORMS.index("opposite" if count == 2 and top == bottom else "around")


def _at(values: NDArray[Any], place: Place) -> Any:
    """The value, or values, of a broadcasting array at a place."""
    return values[tuple(min(index, size - 1) for index, size in zip(place, values.shape, strict=False))]


def _along(values: Floats, axis: int) -> Floats:
    """The lines of one side laid along its own axis."""
    return np.expand_dims(values, tuple(other for other in range(4) if other != axis))


def _alike(first: Integers, second: Integers, side: int) -> Floats:
    """1 for lines equally deep, falling off over a pixel and a hundredth of the side; 0 where there is none."""
    both = (first > 0) & (second > 0)
    alike: Floats = (np.exp(-np.abs(first - second) / (1 + side / 100)) * both).astype(np.float32)
    return alike
