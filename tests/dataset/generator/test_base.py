"""What photographs go through before a frame: cuts stay within them, white stays white."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.dataset.generator.coded import coded
from tests.draw import product
from unframe.dataset.generator import base
from unframe.dataset.generator.parameters import Parameters
from unframe.types import Image

NOTHING = replace(Parameters(), cropped=0.0, zoomed=0.0, extended=0.0, mirrored=0.0)


def on_white() -> Image:
    photo = np.full((80, 120, 3), 255, dtype=np.uint8)
    photo[20:60, 30:90] = product(60, 40)
    return photo


def test_with_no_share_nothing_happens() -> None:
    photo = coded()
    assert np.array_equal(base.varied(photo, np.random.default_rng(0), NOTHING), photo)


@pytest.mark.parametrize("step", ["cropped", "zoomed"])
def test_cuts_are_parts_of_the_photograph(step: str) -> None:
    table = replace(NOTHING, cropped=float(step == "cropped"), zoomed=float(step == "zoomed"))
    for seed in range(20):
        cut = base.varied(coded(), np.random.default_rng(seed), table)
        left, top = int(cut[0, 0, 0]), int(cut[0, 0, 1])
        assert np.array_equal(cut, coded()[top : top + cut.shape[0], left : left + cut.shape[1]])
        assert 0 < cut.size <= coded().size


def test_crops_have_the_aspects_of_shops() -> None:
    table = replace(NOTHING, cropped=1.0)
    for seed in range(20):
        height, width = base.varied(coded(), np.random.default_rng(seed), table).shape[:2]
        assert min(abs(width / height - aspect) for aspect in base.ASPECTS) < 0.02


def test_mirrored_twice_is_the_photograph() -> None:
    mirrored = base.varied(coded(), np.random.default_rng(0), replace(NOTHING, mirrored=1.0))
    assert np.array_equal(mirrored[:, ::-1], coded())


def test_only_photographs_on_white_get_more_white() -> None:
    table, photo = replace(NOTHING, extended=1.0), on_white()
    squares = 0
    for seed in range(20):
        assert np.array_equal(base.varied(coded(), np.random.default_rng(seed), table), coded())
        wide = base.varied(photo, np.random.default_rng(seed), table)
        assert wide.size > photo.size
        dark = wide.min(axis=2) < 255
        assert dark.sum() == (photo.min(axis=2) < 255).sum(), "the product is whole"
        squares += wide.shape[0] == wide.shape[1]
    assert 5 < squares < 18


def test_parts_keep_the_aspect_that_is_asked_for() -> None:
    part = base.part(coded(), 60, 150, np.random.default_rng(0))
    assert part.shape == (60, 150, 3)
    assert np.ptp(part[30, :, 0]) > 190, "nothing is cut from the side that binds"
    assert np.ptp(part[:, 75, 1]) < 100, "the other one is cut to the aspect"


@pytest.mark.parametrize("longest", [40, 200, 333])
def test_scaled_pictures_have_the_longer_side_that_is_asked_for(longest: int) -> None:
    scaled = base.scaled(coded(), longest, np.random.default_rng(1))
    assert scaled.shape[:2] == (round(160 * longest / 200), longest)


@pytest.mark.parametrize("size", [(600, 20), (20, 600)])
def test_of_slim_photographs_a_part_is_taken(size: tuple[int, int]) -> None:
    part = base.varied(product(*size), np.random.default_rng(0), NOTHING)
    assert sorted(part.shape[:2]) == [20, 60]
