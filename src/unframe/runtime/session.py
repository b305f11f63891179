"""A weights file opened by ONNX Runtime: checked against its card first, then run by whichever thread calls it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from unframe.errors import ModelError
from unframe.runtime.card import Card, Shapes
from unframe.runtime.onnxfile import examine

Inputs = Mapping[str, NDArray[np.uint8]]
Outputs = dict[str, NDArray[np.float32]]

_PROVIDERS = ["CPUExecutionProvider"]
_FATAL = 4


class Session:
    """A network that answers to arrays.

    Calls from several threads run side by side; each is worked on by the thread that makes it, because parallel
    requests keep the cores busy better than threads inside one small network.

    Args:
        engine: The ``onnxruntime.InferenceSession``.
        card: The card that its inputs and outputs were checked against.
        name: What messages call the weights file.
    """

    def __init__(self, engine: Any, card: Card, name: str) -> None:
        self._engine = engine
        self._card = card
        self._name = name
        self._heads = list(card.outputs)

    @classmethod
    def open(cls, weights: Path, card: Card) -> Session:
        """Open a weights file.

        The file is read once; what is checked is what is run. Nothing in it is run before it was checked, and ONNX
        Runtime gets bytes without a path, operators of its own only, and no other file.

        Args:
            weights: The ONNX file.
            card: Its card.

        Raises:
            ModelError: The file is not the card's, is damaged, holds what it must not, or its inputs or outputs are
                not those of the card.
        """
        name = str(weights)
        data = _read(weights, card)
        examine(data, name)
        engine = _start(data, name)
        _compare(_declared(engine.get_inputs(), name), card.input.shapes, "tensor(uint8)", f"{name}: input")
        _compare(_declared(engine.get_outputs(), name), card.outputs, "tensor(float)", f"{name}: output")
        return cls(engine, card, name)

    def run(self, inputs: Inputs) -> Outputs:
        """What the network answers.

        Args:
            inputs: uint8 arrays by name, each ``(N, ...)`` with the card's shape after the batch axis.

        Returns:
            float32 arrays by name, each ``(N, ...)`` with the card's shape after the batch axis, all finite.

        Raises:
            ModelError: The network fails, or answers with other shapes or with NaN or infinity.
        """
        try:
            answers = self._engine.run(self._heads, dict(inputs))
        except Exception as error:  # ONNX Runtime's error classes have no common base
            raise ModelError(f"{self._name} cannot be run: {_line(error)}; export the model again") from error
        outputs: Outputs = dict(zip(self._heads, answers, strict=True))
        count = len(next(iter(inputs.values())))
        for head, output in outputs.items():
            expected = (count, *self._card.outputs[head])
            if output.shape != expected:
                raise ModelError(f"{self._name}: output {head} has shape {output.shape}; its card says {expected}")
            if not np.isfinite(output).all():
                raise ModelError(f"{self._name}: output {head} is NaN or infinite; train or export the model again")
        return outputs


def _read(weights: Path, card: Card) -> bytes:
    """The bytes of a weights file, of which never more than the card says are held."""
    try:
        if not weights.is_file():  # nor would a pipe ever end
            raise ModelError(f"{weights} is not there; a model is a folder with its weights and its card")
        with weights.open("rb") as file:
            data = file.read(card.bytes + 1)
    except OSError as error:
        raise ModelError(f"{weights} cannot be read: {error.strerror or error}") from error
    if len(data) < card.bytes:
        raise ModelError(f"{weights} ends after {len(data):,} of {card.bytes:,} bytes; fetch it again")
    found = hashlib.sha256(data).hexdigest()
    if found != card.sha256:
        raise ModelError(
            f"{weights} has the sha256 {found[:12]}…, its card says {card.sha256[:12]}…: it was changed, or the card "
            "belongs to other weights; fetch both again"
        )
    return data


def _start(data: bytes, name: str) -> Any:
    import onnxruntime  # noqa: PLC0415 (a quarter of a second that only detecting is worth)

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL  # what goes wrong is raised; nothing else belongs on standard error
    options.add_session_config_entry("session.load_model_format", "ONNX")
    try:
        return onnxruntime.InferenceSession(data, options, providers=_PROVIDERS)
    except Exception as error:  # ONNX Runtime's error classes have no common base
        raise ModelError(f"{name} cannot be opened: {_line(error)}; export the model again") from error


class _Tensor(NamedTuple):
    """An input or output as the network declares it; an axis that it leaves open is a name or ``None``."""

    name: str
    shape: list[int | str | None]
    element: str


def _declared(nodes: Any, name: str) -> list[_Tensor]:
    try:
        return [_Tensor(node.name, node.shape, node.type) for node in nodes]
    except UnicodeDecodeError as error:  # ONNX Runtime takes names as they come
        raise ModelError(f"{name} has a name that is not text; fetch or export the model again") from error


def _compare(found: list[_Tensor], expected: Shapes, element: str, name: str) -> None:
    """Check what the network declares about its inputs or outputs; axes that it leaves open match any size."""
    names = [each.name for each in found]
    if set(names) != set(expected):
        raise ModelError(f"{name}s are {_listed(names)}; the card says {_listed(expected)}")
    for each in found:
        wanted = ["N", *expected[each.name]]
        sizes = zip(each.shape[1:], wanted[1:], strict=False)
        if len(each.shape) != len(wanted) or any(isinstance(size, int) and size != other for size, other in sizes):
            raise ModelError(f"{name} {each.name} has shape {each.shape}; the card says {wanted}")
        if isinstance(each.shape[0], int):
            raise ModelError(f"{name} {each.name} takes {each.shape[0]} image at a time; export it with an open batch")
        if each.element != element:
            raise ModelError(f"{name} {each.name} is a {each.element}; it must be a {element}")


def _listed(names: Any) -> str:
    return ", ".join(sorted(names)) or "none"


def _line(error: Exception) -> str:
    """The first line of an error's message, cut where it is long."""
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0][:200]
