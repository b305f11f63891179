"""What all tests share: drawn pictures, and the shared folder of real ones where it exists."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("unframe", deadline=None)  # speed is measured in benchmarks/, and never asserted
settings.load_profile("unframe")

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Path of a folder of real pictures that is not part of the project; skips where it is absent."""

    def folder(name: str) -> Path:
        path = SHARED / name
        if not path.is_dir():
            pytest.skip(f"needs real pictures in {name}/, which are not part of the project")
        return path

    return folder
