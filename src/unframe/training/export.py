"""Keras model to one ONNX file, and the check that both compute the same.

Keras converts through tf2onnx. What is added here makes the file fit to ship: float32 whatever the precision in
training, everything inside the one file, a batch dimension that is called ``batch``, names that do not depend on what
else the process built, so that the same weights always give the same bytes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from unframe.errors import MissingExtraError, ModelError
from unframe.files import write_atomic
from unframe.network.backend import load_keras

TOLERANCE = 1e-4
"""How far any output of the exported network may be from the trained one's."""


def export(model: Any, path: Path, *, metadata: Mapping[str, str] | None = None, overwrite: bool = False) -> Path:
    """Write a Keras model as one ONNX file.

    The graph takes what the model takes: uint8 pictures where the model begins with ``Rescaling``, in the model's own
    layout (batch, height, width, channel), under the names of its inputs; likewise its outputs.

    Args:
        model: A functional Keras model, of any precision.
        path: File to write.
        metadata: Text to store in the file by key.
        overwrite: Replace a file that is already there.

    Raises:
        ModelError: A layer has no counterpart in ONNX.
        MissingExtraError: tf2onnx or TensorFlow is not installed.
        OutputError: The file is already there or cannot be written.
    """
    graph = _named(_converted(as_float32(model)), model)
    for key, value in sorted((metadata or {}).items()):
        graph.metadata_props.add(key=key, value=value)
    _check(graph)
    write_atomic(path, graph.SerializeToString(deterministic=True), overwrite=overwrite)
    return path


def as_float32(model: Any) -> Any:
    """A copy of a model with the same weights that calculates in float32 throughout."""
    if not model.built:
        raise ModelError("the model has no weights yet; call it once on a batch before it is exported")
    copy = type(model).from_config(_with_float32(model.get_config()))
    copy.set_weights(model.get_weights())
    return copy


def _with_float32(config: Any) -> Any:
    if isinstance(config, dict):
        if config.get("class_name") == "DTypePolicy":
            return "float32" if "float" in config["config"]["name"] else config
        return {key: _with_float32(value) for key, value in config.items()}
    if isinstance(config, (list, tuple)):
        return type(config)(map(_with_float32, config))
    return config


def _converted(model: Any) -> Any:
    """The ONNX graph that Keras makes of a float32 model."""
    onnx = _onnx()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.onnx"
        if load_keras().backend.backend() == "tensorflow":
            _convert(model, file)
        else:
            _convert_elsewhere(model, file)
        return onnx.load(str(file))


def _convert(model: Any, file: Path) -> None:
    model(_zeros(model))  # Keras exports only what was called once
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tf2onnx asks NumPy 2 for names that NumPy 1 had
        model.export(str(file), format="onnx", verbose=False)


def _convert_elsewhere(model: Any, file: Path) -> None:
    """Convert in a process of its own, in which Keras runs on TensorFlow; a process has one backend for all its life.

    So the same weights give the same bytes, whatever trained them.
    """
    stored = file.with_suffix(".keras")
    model.save(stored)
    command = [sys.executable, "-m", __name__, str(stored), str(file)]
    environment = os.environ | {"KERAS_BACKEND": "tensorflow"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise MissingExtraError("Export to ONNX", f"a Keras that runs on TensorFlow ({reason})", "train")


def _onnx() -> Any:
    try:
        import_module("tf2onnx")  # Keras loads it by itself, but says less clearly that it is missing
        return import_module("onnx")
    except ImportError as error:
        raise MissingExtraError("Export to ONNX", "onnx and tf2onnx", "train") from error


def _zeros(model: Any) -> Any:
    keras = load_keras()

    def zeros(tensor: Any) -> NDArray[Any]:
        return np.zeros((1, *tensor.shape[1:]), dtype=tensor.dtype)

    return keras.tree.map_structure(zeros, model.input)


def _named(proto: Any, model: Any) -> Any:
    """The same graph with an order and names that depend on its structure alone; tf2onnx leaves both to chance."""
    graph = proto.graph
    names = {each.name: name for each, name in zip(graph.output, output_names(model), strict=True)}
    names |= {"": ""} | {each.name: each.name for each in graph.input}  # an input that is left out has no name
    nodes = _ordered(graph)
    for number, node in enumerate(nodes):
        node.name, node.doc_string = f"{node.op_type}_{number}", ""
        for tensors in (node.input, node.output):
            tensors[:] = [names.setdefault(name, f"tensor_{len(names)}") for name in tensors]
    weights = [each for each in graph.initializer if each.name in names]
    for each in (*weights, *graph.output):
        each.name = names[each.name]
    for each in (*graph.input, *graph.output):
        each.type.tensor_type.shape.dim[0].dim_param = "batch"
    return _rebuilt(proto, nodes, sorted(weights, key=lambda each: str(each.name)))


def _ordered(graph: Any) -> list[Any]:
    """The nodes of a graph, each after all that it needs, as a walk back from the outputs meets them."""
    maker = {name: node for node in graph.node for name in node.output}
    ordered: dict[str, Any] = {}
    waiting = [maker[each.name] for each in reversed(graph.output)]
    while waiting:
        node = waiting[-1]
        needed = [maker[name] for name in node.input if name in maker and maker[name].output[0] not in ordered]
        if needed:
            waiting.extend(reversed(needed))
        else:
            ordered.setdefault(waiting.pop().output[0], node)
    return list(ordered.values())


def _rebuilt(proto: Any, nodes: list[Any], weights: list[Any]) -> Any:
    helper = _onnx().helper
    graph = helper.make_graph(nodes, "unframe", proto.graph.input, proto.graph.output, weights)
    return helper.make_model(
        graph, opset_imports=proto.opset_import, ir_version=proto.ir_version, producer_name="unframe"
    )


def output_names(model: Any) -> list[str]:
    """What the ONNX file of a model calls its outputs, in their order.

    These are the keys where the model gives a dictionary, else the names of the layers.
    """
    if isinstance(model.output, dict):
        return sorted(model.output)
    return list(model.output_names)


def _check(proto: Any) -> None:
    onnx = _onnx()
    foreign = {node.op_type for node in proto.graph.node} - {each.name for each in onnx.defs.get_all_schemas()}
    if foreign:
        raise ModelError(f"ONNX has no operation {', '.join(sorted(foreign))}; use another layer or activation")
    try:
        onnx.checker.check_model(proto, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise ModelError(f"the exported graph is not valid ONNX: {error}; use another layer or activation") from error


def difference(model: Any, path: Path, inputs: Mapping[str, NDArray[Any]]) -> float:
    """The largest difference between any output of a Keras model and of its ONNX file.

    Args:
        model: The model that was exported; it is compared in float32.
        path: Its ONNX file.
        inputs: Array by name of input, the first axis being the batch.
    """
    exact = as_float32(model)
    expected = exact.predict_on_batch(load_keras().tree.map_structure(lambda each: inputs[each.name], exact.input))
    session = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    names = output_names(model)
    found = session.run(names, dict(inputs))
    pairs = zip(load_keras().tree.flatten(expected), found, strict=True)  # dictionaries are flattened by sorted key
    return max(float(np.abs(one - other).max()) for one, other in pairs)


if __name__ == "__main__":
    _convert(load_keras().models.load_model(sys.argv[1]), Path(sys.argv[2]))
