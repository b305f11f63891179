"""A scan that is killed at any point goes on, and comes to the same result byte for byte."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.catalogue import worker
from tests.catalogue.conftest import broken, pictures

ROOT = Path(__file__).resolve().parents[2]
PICTURES = 160
KILLS = 20


def start(source: Path, folder: Path, suffix: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "tests.catalogue.worker", source, folder / f"out.{suffix}", folder / "cleaned"]
    return subprocess.Popen([str(word) for word in words], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones too, by its relative path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


@pytest.mark.parametrize("suffix", ["parquet", pytest.param("csv", marks=pytest.mark.slow)])
def test_sigkill_at_twenty_points(tmp_path: Path, suffix: str) -> None:
    if suffix == "parquet":
        pytest.importorskip("pyarrow")
    source, folder = tmp_path / "in", tmp_path / "out"
    broken(pictures(source, PICTURES)[50])
    undisturbed = start(source, folder, suffix)
    said, _ = undisturbed.communicate(timeout=200)
    assert undisturbed.returncode == 0
    assert len(said.splitlines()) == PICTURES
    whole = folder.rename(tmp_path / "whole")

    chance = random.Random(suffix)
    judged: list[str] = []
    for _ in range(KILLS):
        process = start(source, folder, suffix)
        assert process.stdout is not None
        with process.stdout as stream:
            judged += [stream.readline() for _ in range(chance.randint(1, PICTURES // KILLS))]
            process.kill()
            judged += stream
        assert process.wait() == -signal.SIGKILL
        for path in folder.glob(f"out.{suffix}*"):
            assert path.is_dir()  # no half file under the name of a whole one
    last = start(source, folder, suffix)
    rest, _ = last.communicate(timeout=200)
    assert last.returncode == 0
    assert files(folder) == files(whole)
    assert len(judged) + len(rest.splitlines()) - PICTURES <= KILLS * worker.THREADS
