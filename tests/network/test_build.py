"""The Keras models of the names; the spec's own count of parameters is the oracle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from unframe.network.backend import load_keras, resolve
from unframe.network.build import FRAMED, IMAGE, build
from unframe.network.spec import Spec

NAMES = [
    "128_32-32-32-32_conv3_fc16_sgd_lr_0_01_decay_0_00005",
    "16_4-4_conv3",
    "17_4-6_conv5_stride",
    "17_4-6_conv5_avgpool_fc0",
    "16_4-4_gap_grey",
    "16_4-4_gmp_fc0",
]


@pytest.mark.parametrize("name", NAMES)
def test_as_many_weights_as_the_name_says(name: str) -> None:
    spec = Spec.parse(name)
    assert build(spec).count_params() == spec.parameters


def test_the_sizes_that_an_earlier_text_of_the_post_prints() -> None:
    model = build(Spec.parse("128_16-16-16-16_conv5_fc16"))
    sizes = [layer.count_params() for layer in model.layers if layer.count_params()]
    assert sizes == [1216, 6416, 6416, 6416, 16400, 17]
    assert [tuple(layer.output.shape[1:]) for layer in model.layers if layer.name.startswith("max_pooling")] == [
        (64, 64, 16),
        (32, 32, 16),
        (16, 16, 16),
        (8, 8, 16),
    ]


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_a_probability_in_float32_whatever_the_precision(precision: Any) -> None:
    model = build(Spec.parse("16_4-4"), precision)
    images = np.random.default_rng(0).integers(0, 256, (5, 16, 16, 3), dtype=np.uint8)
    framed = model.predict_on_batch({IMAGE: images})[FRAMED]
    assert framed.shape == (5, 1)
    assert framed.dtype == np.float32
    assert 0 < framed.min() <= framed.max() < 1
    assert {weight.dtype for weight in model.weights} == {"float32"}


@pytest.mark.parametrize("name", ["16_4_lr_0_02_decay_0_01", "16_4_adam_lr_0_02_decay_0_01"])
def test_the_learning_rate_decays_as_in_2016(name: str) -> None:
    optimiser = build(Spec.parse(name)).optimizer
    for iteration in (0, 1, 100, 10_000):
        optimiser.iterations.assign(iteration)
        rate = float(load_keras().ops.convert_to_numpy(optimiser.learning_rate))
        assert rate == pytest.approx(0.02 / (1 + 0.01 * iteration), rel=1e-5)


@pytest.mark.parametrize(
    ("word", "kind", "momentum", "nesterov"),
    [("sgd", "SGD", 0, False), ("sgdm", "SGD", 0.9, False), ("nesterov", "SGD", 0.9, True)],
)
def test_each_optimiser(word: str, kind: str, momentum: float, nesterov: bool) -> None:
    optimiser = build(Spec.parse(f"16_4_{word}")).optimizer
    assert (type(optimiser).__name__, optimiser.momentum, optimiser.nesterov) == (kind, momentum, nesterov)


def test_precision_in_words_or_by_the_processor() -> None:
    assert resolve("float32") == "float32"
    assert resolve("auto") in ("float32", "mixed_bfloat16")
