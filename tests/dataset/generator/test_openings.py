"""Openings against brute force over every box, and visibility against edges of known height."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from unframe.dataset.generator.openings import VISIBLE, contrast, framed, from_top, largest_box, seen
from unframe.types import SIDES, Box, Frame, Side

Mask = NDArray[np.bool_]


def brute_force_area(covered: Mask) -> int:
    """Area of the largest free box, by trying all of them on an integral image."""
    height, width = covered.shape
    total = np.zeros((height + 1, width + 1), dtype=int)
    total[1:, 1:] = covered.cumsum(axis=0).cumsum(axis=1)
    return max(
        (
            (bottom - top) * (right - left)
            for top in range(height)
            for bottom in range(top + 1, height + 1)
            for left in range(width)
            for right in range(left + 1, width + 1)
            if total[bottom, right] - total[top, right] - total[bottom, left] + total[top, left] == 0
        ),
        default=0,
    )


@given(arrays.arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.booleans()))
def test_largest_box_is_free_and_as_large_as_brute_force(covered: Mask) -> None:
    box = largest_box(covered)
    assert box.area == brute_force_area(covered)
    assert not covered[box.top : box.bottom, box.left : box.right].any()


@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5), st.integers(0, 5))
def test_largest_box_of_a_plain_ring_is_its_inside(left: int, top: int, right: int, bottom: int) -> None:
    covered = np.ones((40, 50), dtype=bool)
    covered[top : 40 - bottom, left : 50 - right] = False
    assert largest_box(covered) == Box(left, top, 50 - right, 40 - bottom)


def test_largest_box_with_many_distinct_rows() -> None:
    rows, columns = np.mgrid[0:60, 0:45]
    covered = rows * 3 + columns > 120  # every row differs from the one above: nothing can be merged
    assert largest_box(covered).area == brute_force_area(covered)


def test_nothing_free() -> None:
    assert largest_box(np.ones((4, 4), dtype=bool)).area == 0


@pytest.mark.parametrize("side", SIDES)
def test_from_top_is_a_view_with_the_side_first(side: Side) -> None:
    image = np.zeros((5, 8, 3), dtype=np.uint8)
    from_top(image, side)[0] = 255
    margins = {"top": image[0], "bottom": image[-1], "left": image[:, 0], "right": image[:, -1]}
    assert (margins[side] == 255).all()
    assert (image == 255).all(axis=2).sum() == (8 if side in {"top", "bottom"} else 5)


def banded(level: int, soft: bool = False) -> tuple[NDArray[np.uint8], Mask]:
    """A grey picture of 100 with a band of this level over its six top rows."""
    image = np.full((30, 20, 3), 100, dtype=np.uint8)
    image[:6] = level
    mask = np.zeros((30, 20), dtype=bool)
    mask[:6] = True
    if soft:
        image[6], mask[6] = (100 + level) // 2, True
    return image, mask


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("step", [0, 4, 30, 120])
def test_contrast_is_the_step_at_the_edge(step: int, soft: bool) -> None:
    image, mask = banded(100 + step, soft)
    assert contrast(image, mask, largest_box(mask), "top") == step
    assert contrast(image, mask, largest_box(mask), "left") == 0


def test_contrast_sees_a_rule_of_one_pixel_on_paper_of_the_photographs_colour() -> None:
    image, mask = banded(100)
    image[5] = 20
    assert contrast(image, mask, largest_box(mask), "top") == 80


@pytest.mark.parametrize(("columns", "border", "padding"), [(2, False, False), (8, True, False), (14, True, True)])
def test_a_seam_of_padding_must_be_seen_along_most_of_it(columns: int, border: bool, padding: bool) -> None:
    """White beside a product on white shows where the product is cut, as a straight edge of the product would."""
    image, mask = banded(255)
    image[6:] = 255
    image[6:, :columns] = 40
    for kind, visible in (("border", border), ("padding", padding)):
        frame = Frame(Box(0, 6, 20, 30), Box(0, 0, 20, 30), ("top",), kind)  # type: ignore[arg-type]
        assert seen(image, mask, frame) == visible


def test_framed_measures_boxes_sides_and_visibility() -> None:
    image, mask = banded(180)
    drawn = framed(image, mask, "banner", "banner/test")
    assert drawn.label == "framed"
    assert drawn.frame is not None
    assert drawn.frame.inner == Box(0, 6, 20, 30)
    assert drawn.frame.outer == Box(0, 0, 20, 30)
    assert drawn.frame.sides == ("top",)


def test_a_frame_that_cannot_be_seen_is_unsure() -> None:
    image, mask = banded(100 + int(VISIBLE) - 1)
    assert framed(image, mask, "banner", "banner/test").label == "unsure"


def test_outer_box_excludes_the_margin_outside_an_inset_ring() -> None:
    image = np.full((30, 40, 3), 255, dtype=np.uint8)
    mask, outside = np.zeros((30, 40), dtype=bool), np.ones((30, 40), dtype=bool)
    outside[4:26, 5:35] = False
    mask[4:26, 5:35] = True
    mask[7:23, 8:32] = False
    image[mask] = 10
    frame = framed(image, mask, "inset", "inset/test", outside).frame
    assert frame is not None
    assert (frame.outer, frame.inner) == (Box(5, 4, 35, 26), Box(8, 7, 32, 23))
    assert frame.sides == SIDES
