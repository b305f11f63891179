"""Orientations against Pillow's transposing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PillowImage

from unframe.imaging.turn import TRANSPOSE, as_stored, stored_box, upright_size
from unframe.types import Box

STORED = np.arange(7 * 5 * 3, dtype=np.uint8).reshape(7, 5, 3)


def turned(orientation: int) -> np.ndarray:
    picture = PillowImage.fromarray(STORED)
    return np.asarray(picture.transpose(TRANSPOSE[orientation]) if orientation > 1 else picture)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_view_has_the_layout_of_the_stored_picture(orientation: int) -> None:
    upright = turned(orientation).copy()
    assert upright_size(5, 7, orientation) == (upright.shape[1], upright.shape[0])
    view = as_stored(upright, orientation)
    assert np.array_equal(view, STORED)
    assert np.shares_memory(view, upright)


@pytest.mark.parametrize("orientation", range(1, 9))
@given(st.data())
def test_boxes_turn_with_their_pixels(orientation: int, data: st.DataObject) -> None:
    upright = turned(orientation)
    height, width = upright.shape[:2]
    left, top = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    box = Box(left, top, data.draw(st.integers(left + 1, width)), data.draw(st.integers(top + 1, height)))
    stored = stored_box(box, width, height, orientation)
    cut = STORED[stored.top : stored.bottom, stored.left : stored.right]
    expected = upright[box.top : box.bottom, box.left : box.right]
    assert np.array_equal(as_stored(expected, orientation), cut)
