"""Thumbnails: means of areas, at any size."""

from __future__ import annotations

import numpy as np
import pytest

from tests import draw
from unframe.runtime.inputs import INPUTS, thumbnail


def test_each_pixel_is_the_mean_of_its_area() -> None:
    image = draw.product(3 * 128, 2 * 128)
    blocks = image.reshape(128, 2, 128, 3, 3).mean(axis=(1, 3))
    small = thumbnail(image)["thumbnail"][0]
    assert np.abs(small - blocks).max() <= 1  # rounding, once for each direction


def test_the_area_is_exact_where_sizes_do_not_divide() -> None:
    image = np.zeros((100, 100, 3), dtype=np.uint8)
    image[:, :50] = 200
    small = thumbnail(image, 3, 3)["thumbnail"][0]
    assert small[..., 0].tolist() == [[200, 100, 0]] * 3


@pytest.mark.parametrize(("height", "width"), [(128, 128), (64, 64), (32, 96)])
def test_thumbnails_come_in_any_size(height: int, width: int) -> None:
    made = thumbnail(draw.product(), height, width)
    assert list(made) == ["thumbnail"]
    assert made["thumbnail"].shape == (1, height, width, 3)
    assert made["thumbnail"].dtype == np.uint8


def test_grey_is_the_luma_of_the_picture_at_full_size() -> None:
    image = draw.product(256, 256)
    grey = image @ np.array([0.299, 0.587, 0.114])
    small = thumbnail(image, 128, 128, 1)["thumbnail"]
    assert small.shape == (1, 128, 128, 1)
    assert np.abs(small[0, ..., 0] - grey.reshape(128, 2, 128, 2).mean(axis=(1, 3))).max() <= 1.5


@pytest.mark.parametrize("kind", INPUTS)
@pytest.mark.parametrize("size", [(1, 1), (1, 40), (333, 77)])
def test_inputs_have_one_shape_whatever_the_picture(kind: str, size: tuple[int, int]) -> None:
    usual = INPUTS[kind](draw.product())
    made = INPUTS[kind](np.full((*size, 3), 90, dtype=np.uint8))
    assert list(made) == list(usual)
    for name, array in made.items():
        assert array.shape == usual[name].shape
        assert array.dtype == np.uint8
