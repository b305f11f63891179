"""Drawn data sets on disk: read back as they were drawn, carried on after a kill, never written over."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.dataset.generator.photos import art, photographs
from unframe.dataset.generator import store
from unframe.dataset.generator.generate import Generator, Overlays, Parameters
from unframe.dataset.layouts import read_dataset
from unframe.errors import DatasetError, OutputError
from unframe.imaging import load

COUNT = 30


@pytest.fixture(scope="module")
def generator(tmp_path_factory: pytest.TempPathFactory) -> Generator:
    folder = tmp_path_factory.mktemp("photos")
    return Generator(photographs(folder / "plain"), 4, Overlays.of(art(folder / "art")), (60, 90))


@pytest.fixture(scope="module")
def whole(generator: Generator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set that was written without interruption."""
    folder = tmp_path_factory.mktemp("whole") / "drawn"
    assert len(list(store.write(generator, folder, COUNT, masks=True))) == COUNT
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_read_back_is_what_was_drawn(generator: Generator, whole: Path) -> None:
    samples = read_dataset(whole)
    assert len(samples) == COUNT
    for index, sample in enumerate(samples):
        drawn = generator.draw(index)
        assert np.array_equal(load(sample.path), drawn.image)
        assert (sample.width, sample.height) == (drawn.whole.width, drawn.whole.height)
        assert (sample.label, sample.design, sample.hard) == (drawn.label, drawn.design, drawn.hard)
        assert sample.source == drawn.details["source"]
        assert sample.drawn
        if drawn.frame is None:
            assert (sample.kind, sample.inner, sample.outer, sample.sides) == (None, None, None, ())
        else:
            frame = (sample.kind, sample.inner, sample.outer, sample.sides)
            assert frame == (drawn.frame.kind, drawn.frame.inner, drawn.frame.outer, drawn.frame.sides)
        mask = load(whole / "masks" / f"{index:07d}.png")[..., 0]
        assert np.array_equal(mask == 255, drawn.mask)
        assert json.loads(sample.note)["index"] == index
        assert sample.path.parent.name == drawn.label


def test_a_run_that_stopped_anywhere_continues_to_the_same_data_set(
    generator: Generator, whole: Path, tmp_path: Path
) -> None:
    expected = contents(whole)
    for stop in (0, 1, 7, COUNT - 1):
        folder = tmp_path / str(stop)
        run: Any = store.write(generator, folder, COUNT, masks=True)
        for _ in range(stop):
            next(run)
        run.close()
        assert len(list(store.write(generator, folder, COUNT, masks=True))) == COUNT - stop
        assert contents(folder) == expected


@pytest.mark.parametrize("cut", [1, 20, 90])
def test_a_torn_row_is_drawn_again(generator: Generator, whole: Path, tmp_path: Path, cut: int) -> None:
    folder = tmp_path / "drawn"
    run: Any = store.write(generator, folder, COUNT, masks=True)
    for _ in range(9):
        next(run)
    run.close()
    part = folder / "labels.csv.part"
    os.truncate(part, part.stat().st_size - cut)
    assert len(list(store.write(generator, folder, COUNT, masks=True))) == COUNT - 8
    assert contents(folder) == contents(whole)


KILLED = """
import sys
from pathlib import Path
from unframe.dataset.generator import store
from unframe.dataset.generator.generate import Generator, Photo
photos = [Photo(path, path.parent.name) for path in sorted(Path(sys.argv[1]).rglob("*.png"))]
for drawn in store.write(Generator(photos, 4, (), (60, 90)), Path(sys.argv[2]), 60):
    print(drawn.details["index"], flush=True)
"""


def test_a_killed_process_leaves_nothing_half_done(tmp_path: Path) -> None:
    photographs(tmp_path / "photos")
    whole, folder = tmp_path / "whole", tmp_path / "killed"
    command = [sys.executable, "-c", KILLED, str(tmp_path / "photos")]
    subprocess.run([*command, str(whole)], check=True, capture_output=True)
    for lines in (1, 8, 20):
        with subprocess.Popen([*command, str(folder)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            for _ in range(lines):
                process.stdout.readline()
            time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
    subprocess.run([*command, str(folder)], check=True, capture_output=True)
    assert contents(folder) == contents(whole)


def test_a_finished_run_is_left_alone(generator: Generator, whole: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in whole.rglob("*")}
    assert list(store.write(generator, whole, COUNT, masks=True)) == []
    assert {path: path.stat().st_mtime_ns for path in whole.rglob("*")} == before


def test_nothing_is_written_over(generator: Generator, whole: Path, tmp_path: Path) -> None:
    before = contents(whole)
    for other in (
        store.write(generator, whole, COUNT + 1, masks=True),
        store.write(generator, whole, COUNT),
        store.write(Generator(generator.photos, 5), whole, COUNT, masks=True),
        store.write(
            Generator([each._replace(cover=True) for each in generator.photos], 4, generator.overlays, (60, 90)),
            whole,
            COUNT,
            masks=True,
        ),
        store.write(
            Generator(generator.photos, 4, generator.overlays, (60, 90), replace(Parameters(), jpeg=0.1)),
            whole,
            COUNT,
            masks=True,
        ),
    ):
        with pytest.raises(OutputError, match="another run"):
            next(other)
    assert contents(whole) == before
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(OutputError, match="not empty"):
        next(store.write(generator, tmp_path, 3))
    assert contents(tmp_path) == {"letter.txt": b"mine"}


def test_photographs_are_the_plain_ones(whole: Path, tmp_path: Path) -> None:
    plain = {sample.path for sample in read_dataset(whole) if sample.label == "plain"}
    assert {photo.path for photo in store.photographs(whole)} == plain
    folder = tmp_path / "photos"
    photographs(folder, 4)
    assert sorted({photo.source for photo in store.photographs(folder)}) == ["shop0", "shop1", "shop2"]
    covers = {photo.source for photo in store.photographs(folder, ["shop1"]) if photo.cover and photo.rectangular}
    assert covers == {"shop1"}
    with pytest.raises(DatasetError, match=r"source 'shop9'.* the sources are shop0, shop1, shop2"):
        store.photographs(folder, ["shop9"])
    framed = tmp_path / "only" / "framed"
    photographs(framed, 2)
    with pytest.raises(DatasetError, match="no photograph that is labelled plain"):
        store.photographs(framed.parent)
