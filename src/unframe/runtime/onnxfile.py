"""What a weights file holds, read off its bytes before any of it is built or run.

ONNX Runtime alone is not enough of a guard: some of its releases read external data of a model that came as bytes from
the working directory (https://github.com/microsoft/onnxruntime/pull/27430), and an infinite weight can vanish behind a
ReLU and leave wrong but finite answers. So the protobuf messages are walked here, without the ``onnx`` package, by the
field numbers of ``onnx.proto`` (https://github.com/onnx/onnx), and everything is refused that a plain feed-forward
network has no need of: references to other files, operators that are not ONNX's own, subgraphs (loops among them),
functions, sparse weights, weights that are not finite.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from unframe.errors import ModelError

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_FIXED = {FIXED64: 8, FIXED32: 4}

_CHILDREN = {
    "model": {7: "graph"},
    "graph": {1: "node", 5: "tensor"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 10: "tensor"},
}
"""Message and field number of what is walked in it."""

_REFUSED = {
    "model": {20: "training information", 25: "functions of its own"},
    "graph": {15: "sparse weights"},
    "attribute": {6: "a subgraph", 11: "subgraphs", 22: "sparse weights", 23: "sparse weights"},
    "tensor": {3: "weights in segments", 13: "a reference to external data"},
}
"""Message and field number of what must not be there at all."""

_NODE_DOMAIN = 7
_STANDARD_DOMAINS = {b"", b"ai.onnx"}

_DATA_TYPE, _FLOATS, _INTEGERS, _RAW, _DOUBLES, _LOCATION = 2, 4, 5, 9, 10, 14
_FLOAT16 = 10
_ELEMENTS = {1: "<f4", 2: "|u1", 3: "|i1", 6: "<i4", 7: "<i8", 9: "|b1", _FLOAT16: "<f2", 11: "<f8"}
"""Number of a tensor's data type and its elements; text, complex numbers and the 8-bit floats are left out."""
_ATTRIBUTE_FLOATS = {2, 7}

_STRANGERS = {
    b"\x80": "a pickle, which could run code",
    b"PK\x03\x04": "a zip archive, as PyTorch and Keras write them",
    b"\x89HDF": "an HDF5 file, as Keras writes them",
}


class Field(NamedTuple):
    """One field of a protobuf message: its number, wire type, and the bytes or whole number it holds."""

    number: int
    wire: int
    value: memoryview | int


class _DamageError(Exception):
    """The bytes are no protobuf message; the text reads on from the file's name."""


def examine(data: bytes, name: str) -> None:
    """Refuse a weights file that is anything but one plain, self-contained network of finite weights.

    Args:
        data: The whole file.
        name: What messages call it.

    Raises:
        ModelError: Names what is wrong; nothing of the file has been run.
    """
    for start, meaning in _STRANGERS.items():
        if data.startswith(start):
            raise ModelError(f"{name} is {meaning}; weights must be ONNX: export the model again")
    if data[4:8] == b"ORTM":
        raise ModelError(f"{name} is in ONNX Runtime's own format; weights must be ONNX: export the model again")
    try:
        _walk(memoryview(data), "model", name)
    except _DamageError as error:
        raise ModelError(f"{name} {error}; it is damaged or no ONNX file: fetch or export it again") from None


def fields(message: memoryview) -> Iterator[Field]:
    """The fields of a protobuf message, in order.

    The wire format is that of https://protobuf.dev/programming-guides/encoding. Groups, which ONNX never used, are
    damage here.
    """
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        number, wire = tag >> 3, tag & 7
        value: memoryview | int
        if wire == VARINT:
            value, at = _varint(message, at)
        else:
            size, at = _varint(message, at) if wire == BYTES else (_FIXED.get(wire, -1), at)
            if size < 0 or not 0 < number < 1 << 29:
                raise _DamageError(f"holds a field of no known type at byte {at:,} of a message")
            if at + size > len(message):
                raise _DamageError(f"ends {at + size - len(message):,} bytes too early")
            value, at = message[at : at + size], at + size
        yield Field(number, wire, value)


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """The number of variable length at this offset, and the offset after it."""
    value = 0
    for place, byte in enumerate(message[at : at + 10]):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at + place + 1
    raise _DamageError("ends too early" if len(message) - at < 10 else f"holds an endless number at byte {at:,}")


def _walk(message: memoryview, kind: str, name: str) -> None:
    if kind == "tensor":
        _check_tensor(message, name)
        return
    for field in fields(message):
        _check_field(field, kind, name)
        child = _CHILDREN.get(kind, {}).get(field.number)
        if child:
            _walk(_message(field), child, name)


def _check_field(field: Field, kind: str, name: str) -> None:
    refused = _REFUSED.get(kind, {}).get(field.number)
    if refused:
        raise _unwanted(name, refused)
    if kind == "node" and field.number == _NODE_DOMAIN:
        domain = bytes(_message(field))
        if domain not in _STANDARD_DOMAINS:
            raise _unwanted(name, f"operators of the domain {domain[:60].decode(errors='replace')!r}")
    if kind == "attribute" and field.number in _ATTRIBUTE_FLOATS:
        _check_finite(_message(field, FIXED32), "<f4", name)


def _check_tensor(message: memoryview, name: str) -> None:
    data_type: memoryview | int = 0
    held: list[Field] = []
    for field in fields(message):
        _check_field(field, "tensor", name)
        if field.number == _DATA_TYPE:
            data_type = field.value
        elif field.number == _LOCATION and field.value != 0:
            raise _unwanted(name, "a reference to external data")
        elif field.number in {_FLOATS, _INTEGERS, _RAW, _DOUBLES}:
            held.append(field)
    if data_type not in _ELEMENTS:
        raise _unwanted(name, f"weights of the data type {data_type}")
    for field in held:
        _check_values(field, int(data_type), name)


def _check_values(field: Field, data_type: int, name: str) -> None:
    """Check the values of a tensor that may be floats: raw ones by the data type, others by their field."""
    if field.number == _RAW:
        _check_finite(_message(field), _ELEMENTS[data_type], name)
    elif field.number == _FLOATS:
        _check_finite(_message(field, FIXED32), "<f4", name)
    elif field.number == _DOUBLES:
        _check_finite(_message(field, FIXED64), "<f8", name)
    elif data_type == _FLOAT16:
        raise _unwanted(name, "half floats that are not raw")


def _check_finite(values: memoryview, dtype: str, name: str) -> None:
    if len(values) % np.dtype(dtype).itemsize:
        raise _DamageError("holds weights that end inside a number")
    if not np.isfinite(np.frombuffer(values, dtype)).all():
        raise ModelError(f"{name} holds weights that are NaN or infinite; train or export the model again")


def _message(field: Field, *others: int) -> memoryview:
    """The bytes of a field, which must be of the wire type for bytes or one of the others."""
    if field.wire not in {BYTES, *others} or isinstance(field.value, int):
        raise _DamageError(f"holds field {field.number} with the wire type {field.wire}")
    return field.value


def _unwanted(name: str, what: str) -> ModelError:
    return ModelError(f"{name} holds {what}; export the model as one plain network of ONNX's own operators")
