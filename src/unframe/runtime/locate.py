"""From the network's coarse answer to boxes that are exact to the pixel.

The network says for each row of a side's strip how likely the frame ends there (see `unframe.runtime.views`). A row
holds one pixel at the image edge and several further in, so the answer is refined on the full-resolution picture: of
the pixels that the network holds possible, those are preferred at which the picture really has a straight step, the
likelihood of the one and the strength of the other weighed against each other.

Then the four sides are decided together. Most frames are as thick on one side as on the opposite one or on all others,
and so are the margins outside of them: where the network wavers between two edges on one side, as between a frame and
the product inside it, the other sides tell which. What rounded corners leave of the frame is cut last
(`unframe.runtime.corners`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unframe.runtime.corners import without_rounding
from unframe.runtime.views import DEPTH, boundaries
from unframe.types import KINDS, SIDES, Box, Frame, Image, Side

Floats = NDArray[np.floating]

SMALLEST = 8
"""Pixels of a picture's shorter side at least: on smaller ones there is no room for a frame and what it frames."""
STEP_WEIGHT = 1.5
"""How much the logarithm of a step's strength counts beside the logarithm of the network's likelihood."""
STEP_LIMIT = 48
"""Grey levels above which a step counts no more: a few strong contrasts must not outweigh a long even edge."""
LEAST_LIKELY = 0.01
"""Rows less likely than this, relative to the likeliest, are not looked at; nor are sides for which an edge is less
likely than this."""
PEAKS = 5
"""Places on each side that are weighed against those on the other sides."""
OPPOSITE = 1.5
"""What it counts when opposite sides agree on a place, beside the logarithm of the likelihood."""
NEIGHBOUR = 1.0
"""What it counts when neighbouring sides agree on a place."""
BOTH_OPEN = 1.0
"""What it counts when opposite sides agree that there is no edge."""
NEAR = 1
"""Pixels by which places may differ that count as the same."""

