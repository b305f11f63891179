"""Plans, against the geometry that they must keep to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unframe.errors import RemovalError, SettingsError
from unframe.removal import MODES, Mode, Options, Size, plan
from unframe.removal.plan import LARGEST_CUT, sides_to_paint
from unframe.types import SIDES, Box, Detection, Frame, Verdict


def found(width: int, height: int, inner: Box | None, verdict: Verdict = "framed") -> Detection:
    frame = None
    if inner is not None:
        sides = tuple(side for side in SIDES if inner.margins(width, height)[side]) or SIDES
        frame = Frame(inner, Box.whole(width, height), sides, "border")
    return Detection(verdict, 0.5, frame is not None, frame, width, height, "fake", "fake-1")


@st.composite
def framed(draw: st.DrawFn) -> Detection:
    width, height = draw(st.integers(4, 400)), draw(st.integers(4, 400))
    left, top = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
    right, bottom = draw(st.integers(left + 1, width)), draw(st.integers(top + 1, height))
    return found(width, height, Box(left, top, right, bottom))


@given(framed(), st.sampled_from(sorted(MODES)))
def test_no_plan_ever_cuts_more_than_its_share_of_a_side(detection: Detection, mode: Mode) -> None:
    assert detection.frame is not None
    inner = detection.frame.inner
    allowed = inner.width >= 0.55 * detection.width and inner.height >= 0.55 * detection.height
    try:
        planned = plan(detection, Options(mode=mode))
    except RemovalError as error:
        assert error.code == "too-much"  # noqa: PT017
        assert not allowed
    else:
        assert planned is not None
        assert allowed
    assert plan(detection, Options(mode=mode, force=True)) is not None


@given(framed(), st.sampled_from([Size(1, 1), Size(100, 300), Size(1000, 1000)]))
def test_a_padded_photograph_is_centred_and_keeps_its_shape(detection: Detection, size: Size) -> None:
    planned = plan(detection, Options(mode="pad", size=size, force=True))
    assert planned is not None
    (left, top), (width, height) = planned.offset, planned.photograph
    assert planned.canvas == size
    assert 0 <= 2 * left - (size.width - width) + 1 <= 1
    assert 0 <= 2 * top - (size.height - height) + 1 <= 1
    assert width <= planned.inner.width
    assert height <= planned.inner.height
    exact = planned.inner.width / planned.inner.height
    assert (width - 0.5) / (height + 0.5) <= exact * 1.0001 or width == 1
    assert (width + 0.5) / (height - 0.5) >= exact * 0.9999 or height == 1


@given(framed())
def test_filling_leaves_the_photograph_where_it_is(detection: Detection) -> None:
    planned = plan(detection, Options(mode="fill", force=True))
    assert planned is not None
    assert planned.canvas == (detection.width, detection.height)
    left, top = planned.offset
    assert Box(left, top, left + planned.photograph.width, top + planned.photograph.height) == planned.inner
    margins = planned.inner.margins(detection.width, detection.height)
    assert sides_to_paint(planned) == tuple(side for side in SIDES if margins[side])


def test_the_guard_is_exact() -> None:
    assert LARGEST_CUT == 0.45
    assert plan(found(100, 100, Box(45, 0, 100, 100))) is not None
    with pytest.raises(RemovalError, match="46% of the width"):
        plan(found(100, 100, Box(46, 0, 100, 100)))
    with pytest.raises(RemovalError, match="46% of the height"):
        plan(found(100, 100, Box(0, 23, 100, 77)))


def test_nothing_is_done_to_a_clean_picture() -> None:
    assert plan(found(100, 100, None, "clean")) is None


@pytest.mark.parametrize("inner", [None, Box(5, 5, 95, 95)])
def test_a_picture_in_doubt_is_left_alone_unless_asked(inner: Box | None) -> None:
    detection = found(100, 100, inner, "review")
    with pytest.raises(RemovalError) as caught:
        plan(detection)
    assert caught.value.code == "review"
    if inner is not None:
        assert plan(detection, Options(review=True)) is not None


@pytest.mark.parametrize(("text", "size"), [("1000x800", (1000, 800)), ("640", (640, 640)), ("7×9", (7, 9))])
def test_sizes(text: str, size: tuple[int, int]) -> None:
    assert Size.parse(text) == size


@pytest.mark.parametrize("text", ["", "x", "10x", "0x5", "-3", "axb", "65536", "1x400000"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(SettingsError, match="1000x1000"):
        Size.parse(text)


@pytest.mark.parametrize(
    "size", [(0, 0), (-5, 10), (2.5, 3), (400_000, 400_000), (65_536, 1), (5,), (1, 2, 3), 7, "ab"]
)
def test_what_is_no_size_of_a_picture(size: object) -> None:
    with pytest.raises(SettingsError, match=r"as in"):
        Options(mode="pad", size=size)  # type: ignore[arg-type]


def test_options_that_contradict_each_other() -> None:
    with pytest.raises(SettingsError, match="mode pad"):
        Options(size=Size(10, 10))
    with pytest.raises(SettingsError, match="choose one of: crop, fill, pad"):
        Options(mode="melt")  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="min_side"):
        Options(min_side=-1)


def test_a_size_may_be_any_pair_of_numbers() -> None:
    for size in ((400, 300), [400, 300], np.array((400, 300))):
        found = Options(mode="pad", size=size).size  # type: ignore[arg-type]
        assert found == Size(400, 300)
        assert type(found.width) is int
