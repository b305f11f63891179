"""Small networks on disk, opened as any other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime import models
from unframe.runtime import NetworkDetector


@pytest.fixture
def darkness(tmp_path: Path) -> NetworkDetector:
    """A detector that holds dark pictures framed."""
    weights = models.darkness().SerializeToString()
    return NetworkDetector.load(models.save(tmp_path / "drawn", weights, models.card(weights)))
