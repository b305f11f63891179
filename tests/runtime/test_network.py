"""The network as a detector: verdicts, frames, models by name and path, threads, and what loading brings along."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from tests import draw
from tests.runtime import models
from unframe.errors import ModelError
from unframe.runtime import NetworkDetector, find, installed, network
from unframe.runtime.card import CARD_FILE, Calibration, Card, Input, Thresholds
from unframe.runtime.inputs import maker
from unframe.runtime.locate import Evidence
from unframe.types import Box, Frame, Image


def load(folder: Path, proto: onnx.ModelProto, **changes: Any) -> NetworkDetector:
    """The detector of a network with a card that fits it, but for these changes."""
    weights = proto.SerializeToString()
    return NetworkDetector.load(models.save(folder / "drawn", weights, replace(models.card(weights), **changes)))


def level(value: int, width: int = 120, height: int = 90) -> Image:
    return np.full((height, width, 3), value, dtype=np.uint8)


def products(count: int) -> list[Image]:
    """Products of several sizes; every other one dark enough to be held framed."""
    shown = [draw.product(60 + 13 * n, 50 + 7 * n, seed=n) for n in range(count)]
    return [image // 3 if n % 2 else image for n, image in enumerate(shown)]


class Locate:
    """Stands in for `unframe.runtime.locate.locate` and keeps what it was given."""

    def __init__(self) -> None:
        self.evidence: list[Evidence] = []

    def __call__(self, image: Image, evidence: Evidence) -> Frame:
        self.evidence.append(evidence)
        height, width = image.shape[:2]
        return Frame(Box(1, 1, width - 1, height - 1), Box.whole(width, height), ("top", "left"), "border")


@pytest.fixture
def locate(monkeypatch: pytest.MonkeyPatch) -> Locate:
    stub = Locate()
    monkeypatch.setattr(network, "locate", stub)
    return stub


# Verdicts


def test_a_verdict_follows_the_thresholds_of_the_card(darkness: NetworkDetector, locate: Locate) -> None:
    found = [darkness.detect(level(value)) for value in (250, 105, 90, 10)]
    assert [each.verdict for each in found] == ["clean", "review", "review", "framed"]
    assert [each.framed for each in found] == [False, False, True, True]
    assert [each.frame is not None for each in found] == [False, False, True, True]


def test_a_probability_is_the_calibrated_logit(darkness: NetworkDetector, locate: Locate) -> None:
    logit = 8 - 0.08 * 90
    assert darkness.detect(level(90)).probability == pytest.approx(1 / (1 + np.exp(-(1.5 * logit - 0.25))), abs=1e-5)


def test_calibration_comes_from_the_card(tmp_path: Path, locate: Locate) -> None:
    plain = load(tmp_path, models.darkness(), calibration=Calibration("none"))
    logit = 8 - 0.08 * 90
    assert plain.detect(level(90)).probability == pytest.approx(1 / (1 + np.exp(-logit)), abs=1e-5)


def test_a_probability_at_a_threshold_belongs_to_the_upper_verdict(tmp_path: Path, locate: Locate) -> None:
    probability = load(tmp_path, models.darkness()).detect(level(90)).probability
    exact = load(tmp_path, models.darkness(), thresholds=Thresholds(probability, probability, probability))
    assert exact.detect(level(90)).verdict == "framed"
    above = float(np.nextafter(probability, 1))
    assert load(tmp_path, models.darkness(), thresholds=Thresholds(probability, above, above)).detect(
        level(90)
    ).verdict == ("review")


def test_a_detection_names_detector_model_and_size(darkness: NetworkDetector, locate: Locate) -> None:
    found = darkness.detect(level(10, width=50, height=70))
    assert (found.detector, found.model, found.width, found.height) == ("cnn", "drawn", 50, 70)


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (7, 5), (2000, 40)])
def test_pictures_of_any_size_are_judged(darkness: NetworkDetector, size: tuple[int, int]) -> None:
    assert darkness.detect(level(250, *size)).verdict == "clean"


# Frames


def test_a_network_that_only_judges_leaves_the_place_open(darkness: NetworkDetector, locate: Locate) -> None:
    darkness.detect(level(10))
    (given,) = locate.evidence
    assert all(np.array_equal(one, other) for one, other in zip(given, Evidence.none(), strict=True))


def test_heads_are_passed_on_to_locate_the_frame(tmp_path: Path, locate: Locate) -> None:
    detector = load(tmp_path, models.with_heads(), input=Input("views", models.VIEWS), outputs=models.HEADS)
    image = draw.product(seed=1) // 4
    answer = detector.evidence(image)
    detector.detect(image)
    (given,) = locate.evidence
    for head in ("inner", "outer", "kind"):
        assert np.array_equal(getattr(given, head), answer.outputs[head][0])
    np.testing.assert_allclose(given.inner, answer.inputs["strips"][0].mean(axis=(2, 3)), rtol=1e-5)


def test_a_frame_is_located_by_the_picture(tmp_path: Path) -> None:
    image, inner = draw.bordered(draw.product(240, 200), 20, (10, 10, 10))
    frame = load(tmp_path, models.darkness(bias=50)).detect(image).frame
    assert frame is not None
    assert frame.inner == inner


def test_heads_come_together_or_not_at_all(tmp_path: Path) -> None:
    proto = models.with_heads()
    del proto.graph.output[3]
    heads = {"logit": (1,), "inner": models.HEADS["inner"], "outer": models.HEADS["outer"]}
    with pytest.raises(ModelError, match="or none"):
        load(tmp_path, proto, input=Input("views", models.VIEWS), outputs=heads)


# Several pictures, several threads


@pytest.mark.parametrize("count", [0, 1, 9])
def test_several_pictures_are_judged_as_each_alone(tmp_path: Path, count: int) -> None:
    detector = load(tmp_path, models.convolutions(), calibration=Calibration("platt", 5.0, 0.1))
    pictures = products(count)
    assert detector.detect_many(pictures) == [detector.detect(each) for each in pictures]


def test_threads_share_a_detector(tmp_path: Path) -> None:
    detector = load(tmp_path, models.convolutions(channels=8), calibration=Calibration("platt", 5.0, 0.1))
    pictures = products(12)
    alone = [detector.detect(each) for each in pictures]
    assert len({each.probability for each in alone}) > 6
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(detector.detect, pictures * 8)) == alone * 8


def test_a_picture_is_not_changed(darkness: NetworkDetector) -> None:
    image = draw.product() // 3
    image.flags.writeable = False
    before = image.copy()
    darkness.detect(image)
    assert np.array_equal(image, before)


# Evidence


def test_evidence_is_what_went_in_and_came_out(darkness: NetworkDetector) -> None:
    answer = darkness.evidence(level(90))
    assert list(answer.inputs) == ["thumbnail"]
    assert answer.inputs["thumbnail"].shape == (1, 128, 128, 3)
    assert answer.outputs["logit"].shape == (1, 1)
    assert answer.outputs["logit"][0, 0] == pytest.approx(8 - 0.08 * 90, abs=1e-4)
    assert answer.probability == darkness.detect(level(90)).probability


# Models by name and path


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed models with one in it, called ``drawn``."""
    weights = models.darkness().SerializeToString()
    models.save(tmp_path / "shelf" / "drawn", weights, models.card(weights))
    monkeypatch.setattr(network, "SHIPPED", tmp_path / "shelf")
    return tmp_path / "shelf"


