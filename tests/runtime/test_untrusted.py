"""What must never be used as a model, tried as a user would try it: by its folder, from Python and the command line.

`test_session.py` looks at each check by itself; here every kind of bad file goes through the front door.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from typer.testing import CliRunner

import unframe
from tests import draw
from tests.runtime import models
from unframe.cli import app
from unframe.errors import ModelError
from unframe.runtime.card import CARD_FILE, WEIGHTS_FILE, Input

GOOD = models.darkness().SerializeToString()


class Bomb:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., None], tuple[str]]:
        return os.mkdir, (str(self.path),)


def wrong_sha256(folder: Path) -> None:
    models.save(folder, GOOD, models.card(GOOD[:-1] + bytes([GOOD[-1] ^ 1])))


def truncated(folder: Path) -> None:
    models.save(folder, GOOD[: len(GOOD) // 2], models.card(GOOD))


def truncated_with_a_card_that_fits(folder: Path) -> None:
    cut = GOOD[: len(GOOD) // 2]
    models.save(folder, cut, models.card(cut))


def wrong_shape(folder: Path) -> None:
    models.save(folder, GOOD, replace(models.card(GOOD), input=Input("thumbnail", {"thumbnail": (64, 64, 3)})))


def nan_weights(folder: Path) -> None:
    network = models.darkness()
    network.graph.initializer[0].CopyFrom(models.weight("slope", np.full((3, 1), np.nan, dtype=np.float32)))
    models.save(folder, network.SerializeToString(), models.card(network.SerializeToString()))


def external_data(folder: Path) -> None:
    network = models.darkness()
    slope = network.graph.initializer[0]
    slope.ClearField("raw_data")
    slope.data_location = onnx.TensorProto.EXTERNAL
    slope.external_data.add(key="location", value="../secret.bin")
    (folder.parent / "secret.bin").write_bytes(np.ones(3, dtype=np.float32).tobytes())
    models.save(folder, network.SerializeToString(), models.card(network.SerializeToString()))


def pickled(folder: Path) -> None:
    bomb = pickle.dumps(Bomb(folder.parent / "exploded"))
    models.save(folder, bomb, models.card(bomb))


def card_that_is_a_pickle(folder: Path) -> None:
    models.save(folder, GOOD, models.card(GOOD))
    (folder / CARD_FILE).write_bytes(pickle.dumps(Bomb(folder.parent / "exploded")))


def no_weights(folder: Path) -> None:
    models.save(folder, GOOD, models.card(GOOD))
    (folder / WEIGHTS_FILE).unlink()


BAD: list[Callable[[Path], None]] = [
    wrong_sha256,
    truncated,
    truncated_with_a_card_that_fits,
    wrong_shape,
    nan_weights,
    external_data,
    pickled,
    card_that_is_a_pickle,
    no_weights,
]


@pytest.fixture(params=BAD, ids=lambda make: make.__name__)
def bad(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The folder of a model that must not be used."""
    request.param(tmp_path / "model")
    return tmp_path / "model"


def untouched(bad: Path) -> bool:
    """Whether nothing but the model's own files is there: no code ran."""
    return {path.name for path in bad.parent.iterdir()} <= {"model", "secret.bin", "photo"}


def test_from_python_it_is_a_model_error(bad: Path) -> None:
    with pytest.raises(ModelError) as caught:
        unframe.Detector.load(model=bad)
    assert str(bad) in str(caught.value)
    assert untouched(bad)


@pytest.mark.parametrize("command", ["models check MODEL", "detect photo --model MODEL"])
def test_from_the_command_line_it_is_one_line_and_code_2(
    bad: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bad.parent)
    (bad.parent / "photo").write_bytes(draw.product().tobytes())
    done = CliRunner().invoke(app, [str(bad) if word == "MODEL" else word for word in command.split()])
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.startswith("unframe: ")
    assert len(done.stderr.splitlines()) == 1
    assert untouched(bad)


def test_the_bomb_would_explode(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Bomb(tmp_path / "exploded")))
    assert (tmp_path / "exploded").is_dir()


def test_the_good_file_is_good(tmp_path: Path) -> None:
    models.save(tmp_path / "model", GOOD, models.card(GOOD))
    assert unframe.Detector.load(model=tmp_path / "model").detect(draw.product()).model == "drawn"
