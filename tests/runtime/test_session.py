"""RELIABILITY 17: weights that are damaged, hostile or not the card's give a typed error, and nothing of them runs."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

from tests.runtime import models
from unframe.errors import ModelError
from unframe.runtime import session
from unframe.runtime.card import WEIGHTS_FILE, Card, Input
from unframe.runtime.onnxfile import examine
from unframe.runtime.session import Session

GOOD = models.darkness().SerializeToString()


def opened(folder: Path, weights: bytes | onnx.ModelProto, card: Card | None = None) -> Session:
    """Open weights as they would be from a folder; the card fits them unless another is given."""
    data = weights if isinstance(weights, bytes) else weights.SerializeToString()
    card = card or models.card(data)
    models.save(folder, data, card)
    return Session.open(folder / WEIGHTS_FILE, card)


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails the test when a file reaches ONNX Runtime."""

    def start(data: bytes, name: str) -> Any:
        pytest.fail(f"{name} was handed to ONNX Runtime")

    monkeypatch.setattr(session, "_start", start)


def test_a_good_file_answers_as_the_reference_implementation(tmp_path: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (3, 128, 128, 3), dtype=np.uint8)
    found = opened(tmp_path, GOOD).run({"thumbnail": picture})["logit"]
    (expected,) = ReferenceEvaluator(models.darkness()).run(None, {"thumbnail": picture})
    assert found == pytest.approx(np.asarray(expected), rel=1e-5)


# Not the card's


def test_another_sha256_is_refused(tmp_path: Path, no_engine: None) -> None:
    other = GOOD[:-1] + bytes([GOOD[-1] ^ 1])
    with pytest.raises(ModelError, match=r"has the sha256 .*, its card says .*fetch both again"):
        opened(tmp_path, other, models.card(GOOD))


@pytest.mark.parametrize("kept", [0, 1, len(GOOD) // 2, len(GOOD) - 1])
def test_a_truncated_file_is_refused_by_its_size(tmp_path: Path, no_engine: None, kept: int) -> None:
    with pytest.raises(ModelError, match=rf"ends after {kept} of {len(GOOD)} bytes; fetch it again"):
        opened(tmp_path, GOOD[:kept], models.card(GOOD))


def test_a_longer_file_is_refused(tmp_path: Path, no_engine: None) -> None:
    with pytest.raises(ModelError, match="sha256"):
        opened(tmp_path, GOOD + b"\0", models.card(GOOD))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "model.onnx", tmp_path):
        with pytest.raises(ModelError, match="is not there"):
            Session.open(path, models.card())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "model.onnx")
    with pytest.raises(ModelError, match="is not there"):
        Session.open(tmp_path / "model.onnx", models.card())


# Truncated or damaged, with a card that was made to fit


@pytest.mark.parametrize("kept", range(0, len(GOOD), 7))
def test_a_card_that_fits_does_not_save_a_truncated_file(tmp_path: Path, kept: int) -> None:
    cut = GOOD[:kept] or b"\n"
    with pytest.raises(ModelError):
        opened(tmp_path, cut)


@settings(max_examples=150, deadline=None)
@given(changes=st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_card_that_fits_does_not_save_damaged_bytes(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]]
) -> None:
    damaged = bytearray(GOOD)
    for at, value in changes:
        damaged[at] = value
    blank = {"thumbnail": np.zeros((1, 128, 128, 3), dtype=np.uint8)}
    with suppress(ModelError):  # the bytes may still be a network; whatever they are, nothing else is raised
        answer = opened(tmp_path_factory.mktemp("damaged"), bytes(damaged)).run(blank)
        assert np.isfinite(answer["logit"]).all()


@settings(deadline=None)
@given(noise=st.binary(max_size=200))
def test_noise_is_walked_or_refused_but_nothing_else(noise: bytes) -> None:
    with suppress(ModelError):
        examine(noise, "model.onnx")


# No ONNX file at all