_COLUMNS = 256  # positions along the side at which steps are measured
_NONE = 0  # the row that stands for "no frame here"; a real edge lies at a boundary from 1 on
_ROUNDS = 4
_FLOOR = 1e-6


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
        image: uint8 ``(height, width, 3)`` RGB; both sides have `SMALLEST` pixels or more.
        evidence: The network's outputs for this image.

    Returns:
        The frame; at least one side carries it, if only the one on which it is likeliest.
    """
    absent = _softmax(evidence.inner)[:, _NONE]
    coarse = {side: _likeliest(evidence.inner[at]) for at, side in enumerate(SIDES) if absent[at] < 0.5}
    views = [_View.of(image, side, coarse) for side in SIDES]
    ends = [
        view.choices(logits, view.half, sought=at == absent.argmin())
        for at, (view, logits) in enumerate(zip(views, evidence.inner, strict=True))
    ]
    insets = _agreed(ends) or _likeliest_alone(ends)
    begins = [
        view.choices(logits, inset - 1) for view, logits, inset in zip(views, evidence.outer, insets, strict=True)
    ]
    margins = _agreed(begins) or [0] * len(SIDES)
    height, width = image.shape[:2]
    sides = tuple(side for side, inset in zip(SIDES, insets, strict=True) if inset > 0)
    inner = without_rounding(image, _box(insets, width, height), sides)
    return Frame(inner, _box(margins, width, height), sides, KINDS[int(evidence.kind.argmax())])


class _Choices(NamedTuple):
    """Where the edge of one side may be.

    Attributes:
        none: Logarithm of the likelihood that there is no edge.
        first: The first place, in pixels from the image edge.
        scores: For each place from the first on, the logarithm of its likelihood, if there is an edge, with what the
            picture shows weighed in; ``-inf`` where no edge is possible.
    """

    none: float
    first: int
    scores: NDArray[np.float64]

    def peaks(self) -> list[int]:
        """The best places, no two of them next to each other."""
        left = self.scores.copy()
        found: list[int] = []
        while len(found) < PEAKS and left.size and np.isfinite(left[best := int(left.argmax())]):
            found.append(self.first + best)
            left[max(best - NEAR, 0) : best + NEAR + 1] = -np.inf
        return found

    def at(self, places: NDArray[np.int64]) -> NDArray[np.float64]:
        """Scores of these places, of which 0 stands for no edge."""
        found = np.full(len(places), -np.inf)
        inside = (places >= self.first) & (places < self.first + len(self.scores))
        found[inside] = self.scores[places[inside] - self.first]
        found[places == 0] = self.none
        return found


def _agreed(sides: Sequence[_Choices]) -> list[int]:
    """The places, in the order of the sides, that are likely and agree best; 0 for no edge. Empty when all are 0.

    Opposite sides are decided together, in turn until nothing changes (iterated conditional modes, Besag 1986, on
    blocks of two).
    """
    places = np.array(sorted({0}.union(*(each.peaks() for each in sides))), dtype=np.int64)
    if len(places) == 1:
        return []
    scores = np.stack([each.at(places) for each in sides])
    edges = places > 0
    same = (np.abs(places[:, None] - places) <= NEAR) & edges[:, None] & edges
    opposite = OPPOSITE * same + BOTH_OPEN * (~edges[:, None] & ~edges)
    chosen = scores.argmax(axis=1)
    for _ in range(_ROUNDS):
        before = chosen.copy()
        for (one, other), beside in (((0, 2), [1, 3]), ((1, 3), [0, 2])):
            neighbours = NEIGHBOUR * same[:, chosen[beside]].sum(axis=1)
            total = (scores[one] + neighbours)[:, None] + (scores[other] + neighbours) + opposite
            chosen[[one, other]] = np.unravel_index(total.argmax(), total.shape)
        if np.array_equal(chosen, before):
            break
    return places[chosen].tolist() if chosen.any() else []


def _likeliest_alone(sides: Sequence[_Choices]) -> list[int]:
    """A place on the side that most likely has one, 0 on all others."""
    gains = [each.scores.max(initial=-np.inf) - each.none for each in sides]
    best = int(np.argmax(gains))
    return [each.peaks()[0] if at == best else 0 for at, each in enumerate(sides)]


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

    def choices(self, logits: Floats, most: int, *, sought: bool = False) -> _Choices:
        """The places, 1 to ``most``, at which an edge is likely, by how likely it is and how well it can be seen.

        Where it is next to certain that there is no edge, there are no such places, unless one is ``sought``.
        """
        absent = float(_softmax(logits)[_NONE])
        none = float(np.log(absent + _FLOOR))
        if most < 1 or (1 - absent < LEAST_LIKELY and not sought):
            return _Choices(none, 1, np.empty(0))
        edges = boundaries(len(self.rows))
        likelihood = np.zeros(DEPTH)
        likelihood[_NONE + 1 :] = _softmax(logits[_NONE + 1 :])  # if there is an edge at all
        possible = np.flatnonzero(likelihood >= LEAST_LIKELY * likelihood.max())
        low = int(np.clip(np.floor(edges[max(possible[0] - 1, 0)]), 1, most))
        high = int(np.clip(np.ceil(edges[min(possible[-1] + 2, DEPTH)]), low, most))
        places = np.arange(low, high + 1)
        prior = np.interp(places, (edges[:-1] + edges[1:] - 1) / 2, likelihood)  # at the middle pixel of each row
        score = np.log(prior + 1e-4 * likelihood.max()) + STEP_WEIGHT * np.log1p(self._steps(low, high))
        return _Choices(none, low, score - score.max() + np.log(1 - absent + _FLOOR))

    def _steps(self, low: int, high: int) -> NDArray[np.float64]:
        """Mean step, in grey levels, between each pixel row from ``low`` to ``high`` and the one before it."""
        rows = np.ascontiguousarray(self.rows[low - 1 : high + 1])
        apart = np.maximum(rows[1:], rows[:-1]) - np.minimum(rows[1:], rows[:-1])
        # Two calls, because NumPy's maximum along an axis of three takes several times as long.
        steps = np.maximum(np.maximum(apart[..., 0], apart[..., 1]), apart[..., 2])
        means: NDArray[np.float64] = np.minimum(steps, STEP_LIMIT).mean(axis=1)
        return means


def _softmax(logits: Floats) -> Floats:
    grown = np.exp(logits - logits.max(axis=-1, keepdims=True))
    likelihood: Floats = grown / grown.sum(axis=-1, keepdims=True)
    return likelihood


def _likeliest(logits: Floats) -> float:
    return float(logits[1:].argmax()) + 1


def _box(insets: Iterable[int], width: int, height: int) -> Box:
    top, right, bottom, left = insets
    return Box(left, top, width - right, height - bottom)
