"""What pictures go through: boxes and mask follow every resampling, compression moves nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.draw import bordered, product
from unframe.dataset.generator import aftermath
from unframe.dataset.generator.aftermath import FILTERS, resampled, worn
from unframe.dataset.generator.drawn import Drawn
from unframe.dataset.generator.openings import from_top, largest_box
from unframe.dataset.generator.parameters import Parameters
from unframe.imaging import decode
from unframe.types import SIDES, Box, Frame

BLACK, WHITE = (0, 0, 0), (255, 255, 255)


def ringed(inner: Box, outer: Box, width: int, height: int) -> Drawn:
    """A black ring on white, so that grey pixels after resampling are those that both share."""
    image, mask = np.full((height, width, 3), 255, dtype=np.uint8), np.zeros((height, width), dtype=bool)
    mask[outer.top : outer.bottom, outer.left : outer.right] = True
    mask[inner.top : inner.bottom, inner.left : inner.right] = False
    image[mask] = 0
    return Drawn(image, "framed", Frame(inner, outer, SIDES, "inset"), mask, "inset/ring")


@st.composite
def rings(draw: st.DrawFn) -> Drawn:
    width, height = draw(st.integers(40, 120)), draw(st.integers(40, 120))
    margins = [draw(st.integers(0, 8)) for _ in SIDES]
    widths = [draw(st.integers(1, 9)) for _ in SIDES]
    outer = Box(margins[3], margins[0], width - margins[1], height - margins[2])
    inner = Box(outer.left + widths[3], outer.top + widths[0], outer.right - widths[1], outer.bottom - widths[2])
    return ringed(inner, outer, width, height)


@settings(max_examples=60, deadline=None)
@given(rings(), st.floats(0.4, 1.3), st.sampled_from(sorted(FILTERS)))
def test_boxes_follow_the_mask_through_every_filter(drawn: Drawn, scale: float, name: str) -> None:
    height, width = (max(8, round(extent * scale)) for extent in drawn.image.shape[:2])
    small = resampled(drawn, height, width, name)
    assert small.frame is not None
    assert small.image.shape == (height, width, 3)
    outer, inner = small.frame.outer, small.frame.inner
    outside = np.ones_like(small.mask)
    outside[outer.top : outer.bottom, outer.left : outer.right] = False
    assert not (small.mask & outside).any()
    if name != "nearest":  # which may leave out a thin line altogether
        assert largest_box(small.mask | outside) == inner
    assert not small.mask[inner.top : inner.bottom, inner.left : inner.right].any()


@settings(max_examples=60, deadline=None)
@given(rings(), st.floats(0.4, 0.99))
def test_averaging_darkens_the_masked_pixels_and_no_others(drawn: Drawn, scale: float) -> None:
    """The area filter is its own oracle: a pixel is grey by the part of it that was frame."""
    height, width = (max(8, round(extent * scale)) for extent in drawn.image.shape[:2])
    covered = _coverage(drawn.mask, height, width)
    mask = resampled(drawn, height, width, "area").mask
    assert mask[covered > 2.05 * aftermath.TOUCHED].all()
    assert not mask[covered == 0].any()


def _coverage(mask: NDArray[np.bool_], height: int, width: int) -> NDArray[np.float64]:
    """Part of each pixel of the result that was frame, by exact areas of overlap."""
    rows, columns = (_overlaps(before, after) for before, after in zip(mask.shape, (height, width), strict=True))
    covered: NDArray[np.float64] = rows @ mask.astype(float) @ columns.T
    return covered


def _overlaps(before: int, after: int) -> NDArray[np.float64]:
    begin, end = np.arange(after)[:, None] * before / after, (np.arange(after)[:, None] + 1) * before / after
    pixels = np.arange(before)[None, :]
    shares: NDArray[np.float64] = (
        np.clip(np.minimum(end, pixels + 1) - np.maximum(begin, pixels), 0, 1) * after / before
    )
    return shares


@pytest.mark.parametrize("name", sorted(set(FILTERS) - {"nearest"}))
@pytest.mark.parametrize("scale", [0.45, 0.61, 0.8])
def test_photographs_pixels_stay_the_photographs(name: str, scale: float) -> None:
    """One pixel inside the inner box a strong edge has left no trace, whatever the filter (Lanczos rings a little)."""
    framed, inner = bordered(np.full((150, 200, 3), 240, dtype=np.uint8), 21, BLACK)
    mask = np.ones((150, 200), dtype=bool)
    mask[inner.top : inner.bottom, inner.left : inner.right] = False
    drawn = Drawn(framed, "framed", Frame(inner, Box.whole(200, 150), SIDES, "border"), mask, "border/solid")
    small = resampled(drawn, round(150 * scale), round(200 * scale), name)
    assert small.frame is not None
    box = small.frame.inner
    kept = small.image[box.top + 1 : box.bottom - 1, box.left + 1 : box.right - 1].astype(int)
    assert np.abs(kept - 240).max() <= 25
    for side in SIDES:
        margin = box.margins(small.whole.width, small.whole.height)[side]
        upright = from_top(small.image, side).astype(int)
        assert upright[margin - 2, upright.shape[1] // 2, 0] < 120, "the frame reaches the box to within a pixel"


def test_plain_pictures_stay_plain() -> None:
    image = product(120, 90)
    plain = Drawn(image, "plain", None, np.zeros((90, 120), dtype=bool), "photograph")
    small = resampled(plain, 45, 60, "bicubic")
    assert small.frame is None
    assert not small.mask.any()


def test_no_resampling_leaves_every_pixel() -> None:
    image = product(60, 40)
    assert aftermath.resize(image, 40, 60, "lanczos") is image


def plain_picture() -> Drawn:
    image = product(160, 120)
    return Drawn(image, "plain", None, np.zeros((120, 160), dtype=bool), "photograph")


def test_wear_keeps_size_and_says_what_it_did() -> None:
    drawn, seen = plain_picture(), set()
    for seed in range(60):
        out = worn(drawn, np.random.default_rng(seed), Parameters())
        assert out.image.shape == drawn.image.shape
        assert out.image.dtype == np.uint8
        steps = out.details["steps"]
        seen |= set(steps)
        assert np.abs(out.image.astype(int) - drawn.image).mean() < 12
        if not steps:
            assert out.image is drawn.image
    assert seen == {"jpeg", "webp", "sharpened"}


def test_the_file_of_a_compressed_picture_decodes_to_the_picture() -> None:
    compressed = 0
    for seed in range(40):
        out = worn(plain_picture(), np.random.default_rng(seed), Parameters())
        if out.encoded is not None:
            compressed += 1
            assert (decode(out.encoded) == out.image).all()
    assert compressed > 20


def test_qualities_and_shares_are_those_of_the_table() -> None:
    table = replace(Parameters(), jpeg=1.0, webp=0.0, doubled=0.5, lowest_quality=70, highest_quality=80)
    qualities = [
        worn(plain_picture(), np.random.default_rng(seed), table).details["steps"]["jpeg"] for seed in range(80)
    ]
    assert all(70 <= quality <= 80 for each in qualities for quality in each)
    assert {len(each) for each in qualities} == {1, 2}
    untouched = worn(plain_picture(), np.random.default_rng(0), replace(table, jpeg=0.0, sharpened=0.0))
    assert untouched.encoded is None


def test_chroma_is_subsampled_in_most_jpegs_and_not_in_all() -> None:
    from io import BytesIO

    from PIL import Image as PillowImage
    from PIL import JpegImagePlugin

    table = replace(Parameters(), jpeg=1.0, webp=0.0)
    kinds = []
    for seed in range(80):
        encoded = worn(plain_picture(), np.random.default_rng(seed), table).encoded
        assert encoded is not None
        with PillowImage.open(BytesIO(encoded)) as opened:
            kinds.append(JpegImagePlugin.get_sampling(opened))
    assert set(kinds) == {0, 1, 2}
    assert np.mean(np.array(kinds) == 2) > 0.5


def test_filters_are_drawn_as_their_shares_say() -> None:
    assert sum(share for _, share in FILTERS.values()) == pytest.approx(1)
    names = [aftermath.filter_name(np.random.default_rng(seed)) for seed in range(400)]
    assert set(names) == set(FILTERS)
