"""The released network: its answers, its size, that it reads all sides alike, and that every part of it learns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import draw
from unframe.network import released
from unframe.network.backend import load_keras
from unframe.runtime.card import CARD_FILE, Card
from unframe.runtime.network import DEFAULT_MODEL, GEOMETRY, SHIPPED
from unframe.runtime.views import ALONG, CHANNELS, DEPTH, THUMBNAIL, views
from unframe.training.export import TOLERANCE, difference, export
from unframe.types import SIDES

PICTURES = 256
BUDGET = 2 * 1000 * 1000


def unsettled(precision: Any = "float32") -> Any:
    """The network with weights that are far from their initial ones, moving averages too."""
    load_keras().utils.set_random_seed(4)
    model = released.build(precision=precision)
    rng = np.random.default_rng(5)
    model.set_weights([weight + rng.normal(0, 0.03, weight.shape) for weight in model.get_weights()])
    for layer in model.layers:
        if hasattr(layer, "moving_variance"):
            layer.moving_variance.assign(rng.uniform(0.5, 2, layer.moving_variance.shape))
    return model


@pytest.fixture(scope="module")
def model() -> Any:
    return unsettled()


@pytest.fixture(scope="module")
def seen() -> dict[str, np.ndarray]:
    """What the network sees of drawn pictures of several sizes, every other one framed."""
    images = [draw.product(80 + 3 * (number % 40), 140 - number % 60, number) for number in range(PICTURES)]
    images[::2] = [draw.bordered(image, 1 + number % 20)[0] for number, image in enumerate(images[::2])]
    both = [views(image) for image in images]
    return {name: np.concatenate([each[name] for each in both]) for name in both[0]}


def few(seen: dict[str, np.ndarray], count: int = 6) -> dict[str, np.ndarray]:
    return {name: array[:count] for name, array in seen.items()}


def test_it_answers_with_the_outputs_that_the_runtime_reads(model: Any, seen: dict[str, np.ndarray]) -> None:
    outputs = model.predict_on_batch(few(seen))
    assert {name: output.shape[1:] for name, output in outputs.items()} == {"logit": (1,), **GEOMETRY}
    assert all(len(output) == 6 and np.isfinite(output).all() for output in outputs.values())
    assert all(np.ptp(output, axis=0).max() > 0.01 for output in outputs.values())  # and each looks at its picture


def test_its_inputs_are_the_views(model: Any) -> None:
    shapes = {name: (tensor.dtype, tuple(tensor.shape[1:])) for name, tensor in model.input.items()}
    assert shapes == {
        "thumbnail": ("uint8", (THUMBNAIL, THUMBNAIL, 3)),
        "strips": ("uint8", (len(SIDES), DEPTH, ALONG, CHANNELS)),
    }


@pytest.mark.parametrize("order", [[0, 3, 2, 1], [2, 1, 0, 3], [3, 2, 1, 0], [1, 2, 3, 0]])
def test_all_sides_are_read_alike(model: Any, seen: dict[str, np.ndarray], order: list[int]) -> None:
    """Strips that change places change the places of their answers, and nothing else."""
    before = model.predict_on_batch(few(seen))
    moved = {"thumbnail": few(seen)["thumbnail"], "strips": few(seen)["strips"][:, order]}
    after = model.predict_on_batch(moved)
    for name in ("logit", "kind"):
        np.testing.assert_allclose(after[name], before[name], atol=1e-4)
    for name in ("inner", "outer"):
        np.testing.assert_allclose(after[name], before[name][:, order], atol=1e-4)
        assert np.abs(before[name][:, order] - before[name]).max() > 0.01  # the sides do differ


def test_a_picture_is_judged_alike_in_any_company(model: Any, seen: dict[str, np.ndarray]) -> None:
    together = model.predict_on_batch(few(seen, 5))
    alone = model.predict_on_batch(few(seen, 1))
    for name, output in alone.items():
        np.testing.assert_allclose(output[0], together[name][0], atol=1e-5)


def test_its_file_is_small_and_computes_the_same_on_256_pictures(
    model: Any, seen: dict[str, np.ndarray], tmp_path: Path
) -> None:
    path = export(model, tmp_path / "model.onnx")
    assert path.stat().st_size <= BUDGET
    assert len(seen["thumbnail"]) == PICTURES
    assert difference(model, path, seen) <= TOLERANCE


def test_what_ships_is_within_the_budget() -> None:
    card = Card.read(SHIPPED / DEFAULT_MODEL / CARD_FILE)
    assert card.bytes <= BUDGET
    assert card.spec == released.NAME
    assert {name: card.outputs[name] for name in GEOMETRY} == GEOMETRY


def test_answers_and_weights_are_float32_whatever_the_precision(seen: dict[str, np.ndarray]) -> None:
    model = unsettled("mixed_bfloat16")
    outputs = model.predict_on_batch(few(seen, 2))
    assert {output.dtype for output in outputs.values()} == {np.dtype(np.float32)}
    assert {weight.dtype for weight in model.trainable_weights} == {"float32"}


def test_every_part_of_it_learns(seen: dict[str, np.ndarray]) -> None:
    """A step of plain gradient descent moves every weight array: none is cut off from the answers."""
    keras = load_keras()
    model = unsettled()
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse", run_eagerly=True)
    before = [np.array(weight) for weight in model.trainable_weights]
    batch = few(seen, 8)
    rng = np.random.default_rng(0)
    targets = {name: rng.normal(0, 3, output.shape) for name, output in model.predict_on_batch(batch).items()}
    model.train_on_batch(batch, targets)
    stuck = [
        weight.path
        for weight, old in zip(model.trainable_weights, before, strict=True)
        if np.array_equal(np.array(weight), old)
    ]
    assert not stuck
