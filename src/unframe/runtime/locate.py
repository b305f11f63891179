"""From the network's coarse answer to boxes that are exact to the pixel.

The network says for each row of a side's strip how likely the frame ends there (see `unframe.runtime.views`). A row
holds one pixel at the image edge and several further in, so the answer is refined on the full-resolution picture: of
the pixels that the network holds possible, the one is taken at which the picture really has a straight step, the
likelihood of the one and the strength of the other weighed against each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unframe.runtime.views import DEPTH, boundaries
from unframe.types import KINDS, SIDES, Box, Frame, Image, Side

Floats = NDArray[np.floating]

STEP_WEIGHT = 1.5
"""How much the logarithm of a step's strength counts beside the logarithm of the network's likelihood."""
STEP_LIMIT = 48
"""Grey levels above which a step counts no more: a few strong contrasts must not outweigh a long even edge."""
LEAST_LIKELY = 0.01
"""Rows less likely than this, relative to the likeliest, are not looked at."""

_COLUMNS = 256  # positions along the side at which steps are measured
_NONE = 0  # the row that stands for "no frame here"; a real edge lies at a boundary from 1 on


class Evidence(NamedTuple):
    """The network's outputs for one image, as logits.

    Attributes:
        inner: float ``(4, 96)``: for each side, top, right, bottom, left, in which row of its strip the photograph
            begins; row 0 says that the side has no frame.
        outer: float ``(4, 96)``: likewise where the frame begins; row 0 says at the image edge.
        kind: float ``(6,)``, in the order of `unframe.types.KINDS`.
    """

    inner: Floats
    outer: Floats
    kind: Floats

    @classmethod
    def of(cls, outputs: Mapping[str, Floats]) -> Evidence:
        """The evidence in the outputs for a batch of one image."""
        return cls(outputs["inner"][0], outputs["outer"][0], outputs["kind"][0])

    @classmethod
    def none(cls) -> Evidence:
        """What a network that only judges knows of the geometry: any place is as likely as any other."""
        flat = np.zeros((len(SIDES), DEPTH), dtype=np.float32)
        unset = flat.copy()
        unset[:, _NONE] = 20.0
        return cls(flat, unset, np.zeros(len(KINDS), dtype=np.float32))


def locate(image: Image, evidence: Evidence) -> Frame:
    """Where the frame of an image lies that the network holds framed.

    Args:
        image: uint8 ``(height, width, 3)`` RGB.
        evidence: The network's outputs for this image.

    Returns:
        The frame; at least one side carries it, that which the network holds likeliest. In a picture with no room for
        a frame, of one or two pixels across, that side is named and nothing is cut off.
    """
    absent = _softmax(evidence.inner)[:, _NONE]
    likeliest = int(absent.argmin())
    framed = absent < 0.5
    framed[likeliest] = True
    coarse = {side: _likeliest(evidence.inner[at]) for at, side in enumerate(SIDES) if framed[at]}
    insets = dict.fromkeys(SIDES, 0)
    margins = dict.fromkeys(SIDES, 0)
    for at, side in enumerate(SIDES):
        if framed[at]:
            view = _View.of(image, side, coarse)
            insets[side] = view.place(evidence.inner[at], view.half)
            if _softmax(evidence.outer[at])[_NONE] < 0.5 and insets[side] > 1:
                margins[side] = view.place(evidence.outer[at], insets[side] - 1)
    height, width = image.shape[:2]
    sides = tuple(side for side in SIDES if insets[side] > 0) or (SIDES[likeliest],)
    return Frame(_box(insets, width, height), _box(margins, width, height), sides, KINDS[int(evidence.kind.argmax())])


class _View(NamedTuple):
    """An image seen from one side: rows are pixels from that edge, columns run along it."""

    rows: NDArray[np.uint8]

    @classmethod
    def of(cls, image: Image, side: Side, coarse: Mapping[Side, float]) -> _View:
        """The image from this side, without the frame that its neighbours carry."""
        upright = image if side in {"top", "bottom"} else image.swapaxes(0, 1)
        ends: tuple[Side, Side] = ("left", "right") if side in {"top", "bottom"} else ("top", "bottom")
        length = upright.shape[1]
        begin, end = (int(boundaries(length)[round(coarse[each])]) if each in coarse else 0 for each in ends)
        if begin + end < length - 8:
            upright = upright[:, begin : length - end]
        thinned = upright[:, :: max(1, upright.shape[1] // _COLUMNS)]
        return cls(thinned[::-1] if side in {"bottom", "right"} else thinned)

    @property
    def half(self) -> int:
        """The furthest place at which a frame may end and leave a pixel for the opposite side."""
        return max((len(self.rows) - 1) // 2, 0)

    def place(self, logits: Floats, most: int) -> int:
        """The pixel, 1 to ``most``, at which an edge is likely and can be seen; 0 when there is no such pixel."""
        if most < 1:
            return 0
        edges = boundaries(len(self.rows))
        likelihood = _softmax(logits)
        likelihood[_NONE] = 0
        possible = np.flatnonzero(likelihood >= LEAST_LIKELY * likelihood.max())
        low = int(np.clip(np.floor(edges[max(possible[0] - 1, 0)]), 1, most))
        high = int(np.clip(np.ceil(edges[min(possible[-1] + 2, DEPTH)]), low, most))
        places = np.arange(low, high + 1)
        prior = np.interp(places, (edges[:-1] + edges[1:] - 1) / 2, likelihood)  # at the middle pixel of each row
        score = np.log(prior + 1e-4 * likelihood.max()) + STEP_WEIGHT * np.log1p(self._steps(low, high))
        return int(places[score.argmax()])

    def _steps(self, low: int, high: int) -> NDArray[np.float64]:
        """Mean step, in grey levels, between each pixel row from ``low`` to ``high`` and the one before it."""
        rows = self.rows[low - 1 : high + 1].astype(np.int16)
        steps = np.minimum(np.abs(np.diff(rows, axis=0)).max(axis=2), STEP_LIMIT)
        means: NDArray[np.float64] = steps.mean(axis=1)
        return means


def _softmax(logits: Floats) -> Floats:
    grown = np.exp(logits - logits.max(axis=-1, keepdims=True))
    likelihood: Floats = grown / grown.sum(axis=-1, keepdims=True)
    return likelihood


def _likeliest(logits: Floats) -> float:
    return float(logits[1:].argmax()) + 1


def _box(insets: Mapping[Side, int], width: int, height: int) -> Box:
    return Box(insets["left"], insets["top"], width - insets["right"], height - insets["bottom"])
