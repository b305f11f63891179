"""Muon: steps for weight matrices in which every direction counts alike.

A gradient of a layer's weights is dominated by few directions, and what is rare in the pictures is learned last. Muon
keeps a momentum as SGD does, and replaces it by the nearest matrix whose singular values are all about 1, found by a
few Newton-Schulz iterations (Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024). Steps are
scaled to the size of AdamW's, so that one learning rate serves both (Liu et al., "Muon is scalable for LLM training",
2025).

Keras has it for matrices. Here kernels of convolutions are taken as matrices, too, from everything a kernel sees to
what it makes of it; and a layer that gives no more than a few numbers, as the last ones do, is left to AdamW like all
vectors.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

from unframe.network.backend import load_keras

FEWEST = 8
"""A layer that gives fewer numbers than this is left to AdamW."""

_SCALE = 0.2  # the root mean square of AdamW's steps, about


def muon(rate: Any, decay: float, clipnorm: float) -> Any:
    """The optimiser.

    Args:
        rate: Learning rate, or a Keras schedule of it.
        decay: Weight decay, for all weights alike.
        clipnorm: Largest norm of a layer's gradient.

    Returns:
        A Keras optimiser.
    """
    return _class()(rate, weight_decay=decay, adam_weight_decay=decay, clipnorm=clipnorm)


@lru_cache(maxsize=1)
def _class() -> Any:
    """Keras's own Muon, taught about kernels; made late, because Keras is loaded late."""
    keras = load_keras()
    ops = keras.ops

    class Muon(keras.optimizers.Muon):  # type: ignore[misc, name-defined]
        def _should_use_adamw(self, variable: Any) -> bool:
            return len(variable.shape) < 2 or variable.shape[-1] < FEWEST

        def zeropower_via_newtonschulz5(self, x: Any, steps: int) -> Any:
            """The nearest matrix, about, whose singular values are all 1; of ``x``'s shape, whatever that is."""
            matrix = ops.reshape(x, (-1, x.shape[-1]))
            return ops.reshape(super().zeropower_via_newtonschulz5(matrix, steps), x.shape)

        def lr_adjust(self, x: Any) -> Any:
            wide, high = x.shape[-1], math.prod(x.shape[:-1])
            return x * (_SCALE * max(wide, high) ** 0.5)

    return Muon
