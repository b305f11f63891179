"""What the released network learns from in one step: drawn pictures, and among them real ones.

Real framed pictures are few and repeat a handful of templates, so each is shown the rarer the more pictures share its
template, and framed and plain ones equally often. Everything is augmented in ways under which a frame stays a frame:
mirrored, turned over, transposed, with colours exchanged, inverted, lightened or darkened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unframe.dataset.records import Sample
from unframe.runtime.views import DEPTH
from unframe.training.data import Batch, Numbers
from unframe.training.examples import Examples
from unframe.types import KINDS, SIDES

SOFTNESS = 0.6
"""Standard deviation, in rows of a strip, of where an edge is taught to lie: labels are not exact to the pixel."""
MIRRORED, TURNED, TRANSPOSED = 0.5, 0.5, 0.3
EXCHANGED, INVERTED, LIGHTENED = 0.3, 0.08, 0.25
"""Chances of each change."""

LOOK_FRAMED = ("rectangular", "own_frame", "full_bleed")
"""Why a plain picture is shown twice as often: straight edges of its own, which most mistakes are about."""

Chances = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mixture:
    """A feed for the training loop: an epoch shows every drawn picture once, and between them real ones by chance.

    Attributes:
        drawn: Examples that the generator drew.
        real: Examples of real pictures, or ``None``.
        chances: How likely each real picture is to be the next one, float64, sum 1.
        share: Part of all that is shown that is real.
    """

    drawn: Examples
    real: Examples | None = None
    chances: Chances | None = None
    share: float = 0.2

    def __len__(self) -> int:
        return len(self.drawn) if self.real is None else round(len(self.drawn) / (1 - self.share))

    def batch(self, numbers: Numbers, rng: np.random.Generator | None) -> Batch:
        """The examples of these numbers, changed when ``rng`` is given; those past the drawn ones are real."""
        parts = [_taken(self.drawn, numbers[numbers < len(self.drawn)])]
        beyond = numbers[numbers >= len(self.drawn)] - len(self.drawn)
        if self.real is not None and len(beyond):
            rows = beyond % len(self.real) if rng is None else rng.choice(len(self.real), len(beyond), p=self.chances)
            parts.append(_taken(self.real, rows))
        examples = Examples.joined(parts)
        return as_batch(examples if rng is None else changed(examples, rng))


def as_batch(examples: Examples) -> Batch:
    """Inputs, targets and weights under the names of the network's inputs and outputs."""
    kinds = np.eye(len(KINDS), dtype=np.float32)[np.maximum(examples.kind, 0)]
    targets = {
        "logit": examples.framed[:, None],
        "inner": softened(examples.inner),
        "outer": softened(examples.outer),
        "kind": kinds,
    }
    located = np.repeat(examples.located[:, None], len(SIDES), axis=1)
    weights = {
        "logit": np.ones(len(examples), dtype=np.float32),
        "inner": located,
        "outer": located,
        "kind": (examples.kind >= 0).astype(np.float32),
    }
    return Batch({"thumbnail": examples.thumbnail, "strips": examples.strips}, targets, weights)


def softened(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """How likely each row is to be the right one.

    Args:
        rows: float32 ``(pictures, 4)``, the right row with fraction; 0 for none.

    Returns:
        float32 ``(pictures, 4, 96)``, sums 1: a bell around the right row, all of it on row 0 where there is none.
    """
    away = np.arange(DEPTH, dtype=np.float32) - rows[..., None]
    likely = np.exp(-0.5 * (away / SOFTNESS) ** 2)
    likely[..., 0] = 0
    absent = rows <= 0
    likely[absent] = 0
    likely[absent, 0] = 1
    softer: NDArray[np.float32] = likely / likely.sum(axis=-1, keepdims=True)
    return softer


def fair_chances(samples: Sequence[Sample]) -> Chances:
    """How likely each real picture is to be shown.

    Framed and plain ones alike; repeated templates and doubtful labels less; plain ones that look framed more.
    """
    repeats = Counter(sample.design for sample in samples if sample.label == "framed" and sample.design)
    weight = np.array([1 / np.sqrt(repeats.get(each.design, 2) if each.label == "framed" else 1) for each in samples])
    weight *= [0.3 if sample.confidence == "low" else 1.0 for sample in samples]
    weight *= [2.0 if sample.hard in LOOK_FRAMED else 1.0 for sample in samples]
    framed = np.array([sample.label == "framed" for sample in samples])
    for label in (framed, ~framed):
        if label.any():
            weight[label] *= 0.5 / weight[label].sum()
    chances: Chances = weight / weight.sum()
    return chances


def changed(examples: Examples, rng: np.random.Generator) -> Examples:
    """Examples of pictures that were turned or recoloured by chance; the answers are turned alike."""
    count = len(examples)
    thumbnail, strips = examples.thumbnail.copy(), examples.strips.copy()
    inner, outer = examples.inner.copy(), examples.outer.copy()
    mirrored, turned, transposed = (rng.random(count) < chance for chance in (MIRRORED, TURNED, TRANSPOSED))
    for rows, axis, order in ((mirrored, 2, [0, 3, 2, 1]), (turned, 1, [2, 1, 0, 3])):
        thumbnail[rows] = np.flip(thumbnail[rows], axis)
        # The two sides that change places keep their columns; the other two run the other way.
        lying = [0, 2] if axis == 2 else [1, 3]
        moved = strips[rows][:, order]
        moved[:, lying] = moved[:, lying][:, :, :, ::-1]
        strips[rows] = moved
        inner[rows], outer[rows] = inner[rows][:, order], outer[rows][:, order]
    order = [3, 2, 1, 0]
    thumbnail[transposed] = thumbnail[transposed].swapaxes(1, 2)
    strips[transposed] = strips[transposed][:, order]
    inner[transposed], outer[transposed] = inner[transposed][:, order], outer[transposed][:, order]
    for at in range(count):
        _recolour(thumbnail[at], strips[at, ..., :3], rng)
    return Examples(thumbnail, strips, examples.framed, inner, outer, examples.kind, examples.located)


def _recolour(thumbnail: NDArray[np.uint8], means: NDArray[np.uint8], rng: np.random.Generator) -> None:
    """Exchange channels, invert, or bend brightness, by chance, in both arrays. Steps of strips stay as they are."""
    exchange, invert, bend = rng.random(3)
    table = np.arange(256, dtype=np.uint8)
    if invert < INVERTED:
        table = table[::-1]
    if bend < LIGHTENED:
        table = np.rint(255 * (table / 255) ** rng.uniform(0.75, 1.3)).astype(np.uint8)
    order = rng.permutation(3) if exchange < EXCHANGED else np.arange(3)
    if exchange < EXCHANGED or invert < INVERTED or bend < LIGHTENED:
        thumbnail[:] = table[thumbnail[..., order]]
        means[:] = table[means[..., order]]


def _taken(examples: Examples, rows: Numbers) -> Examples:
    return Examples(
        examples.thumbnail[rows],
        examples.strips[rows],
        examples.framed[rows],
        examples.inner[rows],
        examples.outer[rows],
        examples.kind[rows],
        examples.located[rows],
    )
