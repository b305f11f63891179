"""Live is not ready: ready comes after the detector is loaded and has passed its self-test, and ends with SIGTERM."""

from __future__ import annotations

import hashlib
import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import fakes
from tests.serving.conftest import CLEAN, LogLines, Running, asking, problem, service_of, until
from unframe.detector import Detector
from unframe.errors import ModelError, SettingsError
from unframe.runtime import installed
from unframe.serving import selftest
from unframe.serving.run import load
from unframe.serving.service import Service
from unframe.settings import ServerSettings, Settings
from unframe.types import Detection, Image


class Drifted(fakes.FakeDetector):
    """Says something else than it did when it was released."""

    def __init__(self, by: float) -> None:
        self._by = by

    def detect(self, image: Image) -> Detection:
        """Judge, a little wrongly."""
        found = super().detect(image)
        return Detection(
            found.verdict, found.probability - self._by, found.framed, found.frame, found.width, found.height,
            found.detector, found.model,
        )  # fmt: skip


def test_ready_waits_for_the_detector_while_live_does_not() -> None:
    go = threading.Event()

    def load() -> Detector:
        assert go.wait(60)
        return Detector(fakes.FakeDetector())

    with Running(Service(Settings(jobs=1), ServerSettings(), load)) as server:
        assert server.client.get("/health/live").json() == {"status": "live"}
        answer = server.client.get("/health/ready")
        assert problem(answer) == (503, "not-ready")
        assert problem(server.client.post("/v1/detect", content=CLEAN)) == (503, "not-ready")
        assert b"unframe_ready 0.0" in server.client.get("/metrics").content
        go.set()
        until(lambda: server.client.get("/health/ready").status_code == 200)
        assert server.client.get("/health/ready").json() == {"status": "ready", "model": "fake-1"}
        assert server.client.post("/v1/detect", content=CLEAN).status_code == 200
        assert b"unframe_ready 1.0" in server.client.get("/metrics").content


@pytest.mark.parametrize(("by", "ready"), [(0.0, True), (0.004, True), (0.006, False), (0.5, False)])
def test_ready_needs_the_stored_score(by: float, ready: bool, log_lines: LogLines) -> None:
    with asking(service_of(Drifted(by))) as ask:
        answer = ask("GET", "/health/ready")
        assert ask("GET", "/health/live").status_code == 200
        if ready:
            assert answer.status_code == 200
            return
        assert problem(answer) == (503, "not-ready")
        assert "fails its self-test" in answer.json()["detail"]
        assert problem(ask.post("/v1/detect", CLEAN)) == (503, "not-ready")
        assert any("fails its self-test" in line["message"] for line in log_lines())


def test_a_model_is_for_the_network() -> None:
    with pytest.raises(SettingsError, match="model mine is for the network"):
        load(Settings(), ServerSettings(detector="baseline", model="mine"))


def test_a_server_whose_detector_fails_ends(log_lines: LogLines) -> None:
    with Running(service_of(Drifted(0.5))) as server:
        until(lambda: server.server.should_exit or not server._thread.is_alive())
    assert isinstance(server.service.failure, ModelError)


def test_a_model_of_ones_own_is_compared_with_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selftest, "stored", dict)
    assert selftest.check(Detector(fakes.FakeDetector())) is False

    class Moody(fakes.FakeDetector):
        def __init__(self) -> None:
            self._judged = 0

        def detect(self, image: Image) -> Detection:
            self._judged += 1
            return Drifted(0.01 * self._judged).detect(image)

    with pytest.raises(ModelError, match="self-test"):
        selftest.check(Detector(Moody()))


def test_the_picture_is_the_same_everywhere() -> None:
    image = selftest.picture()
    assert image.dtype == np.uint8
    digest = "d91b1a653ab2fe24071b243f65439384f1f9819c867015e09e500ad0d43698fc"
    assert hashlib.sha256(image.tobytes()).hexdigest() == digest


class TestShipped:
    """The detectors that are installed, and what is stored of them."""

    @pytest.fixture(autouse=True)
    def fake_selftest(self) -> None:
        """Nothing is faked here."""

    def test_every_shipped_model_has_a_stored_score_and_gives_it(self) -> None:
        for card in installed():
            how = "run: python -m scripts.write_selftest"
            assert card.sha256 in selftest.stored(), f"the weights of {card.name} were replaced; {how}"
            assert selftest.check(Detector.load("cnn", model=card.name), card.name), how

    def test_the_rule_set_has_a_stored_score_and_gives_it(self) -> None:
        pytest.importorskip("cv2")
        assert selftest.check(Detector.load("baseline"))

    def test_the_file_holds_nothing_else(self) -> None:
        text = Path(selftest.__file__).with_name(selftest.FILE).read_text()
        stored: dict[str, Any] = json.loads(text)
        assert set(stored) == {card.sha256 for card in installed()} | {"baseline"}
