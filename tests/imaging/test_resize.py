"""Resizing images and boxes together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.draw import bordered, product
from unframe.imaging.resize import Resizer
from unframe.types import Box

sizes = st.tuples(st.integers(1, 3000), st.integers(1, 3000))


@st.composite
def boxed(draw: st.DrawFn) -> tuple[Resizer, Box]:
    source, target = draw(sizes), draw(sizes)
    left, top = draw(st.integers(0, source[0] - 1)), draw(st.integers(0, source[1] - 1))
    right, bottom = draw(st.integers(left + 1, source[0])), draw(st.integers(top + 1, source[1]))
    return Resizer(source, target), Box(left, top, right, bottom)


@given(boxed())
def test_boxes_stay_inside_and_hold_a_pixel(drawn: tuple[Resizer, Box]) -> None:
    resizer, box = drawn
    mapped = resizer.box(box)
    assert mapped.area > 0
    assert Box.whole(*resizer.target).contains(mapped)
    assert resizer.box(Box.whole(*resizer.source)) == Box.whole(*resizer.target)


@given(boxed())
def test_there_and_back_is_within_half_a_pixel_of_the_smaller_copy(drawn: tuple[Resizer, Box]) -> None:
    resizer, box = drawn
    back = resizer.box_back(resizer.box(box))
    for axis in (0, 1):
        ratio = resizer.source[axis] / resizer.target[axis]
        # A span that shrinks below a pixel is widened to one, so that its far edge may lie a pixel off.
        assert abs(back[axis] - box[axis]) <= ratio + 0.5
        assert abs(back[axis + 2] - box[axis + 2]) <= 1.5 * ratio + 0.5


def test_the_box_of_a_resized_picture_is_where_its_pixels_are() -> None:
    framed, inner = bordered(product(200, 160), 20, colour=(0, 0, 255))
    resizer = Resizer.within(200, 160, 50)
    small, box = resizer.image(framed), resizer.box(inner)
    assert small.shape == (40, 50, 3)
    assert box == Box(5, 5, 45, 35)
    outside = np.ones(small.shape[:2], bool)
    outside[box.top : box.bottom, box.left : box.right] = False
    assert (small[outside] == (0, 0, 255)).all()
    assert (small[~outside] != (0, 0, 255)).any(axis=1).all()


def test_every_pixel_is_the_mean_of_its_area() -> None:
    image = product(120, 90)
    small = Resizer((120, 90), (30, 30)).image(image)
    means = image.reshape(30, 3, 30, 4, 3).astype(float).mean(axis=(1, 3))
    assert np.abs(small - means).max() <= 1


def test_small_images_keep_their_size_and_are_copied() -> None:
    image = product(40, 30)
    resizer = Resizer.within(40, 30, 64)
    assert resizer.target == (40, 30)
    copy = resizer.image(image)
    assert np.array_equal(copy, image)
    assert not np.shares_memory(copy, image)


def test_wrong_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="30 × 20"):
        Resizer((40, 30), (4, 3)).image(product(30, 20))
    with pytest.raises(ValueError, match="at least 1"):
        Resizer((40, 30), (0, 3))