def test_installed_models_are_found_by_name(shelf: Path) -> None:
    assert [card.name for card in installed()] == ["drawn"]
    assert NetworkDetector.load("drawn").model == "drawn"


def test_an_installed_model_goes_before_a_folder(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = shelf.parent / "drawn"
    other.mkdir()
    monkeypatch.chdir(other.parent)
    assert find("drawn") == shelf / "drawn"
    assert find("./drawn") == find(Path("drawn")) == Path("drawn")


def test_a_model_is_found_by_its_folder_or_card(shelf: Path) -> None:
    folder = shelf / "drawn"
    assert find(folder) == find(str(folder)) == find(folder / CARD_FILE) == folder


@pytest.mark.parametrize("name", ["unframe-0", "", "draw", "../drawn", "shelf\0", "a" * 5000])
def test_a_model_that_is_not_there_is_refused(shelf: Path, name: str) -> None:
    with pytest.raises(ModelError, match=r"there is no model .*; installed: drawn; or name a folder"):
        find(name)


def test_no_model_needs_to_be_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(network, "SHIPPED", tmp_path / "nowhere")
    assert installed() == []
    with pytest.raises(ModelError, match="installed: none"):
        NetworkDetector.load()


def test_what_ships_can_be_loaded() -> None:
    for card in installed():
        assert find(card.name).name == card.name
        assert NetworkDetector.load(card.name).card == card


@pytest.mark.parametrize(
    ("wanted", "match"),
    [
        (Input("strips", {"thumbnail": (128, 128, 3)}), "input.kind is 'strips'; it must be one of thumbnail, views"),
        (Input("thumbnail", {"thumbnail": (128, 128, 4)}), "for thumbnail they are thumbnail"),
        (Input("views", {"thumbnail": (128, 128, 3)}), "for views they are strips"),
    ],
)
def test_inputs_that_are_not_made_are_refused(wanted: Input, match: str) -> None:
    with pytest.raises(ModelError, match=match):
        maker(replace(models.card(), input=wanted))


def test_a_network_that_fails_is_refused_when_it_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="NaN or infinite"):
        load(tmp_path, models.darkness(slope=3e38))


