"""Rounded corners of frames: found where they are, and nothing else taken for them."""

from __future__ import annotations

import numpy as np
import pytest

from tests import draw
from tests.runtime.test_locate import around, evidence
from unframe.dataset.generator.openings import largest_box
from unframe.runtime.corners import without_rounding
from unframe.runtime.locate import locate
from unframe.types import SIDES, Box, Frame, Image, Side

COLOUR = (120, 20, 60)


def photograph(width: int, height: int, seed: int) -> Image:
    """A picture in which no pixel looks like the frame."""
    return np.random.default_rng(seed).integers(150, 256, (height, width, 3), dtype=np.uint8)


def opening(image: Image) -> Box:
    """The largest box without frame, found pixel by pixel."""
    return largest_box((image == COLOUR).all(axis=2))


@pytest.mark.parametrize("radius", [8, 15, 40, 61])
@pytest.mark.parametrize("size", [(300, 220), (220, 300), (260, 260)])
def test_what_remains_is_the_largest_box_without_frame(size: tuple[int, int], radius: int) -> None:
    image, inner = draw.rounded(photograph(*size, radius), 9, radius, COLOUR)
    found = without_rounding(image, inner, SIDES)
    true = opening(image)
    assert found == pytest.approx(true, abs=1)
    assert found.width * found.height == pytest.approx(true.width * true.height, rel=0.02)


def test_they_are_cut_when_a_frame_is_located() -> None:
    image, inner = draw.rounded(photograph(300, 220, 1), 12, 30, COLOUR)
    found = locate(image, evidence(image, around(inner, image)))
    assert found == Frame(without_rounding(image, inner, SIDES), Box.whole(300, 220), SIDES, "border")
    assert found.inner != inner


@pytest.mark.parametrize("noise", [3, 6])
def test_compression_and_scaling_do_not_hide_them(noise: int) -> None:
    image, inner = draw.rounded(photograph(300, 220, 2), 9, 40, COLOUR)
    grains = np.random.default_rng(noise).normal(0, noise, image.shape)
    worn = np.clip(image + grains, 0, 255).astype(np.uint8)
    assert without_rounding(worn, inner, SIDES) == pytest.approx(opening(image), abs=2)


def test_square_corners_stay() -> None:
    for seed in range(20):
        image, inner = draw.bordered(draw.product(260, 200, seed), 9, COLOUR)
        assert without_rounding(image, inner, SIDES) == inner


def test_a_photograph_in_the_colour_of_its_frame_stays() -> None:
    """A product on white in a white frame: the corners look like the frame all over, and nothing is rounded."""
    image = draw.product(260, 200, 3, (255, 255, 255))
    assert without_rounding(image, Box(10, 10, 250, 190), SIDES) == Box(10, 10, 250, 190)


def test_products_that_reach_into_corners_are_not_cut() -> None:
    """Discs, stripes and squares in the frame's colour are parts of the photograph, however alike they are."""
    box = Box(10, 10, 250, 190)
    rows, columns = np.mgrid[0:180, 0:240]
    across, down = np.minimum(columns, 239 - columns), np.minimum(rows, 179 - rows)
    for name, shape in {
        "squares": (across < 25) & (down < 25),
        "stripe": rows < 30,
        "discs": (across - 30) ** 2 + (down - 30) ** 2 < 900,
    }.items():
        image = np.full((200, 260, 3), COLOUR, dtype=np.uint8)
        inside = photograph(240, 180, 4)
        inside[shape] = COLOUR
        image[10:190, 10:250] = inside
        assert without_rounding(image, box, SIDES) == box, name


def test_one_square_corner_says_that_the_others_are_the_photographs() -> None:
    image, inner = draw.rounded(photograph(260, 200, 5), 9, 30, COLOUR)
    square = image.copy()
    square[9:60, 9:60] = photograph(51, 51, 6)
    assert without_rounding(image, inner, SIDES) != inner
    assert without_rounding(square, inner, SIDES) == inner


def test_corners_are_looked_at_where_two_sides_meet() -> None:
    image, inner = draw.rounded(photograph(260, 200, 7), 9, 30, COLOUR)
    beside: tuple[tuple[Side, ...], ...] = (("top", "bottom"), ("left",), ("top", "left"))
    for sides in beside:
        assert without_rounding(image, inner, sides) == inner, "one rounded corner alone may be anything"
    found = without_rounding(image, inner, ("top", "left", "right"))
    assert found.bottom == inner.bottom, "a side without frame is not cut"
    assert found.top > inner.top


def test_textured_frames_have_no_colour_that_could_reach_into_a_corner() -> None:
    image, inner = draw.rounded(photograph(260, 200, 8), 9, 30, COLOUR)
    textured = image.copy()
    frame = (image == COLOUR).all(axis=2)
    textured[frame] = np.random.default_rng(0).integers(0, 256, (frame.sum(), 3))
    assert without_rounding(textured, inner, SIDES) == inner


@pytest.mark.parametrize("size", [(9, 9), (30, 12), (12, 30)])
def test_small_pictures_have_no_room_for_a_rounding(size: tuple[int, int]) -> None:
    image, inner = draw.bordered(photograph(*size, 9), 1)
    assert without_rounding(image, inner, SIDES) == inner
