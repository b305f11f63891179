"""Geometry by hand: boxes whose errors are known."""

from __future__ import annotations

import numpy as np
import pytest

from tests.evaluation.cases import detection, judged, truth
from unframe.evaluation.geometry import geometry, locate, thickness, tolerance
from unframe.types import Box

TRUE = Box(10, 10, 190, 90)


def test_tolerance_is_two_pixels_or_half_a_per_cent_across() -> None:
    assert tolerance(200, 1000) == {"top": 5.0, "bottom": 5.0, "left": 2.0, "right": 2.0}


@pytest.mark.parametrize(
    ("found", "error", "within"),
    [
        (TRUE, (0, 0, 0, 0), True),
        (Box(12, 12, 188, 88), (2, 2, 2, 2), True),
        (Box(8, 10, 190, 90), (0, 0, 0, -2), True),
        (Box(13, 10, 190, 90), (0, 0, 0, 3), False),
        (Box(10, 0, 190, 90), (-10, 0, 0, 0), False),
        (Box(10, 10, 200, 80), (0, -10, 10, 0), False),
    ],
)
def test_errors_are_positive_where_the_photograph_is_cut(
    found: Box, error: tuple[int, int, int, int], within: bool
) -> None:
    located = locate(truth("framed"), detection(0.9, found))
    assert located is not None
    assert tuple(located.error.values()) == error  # top, right, bottom, left
    assert located.within is within
    assert located.iou == TRUE.iou(found)


def test_nothing_is_located_without_two_boxes() -> None:
    assert locate(truth("framed", inner=None, outer=None), detection(0.9)) is None
    assert locate(truth("framed"), detection(0.1)) is None


def test_sides_and_kind_are_compared_where_known() -> None:
    said = detection(0.9, TRUE, sides=("top",), kind="banner")
    located = locate(truth("framed"), said)
    unknown = locate(truth("framed", sides=(), kind=None), said)
    assert located is not None
    assert unknown is not None
    assert (located.sides_agree, located.kind_agrees) == (False, False)
    assert (unknown.sides_agree, unknown.kind_agrees) == (None, None)


def test_a_missed_frame_counts_as_not_located() -> None:
    pictures = [
        judged(truth("framed", "a", 0), detection(0.9, TRUE)),
        judged(truth("framed", "a", 1), detection(0.9, Box(14, 10, 190, 90))),
        judged(truth("framed", "b", 2), detection(0.9, Box(6, 10, 190, 90), sides=("left",))),
        judged(truth("framed", "b", 3), detection(0.1)),
        judged(truth("framed", "b", 4, geometry_quality="approx"), detection(0.9, Box(90, 10, 190, 90))),
        judged(truth("framed", "b", 5, geometry_quality="drawn"), detection(0.9, TRUE)),
        judged(truth("plain", "b", 6), detection(0.9)),
    ]
    found = geometry(pictures, "rule", "exact")
    assert found is not None
    assert (found.framed, found.found) == (4, 3)
    assert found.within.value == 0.25
    assert found.within_found.value == pytest.approx(1 / 3)
    left = found.sides["left"]
    assert (left.median, left.ninetieth) == (4, 4)
    assert left.cuts == left.leaves == pytest.approx(1 / 3)
    assert found.sides["top"].median == 0
    overlaps = [1, 176 / 180, 180 / 184]
    assert found.iou_mean == pytest.approx(np.mean(overlaps))
    assert found.iou_median == pytest.approx(np.median(overlaps))
    assert found.sides_agree == pytest.approx(2 / 3)
    assert found.kind_agrees == 1.0
    drawn = geometry(pictures, "rule", "drawn")
    assert drawn is not None
    assert (drawn.framed, drawn.within.value) == (1, 1.0)
    assert geometry(pictures, "rule", "good") is None


def test_geometry_where_every_frame_is_missed() -> None:
    found = geometry([judged(truth("framed"), detection(0.1))], "rule", "exact")
    assert found is not None
    assert (found.within.value, found.within_found.value, found.iou_mean, found.sides) == (0.0, None, None, {})


def test_thickness_is_that_of_the_widest_band_without_the_margin() -> None:
    assert thickness(truth("framed")) == pytest.approx(10 / 100)
    assert thickness(truth("framed", inner=Box(0, 0, 160, 100))) == pytest.approx(40 / 200)
    inset = truth("framed", outer=Box(8, 9, 192, 91), inner=Box(12, 12, 188, 88))
    assert thickness(inset) == pytest.approx(3 / 100)
    assert thickness(truth("framed", inner=None, outer=None)) is None
    assert thickness(truth("framed", width=None)) is None
