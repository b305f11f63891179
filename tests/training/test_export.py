"""The Keras model is the oracle of its ONNX file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from unframe.errors import MissingExtraError, ModelError, OutputError
from unframe.training import export as module
from unframe.training.export import TOLERANCE, as_float32, difference, export, output_names


def two_eyed(keras: Any) -> Any:
    """A network with two inputs, two outputs and every kind of layer that the project's networks use."""
    layers = keras.layers
    policy = "mixed_bfloat16"
    whole = keras.Input((32, 32, 3), dtype="uint8", name="whole")
    strips = keras.Input((4, 8, 24, 3), dtype="uint8", name="strips")
    x = layers.Rescaling(1 / 127.5, -1, dtype=policy)(whole)
    x = layers.Conv2D(8, 5, strides=2, padding="same", use_bias=False, dtype=policy)(x)
    x = layers.BatchNormalization(dtype=policy)(x)
    x = layers.ReLU(dtype=policy)(x)
    y = layers.DepthwiseConv2D(3, padding="same", activation="swish", dtype=policy)(x)
    x = layers.Add(dtype=policy)([x, layers.Conv2D(8, 1, activation="relu6", dtype=policy)(y)])
    x = layers.MaxPooling2D(2, dtype=policy)(x)
    x = layers.SeparableConv2D(8, 3, padding="same", dtype=policy)(x)
    x = layers.AveragePooling2D(2, dtype=policy)(x)
    x = layers.Dropout(0.5, dtype=policy)(x)
    z = layers.Permute((1, 3, 2, 4), dtype=policy)(layers.Rescaling(1 / 255, dtype=policy)(strips))
    z = layers.Dense(4, activation="relu", dtype=policy)(layers.Reshape((4, -1), dtype=policy)(z))
    pooled = [layers.GlobalAveragePooling2D(dtype=policy)(x), layers.GlobalMaxPooling2D(dtype=policy)(x)]
    joined = layers.Concatenate(dtype=policy)([*pooled, layers.Flatten(dtype=policy)(x), layers.Flatten()(z)])
    framed = layers.Dense(1, activation="sigmoid", dtype="float32")(joined)
    kind = layers.Dense(6, activation="softmax", dtype="float32")(joined)
    return keras.Model({"whole": whole, "strips": strips}, {"framed": framed, "kind": kind})


def unsettle(model: Any, seed: int) -> None:
    """Give every weight, moving averages too, a value that is far from its initial one."""
    rng = np.random.default_rng(seed)
    model.set_weights([weight + rng.normal(0, 0.05, weight.shape) for weight in model.get_weights()])
    for layer in model.layers:
        if hasattr(layer, "moving_variance"):
            layer.moving_variance.assign(rng.uniform(0.5, 2, layer.moving_variance.shape))


@pytest.fixture(scope="module")
def exported(keras: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    keras.utils.set_random_seed(3)
    model = two_eyed(keras)
    unsettle(model, 5)
    return model, export(model, tmp_path_factory.mktemp("export") / "two.onnx", metadata={"spec": "two-eyed"})


def noise(count: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)
    return {
        "whole": rng.integers(0, 256, (count, 32, 32, 3), dtype=np.uint8),
        "strips": rng.integers(0, 256, (count, 4, 8, 24, 3), dtype=np.uint8),
    }


def test_onnx_gives_what_keras_gives_on_256_pictures(exported: tuple[Any, Path]) -> None:
    outputs = exported[0].predict_on_batch(noise(256))
    assert np.ptp(outputs["framed"]) > 0.02  # the comparison would be idle on outputs that never change
    assert np.ptp(outputs["kind"], axis=0).min() > 0.02
    assert difference(*exported, noise(256)) <= TOLERANCE


def test_the_comparison_sees_a_weight_that_is_off(exported: tuple[Any, Path]) -> None:
    model, path = exported
    other = as_float32(model)
    kernel = other.layers[-1].kernel
    kernel.assign(kernel * 1.01)
    assert difference(other, path, noise(8)) > TOLERANCE


def test_any_number_of_pictures_in_one_batch(exported: tuple[Any, Path]) -> None:
    assert difference(*exported, noise(1)) <= TOLERANCE
    assert difference(*exported, noise(3)) <= TOLERANCE


def test_one_file_of_float32_under_the_names_of_the_model(exported: tuple[Any, Path]) -> None:
    model, path = exported
    proto = onnx.load(path, load_external_data=False)
    kinds = {weight.data_type for weight in proto.graph.initializer}
    assert not any(weight.external_data for weight in proto.graph.initializer)
    assert not kinds & {onnx.TensorProto.BFLOAT16, onnx.TensorProto.FLOAT16, onnx.TensorProto.DOUBLE}
    assert {each.name: each.type.tensor_type.elem_type for each in proto.graph.input} == {
        "whole": onnx.TensorProto.UINT8,
        "strips": onnx.TensorProto.UINT8,
    }
    assert [each.name for each in proto.graph.output] == output_names(model) == ["framed", "kind"]
    assert all(each.type.tensor_type.shape.dim[0].dim_param == "batch" for each in proto.graph.input)
    assert {each.key: each.value for each in proto.metadata_props} == {"spec": "two-eyed"}


def test_the_same_weights_give_the_same_bytes(exported: tuple[Any, Path], keras: Any, tmp_path: Path) -> None:
    model, path = exported
    twin = two_eyed(keras)
    twin.set_weights(model.get_weights())
    assert export(twin, tmp_path / "twin.onnx", metadata={"spec": "two-eyed"}).read_bytes() == path.read_bytes()


def test_another_backend_leaves_the_conversion_to_tensorflow(
    exported: tuple[Any, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As if Keras ran on JAX: another process converts, and the file is the same to the last byte."""
    model, path = exported
    monkeypatch.setattr(module, "_convert", module._convert_elsewhere)
    assert export(model, tmp_path / "two.onnx", metadata={"spec": "two-eyed"}).read_bytes() == path.read_bytes()


def test_a_conversion_that_fails_elsewhere_says_why(
    exported: tuple[Any, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "_convert", module._convert_elsewhere)
    monkeypatch.setattr(sys, "executable", "false")
    with pytest.raises(MissingExtraError, match="runs on TensorFlow"):
        export(exported[0], tmp_path / "two.onnx")
    assert not list(tmp_path.iterdir())


def test_a_single_output_has_the_name_of_its_layer(keras: Any, tmp_path: Path) -> None:
    image = keras.Input((4, 4, 3), dtype="uint8", name="image")
    model = keras.Model(image, keras.layers.Dense(1, name="framed")(keras.layers.Flatten()(image)))
    path = export(model, tmp_path / "one.onnx")
    assert [each.name for each in onnx.load(path).graph.output] == output_names(model) == ["framed"]
    assert difference(model, path, {"image": noise(4)["whole"][:, :4, :4]}) <= TOLERANCE


def test_a_layer_without_counterpart_is_named(keras: Any, tmp_path: Path) -> None:
    inputs = keras.Input((4,), name="x")
    model = keras.Model(inputs, keras.layers.Dense(2, activation="gelu")(inputs))
    with pytest.raises(ModelError, match="Erfc"):
        export(model, tmp_path / "gelu.onnx")
    assert not list(tmp_path.iterdir())


def test_nothing_is_overwritten_unasked(exported: tuple[Any, Path], keras: Any) -> None:
    model, path = exported
    changed = as_float32(model)
    unsettle(changed, 6)
    before = path.read_bytes()
    with pytest.raises(OutputError):
        export(changed, path)
    assert path.read_bytes() == before
