"""What is handed out: the wheel and the source archive hold all that the package needs, and nothing of the workshop."""

from __future__ import annotations

import email
import hashlib
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests import draw
from unframe.runtime import DEFAULT_MODEL
from unframe.runtime.card import CARD_FILE, WEIGHTS_FILE

sdist = pytest.importorskip("hatchling.builders.sdist")
wheels = pytest.importorskip("hatchling.builders.wheel")

ROOT = Path(__file__).resolve().parent.parent
MODEL = f"unframe/runtime/weights/{DEFAULT_MODEL}"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    return Path(next(wheels.WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])))


def test_the_wheel_holds_the_network_that_its_card_describes(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        card = json.loads(archive.read(f"{MODEL}/{CARD_FILE}"))
        weights = archive.read(f"{MODEL}/{WEIGHTS_FILE}")
    assert card["name"] == DEFAULT_MODEL
    assert hashlib.sha256(weights).hexdigest() == card["sha256"]


def test_the_wheel_holds_every_file_of_the_package_and_no_other(wheel: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "src"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("needs a clone: git says which files belong to the package")
    package = {Path(name).relative_to("src").as_posix() for name in listed.stdout.split("\n") if name}
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if not name.split("/")[0].endswith(".dist-info")}
    assert held == {name for name in package if (ROOT / "src" / name).is_file()}


def test_the_wheel_asks_for_neither_keras_nor_opencv(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = email.message_from_bytes(archive.read(name))
    needed = [each for each in metadata.get_all("Requires-Dist", []) if "extra ==" not in each]
    assert {each.split(">")[0] for each in needed} == {
        "numpy", "onnxruntime", "pillow", "rich", "simplejpeg", "typer",
    }  # fmt: skip


def test_what_the_wheel_holds_is_enough_to_detect(wheel: Path, tmp_path: Path) -> None:
    """From the wheel's files alone: nothing beside it is imported from the clone."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    picture = draw.bordered(draw.product(320, 240), 16)[0]
    code = f"""
import sys
sys.path.insert(0, {str(tmp_path / "installed")!r})
import numpy as np, unframe
assert unframe.__file__.startswith({str(tmp_path)!r})
image = np.frombuffer(sys.stdin.buffer.read(), dtype=np.uint8).reshape({picture.shape})
found = unframe.Detector.load().detect(image)
print(found.model, found.framed)
"""
    done = subprocess.run([sys.executable, "-c", code], input=picture.tobytes(), capture_output=True, check=False)
    assert done.stdout.decode().split() == [DEFAULT_MODEL, "True"], done.stderr.decode()


def test_the_source_archive_holds_network_tests_and_documentation(tmp_path: Path) -> None:
    archive = Path(next(sdist.SdistBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])))
    with tarfile.open(archive) as held:
        names = {name.partition("/")[2] for name in held.getnames()}
    wanted = {"LICENSE", "README.md", "docs/index.md", "examples/labels.csv", "tests/test_package.py"}
    assert wanted | {f"src/{MODEL}/{CARD_FILE}", f"src/{MODEL}/{WEIGHTS_FILE}"} <= names
    assert not [name for name in names if name.startswith((".venv", ".git/"))]
