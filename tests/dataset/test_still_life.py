"""Drawn photographs: repeatable, unframed, grouped by shop, and varied enough to be worth drawing on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from unframe.dataset.generator.store import photographs
from unframe.dataset.still_life import PRODUCTS, photograph, write_photographs
from unframe.errors import DecodeError
from unframe.imaging import load


def test_the_same_arguments_draw_the_same_picture() -> None:
    first, again = photograph(3, 64, 48), photograph(3, 64, 48)
    assert first.shape == (48, 64, 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert not np.array_equal(first, photograph(4, 64, 48))


def test_too_small_a_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="31"):
        photograph(0, 31, 64)


@pytest.mark.parametrize("seed", range(12))
def test_no_row_or_column_at_the_edge_is_a_band(seed: int) -> None:
    """A frame would be a step along a whole side; backdrops change smoothly, and a table ends further inside."""
    image = photograph(seed, 96, 96).astype(int)
    for rows in (image[:14], image[::-1][:14], image.swapaxes(0, 1)[:14], image.swapaxes(0, 1)[::-1][:14]):
        steps = np.abs(np.diff(rows, axis=0)).max(axis=2)
        assert (np.quantile(steps, 0.25, axis=1) < 12).all()


def test_every_product_shows_itself_before_its_backdrop() -> None:
    shown = [photograph(seed, 64, 64) for seed in range(40)]
    for image in shown:
        corner = image[:8, :8].reshape(-1, 3).astype(int).mean(axis=0)
        differs = np.abs(image.astype(int) - corner).max(axis=2) > 30
        assert 0.03 < differs.mean() < 0.9
    assert len(PRODUCTS) >= 7


def test_a_folder_of_them_is_a_data_set_with_a_source_for_each_shop(tmp_path: Path) -> None:
    paths = write_photographs(tmp_path / "photos", 10, shops=4, side=64)
    found = photographs(tmp_path / "photos")
    assert sorted(photo.path for photo in found) == sorted(paths)
    assert {photo.source for photo in found} == {f"shop-{number}" for number in (1, 2, 3, 4)}
    assert all(max(load(path).shape[:2]) == 64 for path in paths)


def test_drawing_a_folder_again_leaves_what_is_there(tmp_path: Path) -> None:
    paths = write_photographs(tmp_path, 3, shops=2, side=48)
    paths[1].write_bytes(b"mine now")
    paths[2].unlink()
    assert write_photographs(tmp_path, 3, shops=2, side=48) == paths
    assert paths[1].read_bytes() == b"mine now"
    with pytest.raises(DecodeError):
        load(paths[1])
    assert load(paths[2]).shape[2] == 3
