"""Drawn pictures in folders, and a detector that knows one frame."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image as PillowImage

from tests import draw, fakes
from tests.cli.conftest import run  # the command line with the same detector
from unframe.detector import Detector

__all__ = ["run"]


@pytest.fixture
def detector() -> Detector:
    """Finds frames of `fakes.FRAME_COLOUR`."""
    return Detector(fakes.FakeDetector())


def picture(path: Path, seed: int) -> Path:
    """A small picture: framed when the seed divides by 3, doubtful when it leaves 1 divided by 6, else clean."""
    image = draw.product(64, 48, seed=seed)
    if seed % 3 == 0:
        image = draw.bordered(image, 6, fakes.FRAME_COLOUR)[0]
    elif seed % 6 == 1:
        image = draw.bordered(image, 6, fakes.DOUBTFUL_COLOUR)[0]
    path.parent.mkdir(parents=True, exist_ok=True)
    PillowImage.fromarray(image).save(path)
    return path


def pictures(folder: Path, count: int) -> list[Path]:
    """Pictures ``000.png`` and so on, with seeds from 0."""
    return [picture(folder / f"{seed:03}.png", seed) for seed in range(count)]


def broken(path: Path) -> Path:
    """A file that ends too early."""
    path.write_bytes(path.read_bytes()[:100])
    return path
