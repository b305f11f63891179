"""Pictures as arrays: right pixels, right labels, flips that mix nothing up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PillowImage

from tests import draw
from unframe.dataset.records import Sample
from unframe.errors import DatasetError
from unframe.training.data import Arrays, fingerprint, flipped, labels, thumbnails, trainable


def picture(folder: Path, name: str, seed: int, label: str = "plain", source: str = "shop") -> Sample:
    path = folder / name
    PillowImage.fromarray(draw.product(40, 30, seed)).save(path)
    return Sample(path, label, source=source)  # type: ignore[arg-type]


@given(st.integers(0, 2**32 - 1))
def test_flips_are_one_of_four_and_leave_the_arrays_alone(seed: int) -> None:
    images = np.random.default_rng(1).integers(0, 256, (16, 3, 4, 3), dtype=np.uint8)
    kept = images.copy()
    arrays = Arrays({"image": images}, {"framed": np.zeros((16, 1), np.float32)}, np.arange(16), flipped)
    batch = arrays.batch(np.arange(16), np.random.default_rng(seed)).inputs["image"]
    for before, after in zip(kept, batch, strict=True):
        assert any(np.array_equal(after, turn) for turn in (before, before[::-1], before[:, ::-1], before[::-1, ::-1]))
    assert np.array_equal(images, kept)


def test_every_flip_happens() -> None:
    image = np.arange(12, dtype=np.uint8).reshape(1, 2, 2, 3)
    seen = {
        flipped({"image": image.repeat(1, 0)}, np.random.default_rng(seed))["image"].tobytes() for seed in range(40)
    }
    assert len(seen) == 4


def test_a_batch_without_chance_is_as_stored_and_of_the_right_rows() -> None:
    images = np.arange(10, dtype=np.uint8).reshape(10, 1, 1, 1)
    arrays = Arrays({"image": images}, {"framed": images[:, 0, 0].astype(np.float32)}, np.array([7, 3, 5]), flipped)
    batch = arrays.batch(np.array([2, 0]), None)
    assert len(arrays) == 3
    assert batch.inputs["image"].ravel().tolist() == batch.targets["framed"].ravel().tolist() == [5, 7]
    assert batch.weights is None


def test_only_framed_and_plain_teach() -> None:
    samples = [Sample(Path(name), name) for name in ("framed", "plain", "unsure", "reject")]
    assert [sample.label for sample in trainable(samples)] == ["framed", "plain"]
    assert labels(trainable(samples)).tolist() == [[1.0], [0.0]]
    with pytest.raises(DatasetError, match="0 framed and 1 plain"):
        trainable(samples[1:])


def test_the_fingerprint_knows_bytes_labels_and_sources(tmp_path: Path) -> None:
    one, two = picture(tmp_path, "1.png", 1), picture(tmp_path, "2.png", 2)
    prints = {
        fingerprint([one, two]),
        fingerprint([one]),
        fingerprint([Sample(one.path, "framed", source="shop"), two]),
        fingerprint([Sample(one.path, "plain", source="other"), two]),
        fingerprint([picture(tmp_path, "1.png", 3), two]),
    }
    assert len(prints) == 5
    one.path.rename(tmp_path / "renamed.png")
    assert fingerprint([Sample(tmp_path / "renamed.png", "plain", source="shop"), two]) in prints


def test_thumbnails_average_areas(tmp_path: Path) -> None:
    image = np.zeros((32, 64, 3), dtype=np.uint8)
    image[0] = 240  # a line of one pixel in four rows that become one
    PillowImage.fromarray(image).save(tmp_path / "line.png")
    samples = [Sample(tmp_path / "line.png", "framed")]
    colour = thumbnails(samples, 8, "rgb", tmp_path, "a" * 64)
    assert colour.shape == (1, 8, 8, 3)
    assert colour.dtype == np.uint8
    assert colour[0, :, 0, 0].tolist() == [60, 0, 0, 0, 0, 0, 0, 0]
    assert thumbnails(samples, 8, "grey", tmp_path, "a" * 64).shape == (1, 8, 8, 1)


def test_thumbnails_are_kept(tmp_path: Path) -> None:
    sample = picture(tmp_path, "1.png", 1)
    first = np.array(thumbnails([sample], 16, "rgb", tmp_path / "kept", "b" * 64))
    sample.path.unlink()
    assert np.array_equal(thumbnails([sample], 16, "rgb", tmp_path / "kept", "b" * 64), first)


@pytest.mark.parametrize("broken", ["missing", "cut"])
def test_a_picture_that_cannot_be_read_is_named(broken: str, tmp_path: Path) -> None:
    sample = picture(tmp_path, "1.png", 1)
    if broken == "missing":
        sample.path.unlink()
        with pytest.raises(DatasetError, match=r"1\.png.*take it out"):
            fingerprint([sample])
    else:
        sample.path.write_bytes(sample.path.read_bytes()[:300])
    with pytest.raises(DatasetError, match=r"1\.png.*take it out"):
        thumbnails([sample], 16, "rgb", tmp_path / "kept", "c" * 64)
    assert not (tmp_path / "kept").exists()
