"""Tiny networks and tiny pictures: training is tested on what takes milliseconds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests import draw
from unframe.network.backend import load_keras
from unframe.types import Image


@pytest.fixture(scope="session")
def keras() -> Any:
    return load_keras()


@pytest.fixture(scope="session")
def pictures() -> tuple[Image, np.ndarray]:
    """96 pictures uint8 ``(96, 16, 16, 3)``, every other one with a border, and float32 labels ``(96,)``."""
    images = [draw.product(16, 16, seed) for seed in range(96)]
    images[::2] = [draw.bordered(image, 2)[0] for image in images[::2]]
    labels = np.tile(np.array([1.0, 0.0], dtype=np.float32), 48)
    return np.stack(images), labels
