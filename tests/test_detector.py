"""One detector for every source, found by name."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

import unframe
from tests import draw, fakes
from tests.runtime import models
from unframe import detector as module
from unframe.detector import DETECTORS, Detector, default_name
from unframe.errors import DecodeError, ModelError
from unframe.imaging import Source
from unframe.runtime import DEFAULT_MODEL
from unframe.runtime.card import CARD_FILE
from unframe.settings import Settings
from unframe.types import Image


@pytest.fixture
def detector() -> Detector:
    return Detector(fakes.FakeDetector())


@pytest.fixture
def image() -> Image:
    return draw.bordered(draw.product(), 12, fakes.FRAME_COLOUR)[0]


def test_every_kind_of_source_gives_the_same_answer(detector: Detector, image: Image, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    picture = PillowImage.fromarray(image)
    picture.save(path)
    alpha = np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])
    sources: list[Source] = [path, str(path), path.read_bytes(), picture, image, alpha]
    answers = [detector.detect(source) for source in sources]
    assert answers == [fakes.FakeDetector().detect(image)] * len(sources)
    assert detector.detect_many(sources) == answers


def test_limits_are_those_of_the_detector(image: Image) -> None:
    small = Detector(fakes.FakeDetector(), Settings(max_pixels=100))
    stream = BytesIO()
    PillowImage.fromarray(image).save(stream, "PNG")
    with pytest.raises(DecodeError) as caught:
        small.detect(stream.getvalue(), "shop/a.png")
    assert caught.value.code == "too-large"
    assert str(caught.value).startswith("shop/a.png ")


def test_detectors_are_loaded_by_name_with_their_options(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {}

    class Maker(fakes.FakeDetector):
        def __init__(self, **options: object) -> None:
            given.update(options)

    monkeypatch.setattr(fakes, "FakeDetector", Maker)
    monkeypatch.setitem(DETECTORS, "baseline", ("tests.fakes", "FakeDetector"))
    loaded = Detector.load("baseline", parameters=3)
    assert (loaded.name, loaded.model, given) == ("baseline", "fake-1", {"parameters": 3})


def test_an_unknown_detector_is_told_what_there_is() -> None:
    with pytest.raises(ModelError, match="choose one of: cnn, baseline"):
        Detector.load("oracle")


def test_a_detector_of_another_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DETECTORS, "cnn", ("unframe.nowhere", "Nothing"))
    with pytest.raises(ModelError, match="not part of this installation"):
        Detector.load("cnn")


def test_the_network_is_the_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert default_name() == "cnn"
    assert Detector.load().model == DEFAULT_MODEL
    (tmp_path / "another").mkdir()
    (tmp_path / "another" / CARD_FILE).write_text("{}")
    monkeypatch.setattr(module, "WEIGHTS", tmp_path)
    assert default_name() == "baseline"  # weights that are not the default's do not count
    assert Detector.load().name == "baseline"


def test_a_model_of_ones_own_is_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WEIGHTS", tmp_path)
    weights = models.darkness().SerializeToString()
    folder = models.save(tmp_path / "mine", weights, models.card(weights, name="mine"))
    loaded = Detector.load(model=folder)
    assert (loaded.name, loaded.model) == ("cnn", "mine")


def test_everything_that_the_package_offers_is_there() -> None:
    assert dir(unframe) == sorted(unframe.__all__)
    for name in unframe.__all__:
        assert getattr(unframe, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        unframe.nothing  # noqa: B018