class Bomb:
    """Creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_refused_and_not_unpickled(tmp_path: Path, no_engine: None, protocol: int) -> None:
    mark = tmp_path / "exploded"
    weights = pickle.dumps(Bomb(mark), protocol)
    with pytest.raises(ModelError, match="pickle" if protocol >= 2 else "no ONNX file"):
        opened(tmp_path / "model", weights)
    assert not mark.exists()
    pickle.loads(weights)
    assert mark.exists(), "the bomb is a dud, and the test proves nothing"


def test_an_archive_with_a_pickle_is_refused_and_not_opened(tmp_path: Path, no_engine: None) -> None:
    mark = tmp_path / "exploded"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Bomb(mark)))
    with pytest.raises(ModelError, match="zip archive"):
        opened(tmp_path / "model", file.getvalue())
    assert not mark.exists()


@pytest.mark.parametrize(
    ("weights", "match"),
    [
        (b"\x89HDF\r\n\x1a\n" + bytes(64), "HDF5"),
        (b"\x18\0\0\0ORTM" + bytes(64), "own format"),
        (b'{"name": "model"}', "no ONNX file"),
        (b"import os\nos.mkdir('exploded')\n", "no ONNX file"),
    ],
)
def test_other_kinds_of_files_are_refused(tmp_path: Path, no_engine: None, weights: bytes, match: str) -> None:
    with pytest.raises(ModelError, match=match):
        opened(tmp_path, weights)


# External data


def external(location: str, **others: str) -> TensorProto:
    tensor = TensorProto(name="slope", data_type=TensorProto.FLOAT, dims=[3, 1])
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": location, **others}.items():
        tensor.external_data.add(key=key, value=value)
    return tensor


def with_slope(slope: TensorProto) -> onnx.ModelProto:
    network = models.darkness()
    network.graph.initializer[0].CopyFrom(slope)
    return network


@pytest.mark.parametrize(
    "location",
    ["slope.bin", "./slope.bin", "../slope.bin", "../../../../etc/passwd", "/etc/passwd", "C:\\slope.bin", ""],
)
def test_external_data_are_refused(
    tmp_path: Path, no_engine: None, monkeypatch: pytest.MonkeyPatch, location: str
) -> None:
    folder = tmp_path / "models" / "drawn"
    for place in (folder, folder.parent):
        place.mkdir(parents=True, exist_ok=True)
        (place / "slope.bin").write_bytes(np.ones(3, dtype=np.float32).tobytes())
    monkeypatch.chdir(folder)  # where ONNX Runtime looks when a model comes as bytes
    with pytest.raises(ModelError, match="holds a reference to external data"):
        opened(folder, with_slope(external(location, offset="0", length="12")))


def test_half_a_reference_to_external_data_is_refused_too(tmp_path: Path, no_engine: None) -> None:
    only_flag = TensorProto(name="slope", data_type=TensorProto.FLOAT, dims=[3, 1], data_location=TensorProto.EXTERNAL)
    only_path = models.weight("slope", np.ones((3, 1), dtype=np.float32))
    only_path.external_data.add(key="location", value="slope.bin")
    for slope in (only_flag, only_path):
        with pytest.raises(ModelError, match="external data"):
            opened(tmp_path, with_slope(slope))


def test_external_data_of_a_constant_are_refused(tmp_path: Path, no_engine: None) -> None:
    network = models.darkness()
    del network.graph.initializer[0]
    network.graph.node.insert(0, helper.make_node("Constant", [], ["slope"], value=external("../slope.bin")))
    with pytest.raises(ModelError, match="external data"):
        opened(tmp_path, network)


def test_data_that_say_they_are_inside_are_accepted(tmp_path: Path) -> None:
    inside = models.weight("slope", np.ones((3, 1), dtype=np.float32))
    inside.data_location = TensorProto.DEFAULT
    opened(tmp_path, with_slope(inside))


# More than ONNX's own operators


@pytest.mark.parametrize("domain", ["shop.evil", "com.microsoft", "ai.onnx.ml", "ai.onnx.training", "\n"])
def test_operators_of_another_domain_are_refused(tmp_path: Path, no_engine: None, domain: str) -> None:
    network = models.darkness()
    network.graph.node[3].domain = domain
    network.opset_import.add(domain=domain, version=1)
    with pytest.raises(ModelError, match="holds operators of the domain"):
        opened(tmp_path, network)


def test_a_domain_that_is_named_but_not_used_is_accepted(tmp_path: Path) -> None:
    network = models.darkness()  # as tf2onnx writes its files
    network.opset_import.add(domain="ai.onnx.ml", version=3)
    opened(tmp_path, network)


def test_functions_are_refused(tmp_path: Path, no_engine: None) -> None:
    network = models.darkness()
    network.functions.add(name="Add", domain="", input=["a"], output=["a"])
    with pytest.raises(ModelError, match="functions of its own"):
        opened(tmp_path, network)


def test_loops_are_refused(tmp_path: Path, no_engine: None) -> None:
    network = models.darkness()
    body = helper.make_graph([], "for ever", [], [])
    network.graph.node.append(helper.make_node("Loop", ["", "levels"], ["never"], body=body))
    with pytest.raises(ModelError, match="a subgraph"):
        opened(tmp_path, network)


def test_sparse_weights_are_refused(tmp_path: Path, no_engine: None) -> None:
    network = models.darkness()
    network.graph.sparse_initializer.add(values=models.weight("more", np.ones(1, dtype=np.float32)))
    with pytest.raises(ModelError, match="sparse weights"):
        opened(tmp_path, network)


# Weights that are no numbers


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_raw_weights_must_be_finite(tmp_path: Path, no_engine: None, value: float, dtype: type) -> None:
    slope = models.weight("slope", np.array([[1], [value], [1]], dtype=dtype))
    with pytest.raises(ModelError, match="NaN or infinite"):
        opened(tmp_path, with_slope(slope))


def test_weights_in_other_fields_must_be_finite(tmp_path: Path, no_engine: None) -> None:
    floats = helper.make_tensor("slope", TensorProto.FLOAT, [3, 1], [1.0, np.nan, 1.0])
    doubles = helper.make_tensor("slope", TensorProto.DOUBLE, [3, 1], [1.0, np.nan, 1.0])
    assert (len(floats.float_data), len(doubles.double_data)) == (3, 3)
    for slope in (floats, doubles):
        with pytest.raises(ModelError, match="NaN or infinite"):
            opened(tmp_path, with_slope(slope))


def test_constants_must_be_finite(tmp_path: Path, no_engine: None) -> None:
    constants = [
        helper.make_node("Constant", [], ["slope"], value=models.weight("", np.full((3, 1), np.nan, dtype=np.float32))),
        helper.make_node("Constant", [], ["slope"], value_floats=[1.0, np.nan, 1.0]),
        helper.make_node("Constant", [], ["slope"], value_float=np.nan),
    ]
    for constant in constants:
        network = models.darkness()
        del network.graph.initializer[0]
        network.graph.node.insert(0, constant)
        with pytest.raises(ModelError, match="NaN or infinite"):
            opened(tmp_path, network)


@pytest.mark.parametrize("data_type", [TensorProto.STRING, TensorProto.BFLOAT16, TensorProto.UNDEFINED, 99])
def test_weights_of_an_odd_type_are_refused(tmp_path: Path, no_engine: None, data_type: int) -> None:
    slope = models.weight("slope", np.ones((3, 1), dtype=np.float32))
    data = with_slope(slope).SerializeToString()
    before = slope.SerializeToString()
    assert b"\x10\x01" in before  # field 2, data_type: float
    after = before.replace(b"\x10\x01", bytes([0x10, data_type]), 1)
    with pytest.raises(ModelError, match="weights of the data type"):
        opened(tmp_path, data.replace(before, after))


def test_answers_that_overflow_are_refused(tmp_path: Path) -> None:
    opened_session = opened(tmp_path, models.darkness(slope=3e38))
    with pytest.raises(ModelError, match="logit is NaN or infinite"):
        opened_session.run({"thumbnail": np.full((1, 128, 128, 3), 255, dtype=np.uint8)})


# Other inputs and outputs than the card's


@pytest.mark.parametrize(
    ("card", "match"),
    [
        ({"input": Input("thumbnail", {"thumbnail": (64, 64, 3)})}, r"input thumbnail has shape .*card says"),
        ({"input": Input("thumbnail", {"thumbnail": (3, 128, 128)})}, r"input thumbnail has shape"),
        ({"input": Input("thumbnail", {"thumbnail": (128, 128)})}, r"input thumbnail has shape"),
        ({"input": Input("thumbnail", {"picture": (128, 128, 3)})}, r"inputs are thumbnail; the card says picture"),
        ({"outputs": {"logit": (1,), "kind": (6,)}}, r"outputs are logit; the card says kind, logit"),
    ],
)
def test_other_shapes_than_the_cards_are_refused(tmp_path: Path, card: dict[str, Any], match: str) -> None:
    with pytest.raises(ModelError, match=match):
        opened(tmp_path, GOOD, replace(models.card(GOOD), **card))


def test_pictures_must_be_bytes(tmp_path: Path) -> None:
    network = models.darkness()
    network.graph.input[0].type.tensor_type.elem_type = TensorProto.FLOAT
    with pytest.raises(ModelError, match=r"input thumbnail is a tensor\(float\); it must be a tensor\(uint8\)"):
        opened(tmp_path, network)


def test_the_batch_axis_must_be_open(tmp_path: Path) -> None:
    network = models.darkness()
    network.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    with pytest.raises(ModelError, match="export it with an open batch"):
        opened(tmp_path, network)


def test_shapes_that_show_only_when_it_runs_are_checked_then(tmp_path: Path) -> None:
    network = models.darkness()
    network.graph.node[3].output[0] = "half"
    network.graph.node.append(helper.make_node("Concat", ["half", "half"], ["logit"], axis=0))
    with pytest.raises(ModelError, match=r"output logit has shape \(2, 1\); its card says \(1, 1\)"):
        opened(tmp_path, network).run({"thumbnail": np.zeros((1, 128, 128, 3), dtype=np.uint8)})


def test_a_graph_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    network = models.darkness()
    network.graph.node[2].input[1] = "nothing"
    with pytest.raises(ModelError, match="cannot be opened"):
        opened(tmp_path, network)


def test_names_that_are_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="a name that is not text"):
        opened(tmp_path, GOOD.replace(b"logit", b"log\xa1t"))


def test_what_fails_while_it_runs_is_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be run"):
        opened(tmp_path, GOOD).run({"thumbnail": np.zeros((1, 5, 5, 3), dtype=np.uint8)})
