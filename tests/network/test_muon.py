"""The optimiser: what a step looks like, and which weights take it."""

from __future__ import annotations

import numpy as np
import pytest

from unframe.network.backend import load_keras
from unframe.network.muon import muon

RATE = 0.01


def stepped(shape: tuple[int, ...], seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The gradient of a variable of this shape, and what one step without decay adds to it."""
    keras = load_keras()
    rng = np.random.default_rng(seed)
    # One direction has nearly all of the gradient, as is usual.
    gradient = rng.normal(size=shape) * 0.03 + rng.normal(size=(*shape[:-1], 1)) * rng.normal(size=shape[-1])
    variable = keras.Variable(np.zeros(shape, dtype=np.float32))
    optimiser = muon(RATE, 0.0, clipnorm=1.0)
    optimiser.build([variable])
    optimiser.apply([keras.ops.convert_to_tensor(gradient.astype(np.float32))])
    return gradient, keras.ops.convert_to_numpy(variable)


@pytest.mark.parametrize("shape", [(12, 40), (40, 12), (3, 3, 8, 16), (5, 1, 4, 40), (1, 1, 9, 30)])
def test_every_direction_of_a_matrix_or_kernel_counts_alike(shape: tuple[int, ...]) -> None:
    gradient, step = stepped(shape)
    wide, high = shape[-1], int(np.prod(shape[:-1]))
    unequal = np.linalg.svd(gradient.reshape(high, wide), compute_uv=False)
    assert unequal[0] > 20 * unequal[-1]
    values = np.linalg.svd(step.reshape(high, wide), compute_uv=False) / (RATE * 0.2 * max(wide, high) ** 0.5)
    assert values.min() > 0.4
    assert values.max() < 1.4
    assert (gradient * step).sum() < 0, "downhill"


@pytest.mark.parametrize("shape", [(40,), (1,), (40, 6), (3, 1, 16, 2)])
def test_vectors_and_layers_that_give_few_numbers_are_left_to_adamw(shape: tuple[int, ...]) -> None:
    gradient, step = stepped(shape)
    assert (np.sign(step) == -np.sign(gradient)).all()
    assert np.median(np.abs(step)) == pytest.approx(RATE, rel=0.02), "the first step of Adam has one size everywhere"


def test_weights_of_both_sorts_decay() -> None:
    keras = load_keras()
    for shape in ((8, 16), (8,)):
        variable = keras.Variable(np.ones(shape, dtype=np.float32))
        optimiser = muon(RATE, 0.5, clipnorm=1.0)
        optimiser.build([variable])
        optimiser.apply([keras.ops.zeros(shape)])
        assert keras.ops.convert_to_numpy(variable) == pytest.approx(np.full(shape, 1 - 0.5 * RATE))
