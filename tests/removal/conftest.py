"""The fake detector, wrapped, and pictures as files in memory."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image as PillowImage

from tests.fakes import FakeDetector
from unframe.detector import Detector
from unframe.types import Image


@pytest.fixture
def detector() -> Detector:
    """Finds solid bands in the colour that `tests.draw.bordered` paints."""
    return Detector(FakeDetector())


def encoded(image: Image, format: str = "PNG", **options: object) -> bytes:
    """The image as a picture file."""
    stream = BytesIO()
    PillowImage.fromarray(image).save(stream, format, **options)
    return stream.getvalue()
