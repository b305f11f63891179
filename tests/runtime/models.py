"""Small networks as ONNX files, built node by node, and cards to go with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from unframe.runtime import views
from unframe.runtime.card import (
    CARD_FILE,
    WEIGHTS_FILE,
    Calibration,
    Card,
    Data,
    Input,
    Score,
    Shapes,
    Thresholds,
)
from unframe.types import KINDS

THUMBNAIL: Shapes = {"thumbnail": (128, 128, 3)}
VIEWS: Shapes = {
    "thumbnail": (views.THUMBNAIL, views.THUMBNAIL, 3),
    "strips": (4, views.DEPTH, views.ALONG, views.CHANNELS),
}
HEADS: Shapes = {"logit": (1,), "inner": (4, views.DEPTH), "outer": (4, views.DEPTH), "kind": (len(KINDS),)}


def card(weights: bytes = b"weights", inputs: Shapes = THUMBNAIL, outputs: Shapes | None = None, **others: Any) -> Card:
    """A card that fits the weights."""
    whole = Card(
        name="drawn",
        version="1.0.0",
        spec="128_mean",
        input=Input("views" if "strips" in inputs else "thumbnail", inputs),
        outputs=outputs or {"logit": (1,)},
        thresholds=Thresholds(0.2, 0.5, 0.8),
        calibration=Calibration("platt", 1.5, -0.25),
        data=Data("sha256:" + "0" * 64, {"framed": 10, "plain": 12}, ("drawn",)),
        command="unframe train drawn/ --spec 128_mean",
        seed=7,
        created="2026-01-31T12:00:00+00:00",
        scores={"balanced accuracy": Score(0.5, 22, "drawn pictures")},
        licence="Apache-2.0; trained on drawn pictures",
        sha256="0" * 64,
        bytes=1,
    ).sealed(weights)
    return replace(whole, **others)


def save(folder: Path, weights: bytes, card: Card) -> Path:
    """Write a model's two files; nothing is checked, so that anything can be written."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / WEIGHTS_FILE).write_bytes(weights)
    (folder / CARD_FILE).write_text(card.to_json(), encoding="utf-8")
    return folder


def weight(name: str, values: NDArray[Any]) -> TensorProto:
    return numpy_helper.from_array(values, name)


def darkness(bias: float = 8.0, slope: float = -0.08) -> onnx.ModelProto:
    """A network that holds dark pictures framed: a linear function of the thumbnail's mean level."""
    weights = [
        weight("slope", np.full((3, 1), slope / 3, dtype=np.float32)),
        weight("bias", np.array([bias], dtype=np.float32)),
    ]
    return model(
        [
            helper.make_node("Cast", ["thumbnail"], ["levels"], to=TensorProto.FLOAT),
            helper.make_node("ReduceMean", ["levels"], ["means"], axes=[1, 2], keepdims=0),
            helper.make_node("MatMul", ["means", "slope"], ["product"]),
            helper.make_node("Add", ["product", "bias"], ["logit"]),
        ],
        weights,
    )


def convolutions(seed: int = 0, channels: int = 32) -> onnx.ModelProto:
    """The layers of 2016, with random weights: four convolutions and poolings, a dense layer of 16, a logit."""
    rng = np.random.default_rng(seed)
    weights: list[TensorProto] = []
    nodes = [
        helper.make_node("Cast", ["thumbnail"], ["levels"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["levels"], ["pooled0"], perm=[0, 3, 1, 2]),
    ]
    depth = 3
    for layer in range(4):
        scale = (1.0 / 128 if layer == 0 else 1.0) * np.sqrt(2 / (9 * depth))
        kernel = rng.normal(0, scale, (channels, depth, 3, 3)).astype(np.float32)
        weights.append(weight(f"kernel{layer}", kernel))
        nodes += [
            helper.make_node("Conv", [f"pooled{layer}", f"kernel{layer}"], [f"conv{layer}"]),
            helper.make_node("Relu", [f"conv{layer}"], [f"relu{layer}"]),
            helper.make_node("MaxPool", [f"relu{layer}"], [f"pooled{layer + 1}"], kernel_shape=[2, 2], strides=[2, 2]),
        ]
        depth = channels
    flat = channels * 6 * 6
    weights += [
        weight("dense", rng.normal(0, np.sqrt(2 / flat), (flat, 16)).astype(np.float32)),
        weight("last", rng.normal(0, 0.5, (16, 1)).astype(np.float32)),
    ]
    nodes += [
        helper.make_node("Flatten", ["pooled4"], ["flat"]),
        helper.make_node("MatMul", ["flat", "dense"], ["hidden"]),
        helper.make_node("Relu", ["hidden"], ["active"]),
        helper.make_node("MatMul", ["active", "last"], ["logit"]),
    ]
    return model(nodes, weights)


def with_heads() -> onnx.ModelProto:
    """`darkness`, with heads that say by the strips' first levels where a frame lies."""
    judge = darkness()
    nodes, weights = list(judge.graph.node), list(judge.graph.initializer)
    rng = np.random.default_rng(1)
    nodes += [
        helper.make_node("Cast", ["strips"], ["edges"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["edges"], ["inner"], axes=[3, 4], keepdims=0),
        helper.make_node("Neg", ["inner"], ["outer"]),
        helper.make_node("MatMul", ["means", "kinds"], ["kind"]),
    ]
    weights.append(weight("kinds", rng.normal(0, 1, (3, 6)).astype(np.float32)))
    return model(nodes, weights, VIEWS, HEADS)


def model(
    nodes: Sequence[onnx.NodeProto],
    weights: Sequence[TensorProto],
    inputs: Shapes = THUMBNAIL,
    outputs: Shapes | None = None,
    domains: Mapping[str, int] | None = None,
) -> onnx.ModelProto:
    """A network with an open batch axis."""
    graph = helper.make_graph(
        list(nodes),
        "drawn",
        [helper.make_tensor_value_info(name, TensorProto.UINT8, ["batch", *shape]) for name, shape in inputs.items()],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", *shape])
            for name, shape in (outputs or {"logit": (1,)}).items()
        ],
        list(weights),
    )
    sets = {"": 17} | dict(domains or {})
    opsets = [helper.make_opsetid(domain, version) for domain, version in sets.items()]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="drawn")
