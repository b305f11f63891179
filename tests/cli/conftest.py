"""A command line whose baseline is the fake detector, and a folder of drawn pictures."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image as PillowImage
from typer.testing import CliRunner

from tests import draw, fakes
from tests.runtime import models
from unframe import detector
from unframe.cli import app
from unframe.types import Image

Run = Callable[..., "Result"]


class Result:
    """How a run ended and what it wrote."""

    def __init__(self, code: int, out: bytes, err: str) -> None:
        self.code = code
        self.bytes = out
        self.err = err

    @property
    def out(self) -> str:
        """Standard output as text."""
        return self.bytes.decode()


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command line in this process."""
    monkeypatch.setitem(detector.DETECTORS, "baseline", ("tests.fakes", "FakeDetector"))
    monkeypatch.setattr(detector, "WEIGHTS", Path("nowhere"))

    def call(*arguments: object, stdin: bytes = b"") -> Result:
        done = CliRunner().invoke(app, [str(each) for each in arguments], input=stdin)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Result(done.exit_code, done.stdout_bytes, done.stderr)

    return call


def save(image: Image, path: Path) -> Path:
    """Write a picture in the format that its suffix stands for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    PillowImage.fromarray(image).save(path)
    return path


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with a framed, a doubtful and a clean picture, one of them further down, and a broken file."""
    folder = tmp_path / "shop"
    save(draw.bordered(draw.product(seed=1), 12, fakes.FRAME_COLOUR)[0], folder / "framed.png")
    save(draw.bordered(draw.product(seed=2), 8, fakes.DOUBTFUL_COLOUR)[0], folder / "sub" / "doubtful.png")
    save(draw.product(seed=3), folder / "sub" / "clean.jpg")
    return folder


@pytest.fixture
def broken(shop: Path) -> Path:
    """A file in the shop that ends too early."""
    path = shop / "broken.jpg"
    whole = (shop / "sub" / "clean.jpg").read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return path


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """The folder of a model that holds dark pictures framed."""
    weights = models.darkness().SerializeToString()
    return models.save(tmp_path / "runs" / "model", weights, models.card(weights, name="mine"))


def size_of(source: Path | BytesIO) -> tuple[int, int]:
    """Width and height of a picture file."""
    with PillowImage.open(source) as picture:
        return picture.size