# What loading brings along


def python(code: str, *arguments: object) -> str:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def test_the_room_is_cheap_until_a_model_is_loaded(tmp_path: Path) -> None:
    weights = models.darkness().SerializeToString()
    folder = models.save(tmp_path / "drawn", weights, models.card(weights))
    code = """
import sys
import unframe.runtime
assert "onnxruntime" not in sys.modules
unframe.runtime.NetworkDetector.load(sys.argv[1])
print(*{name.partition(".")[0] for name in sys.modules})
"""
    loaded = set(python(code, folder).split())
    assert "onnxruntime" in loaded
    assert not loaded & {"onnx", "keras", "tensorflow", "cv2", "torch", "sklearn", "matplotlib", "pandas"}


def test_the_runtime_reports_to_nobody(tmp_path: Path) -> None:
    """Left alone, ONNX Runtime writes an identifier into the user's cache and sends events along with it."""
    code = """
import sys
import numpy as np
from unframe.runtime import NetworkDetector
NetworkDetector.load().detect(np.zeros((40, 40, 3), dtype=np.uint8))
"""
    kept = {name: value for name, value in os.environ.items() if name not in {"CI", "ORT_DISABLE_TELEMETRY"}}
    own = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    subprocess.run([sys.executable, "-c", code], env=kept | own, check=True, timeout=60)
    assert list(tmp_path.iterdir()) == []


def test_a_refused_file_writes_nothing_to_standard_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    broken = models.darkness()
    broken.graph.node[2].input[1] = "nothing"
    with pytest.raises(ModelError):
        load(tmp_path, broken)
    assert capfd.readouterr() == ("", "")


def test_a_card_beside_other_weights_is_refused(shelf: Path) -> None:
    folder = shelf / "drawn"
    card = Card.read(folder / CARD_FILE)
    (folder / CARD_FILE).write_text(replace(card, sha256="0" * 64).to_json(), encoding="utf-8")
    with pytest.raises(ModelError, match="sha256"):
        NetworkDetector.load("drawn")


def test_an_infinite_weight_can_hide_behind_a_relu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Why weights are walked and a trial run is not enough."""
    proto = models.convolutions(channels=4)
    kernel = onnx.numpy_helper.to_array(proto.graph.initializer[0]).copy()
    kernel[0] = -np.inf
    proto.graph.initializer[0].CopyFrom(models.weight("kernel0", kernel))
    with pytest.raises(ModelError, match="holds weights that are NaN"):
        load(tmp_path, proto)
    look_away: Callable[[bytes, str], None] = lambda data, name: None  # noqa: E731
    monkeypatch.setattr("unframe.runtime.session.examine", look_away)
    load(tmp_path, proto)
