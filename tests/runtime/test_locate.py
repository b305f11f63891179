"""Frames are located whatever the network answers and however small the picture is."""

from __future__ import annotations

import numpy as np
import pytest

from tests.draw import bordered, product
from unframe.runtime.locate import Evidence, locate
from unframe.types import Box

ANYWHERE = Evidence.none()


def _evidence(absent: tuple[float, float, float, float]) -> Evidence:
    """Sides in the order of `SIDES` that carry no frame by these logits; where they do, any place is as likely."""
    inner = ANYWHERE.inner.copy()
    inner[:, 0] = absent
    return ANYWHERE._replace(inner=inner)


def test_the_likeliest_side_carries_the_frame_where_none_is_likely() -> None:
    framed, _ = bordered(product(160, 120), 12, sides=("right",))
    found = locate(framed, _evidence((14.0, 12.0, 15.0, 14.0)))
    assert found.sides == ("right",)
    assert found.inner == Box(0, 0, 148, 120)


def test_a_side_of_a_tie_carries_the_frame() -> None:
    assert locate(product(40, 30), _evidence((12.0, 12.0, 12.0, 12.0))).sides == ("top",)


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (1, 50), (50, 2), (3, 1)])
@pytest.mark.parametrize("likeliest", range(4))
def test_no_room_for_a_frame_is_no_error(size: tuple[int, int], likeliest: int) -> None:
    absent = [12.0, 12.0, 12.0, 12.0]
    absent[likeliest] = 0.0
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    found = locate(image, _evidence((absent[0], absent[1], absent[2], absent[3])))
    assert found.inner.area > 0
    assert len(found.sides) == 1
