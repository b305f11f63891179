"""Decorative frames: what is not masked is still the photograph, and the boxes follow from the mask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from tests.dataset.generator.coded import coded, ring_art, supplies, untouched
from tests.draw import product
from unframe.dataset.generator import decorative
from unframe.dataset.generator.colours import edge_colour, seen_beside
from unframe.dataset.generator.drawn import Drawn
from unframe.dataset.generator.openings import largest_box
from unframe.types import SIDES, Box, Side

SUPPLIES = supplies()
SEEDS = range(8)
RESAMPLED = {"decorative/overlay"}  # half of the time the photograph is cut to the art's proportions
ALL_SIDES = {"rounded", "card", "polaroid", "art", "mat", "stamp", "torn"}


def paint(design: str, seed: int) -> Drawn:
    return decorative.PAINTERS[design](coded(), np.random.default_rng(seed), SUPPLIES)


def leans(drawn: Drawn) -> bool:
    """Whether the opening is not an upright box: a polaroid that leans on a table."""
    free = ~drawn.mask
    return drawn.design == "decorative/polaroid" and free.sum() != largest_box(drawn.mask).area


@pytest.mark.parametrize("design", sorted(set(decorative.PAINTERS) - RESAMPLED))
def test_outside_the_mask_the_photograph_is_untouched(design: str) -> None:
    for seed in SEEDS:
        drawn = paint(design, seed)
        if leans(drawn):
            continue
        same = untouched(drawn)
        assert drawn.frame is not None
        inner = drawn.frame.inner
        assert same[inner.top : inner.bottom, inner.left : inner.right].all(), (design, seed)
        assert same[~drawn.mask].all(), (design, seed)
        assert same[drawn.mask].mean() < 0.25, (design, seed)


@pytest.mark.parametrize("design", decorative.PAINTERS)
def test_inner_box_is_the_largest_free_box_and_touches_the_frame(design: str) -> None:
    for seed in SEEDS:
        drawn = paint(design, seed)
        assert drawn.frame is not None
        inner = drawn.frame.inner
        assert drawn.frame.kind == "decorative"
        assert drawn.design == design
        assert not drawn.mask[inner.top : inner.bottom, inner.left : inner.right].any()
        assert inner.area >= 0.2 * drawn.whole.area
        grown = Box(inner.left - 1, inner.top - 1, inner.right + 1, inner.bottom + 1).intersection(drawn.whole)
        assert drawn.mask[grown.top : grown.bottom, grown.left : grown.right].any()


@pytest.mark.parametrize("design", sorted(ALL_SIDES))
def test_frames_that_go_all_around_name_all_sides(design: str) -> None:
    for seed in SEEDS:
        frame = paint(f"decorative/{design}", seed).frame
        assert frame is not None
        assert frame.sides == SIDES, (design, seed)


def test_film_lies_along_two_opposite_sides() -> None:
    seen = {frame.sides for seed in SEEDS if (frame := paint("decorative/film", seed).frame)}
    assert seen == {("top", "bottom"), ("right", "left")}


@pytest.mark.parametrize("design", decorative.PAINTERS)
def test_one_seed_paints_one_picture_and_leaves_the_photograph_alone(design: str) -> None:
    photo = product(150, 120)
    before = photo.copy()
    first, second = (decorative.PAINTERS[design](photo, np.random.default_rng(9), SUPPLIES) for _ in range(2))
    assert (first.image == second.image).all()
    assert (first.mask == second.mask).all()
    assert (photo == before).all()


@pytest.mark.parametrize("design", sorted(set(decorative.PAINTERS) - {"decorative/seasonal", "decorative/torn"}))
def test_most_frames_around_products_on_white_can_be_seen(design: str) -> None:
    white = product(200, 160, backdrop=(255, 255, 255))
    labels = [decorative.PAINTERS[design](white, np.random.default_rng(seed), SUPPLIES).label for seed in range(12)]
    assert labels.count("framed") >= 9


def test_a_leaning_polaroid_keeps_the_photograph_inside_its_mask() -> None:
    """The colours of the paper and of the table must not reach a pixel that the mask leaves free."""
    photo = np.full((120, 100, 3), (10, 200, 30), dtype=np.uint8)
    leaning = 0
    for seed in range(12):
        drawn = decorative.polaroid(photo, np.random.default_rng(seed), SUPPLIES)
        leaning += leans(drawn)
        assert (drawn.image[~drawn.mask] == (10, 200, 30)).all(), seed
        assert photo[..., 0].size * 0.8 < (~drawn.mask).sum() <= photo[..., 0].size
    assert leaning >= 4


def test_rounded_corners_are_masked_and_the_middle_is_not() -> None:
    drawn = paint("decorative/rounded", 3)
    corners = drawn.mask[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert corners.all()
    assert not drawn.mask[drawn.whole.height // 2, drawn.whole.width // 2]


def test_overlay_masks_the_visible_art_alone() -> None:
    photo = product(120, 120)
    art = ring_art(120)
    art[30:34, 30:34] = (0, 0, 0, decorative.FAINT_ALPHA)  # a haze that nobody sees
    drawn = decorative._overlaid(photo, art, np.random.default_rng(0))
    expected = np.ones((120, 120), dtype=bool)
    expected[12:108, 12:108] = False
    assert drawn is not None
    assert (drawn.mask == expected).all()
    assert (drawn.image[~drawn.mask] == photo[~drawn.mask]).all()
    assert drawn.frame is not None
    assert drawn.frame.inner == Box(12, 12, 108, 108)


def test_art_that_hides_the_product_is_not_taken() -> None:
    closed = ring_art()
    closed[..., 3] = 255
    drawn = decorative.overlay(coded(), np.random.default_rng(0), replace(SUPPLIES, overlays=[closed[:, :]] * 3))
    assert drawn.design == "decorative/ornaments"


def test_without_art_ornaments_are_drawn() -> None:
    drawn = decorative.overlay(coded(), np.random.default_rng(0), supplies(overlays=False))
    assert drawn.design == "decorative/ornaments"


def test_the_margin_outside_inset_ornaments_is_outside_the_outer_box() -> None:
    inset = 0
    for seed in range(12):
        drawn = paint("decorative/ornaments", seed)
        assert drawn.frame is not None
        outer = drawn.frame.outer
        beyond = drawn.mask.copy()
        beyond[outer.top : outer.bottom, outer.left : outer.right] = False
        assert not beyond.any()
        assert drawn.mask[outer.top, outer.left : outer.right].all()
        inset += outer != drawn.whole
    assert inset >= 6


def test_rounded_opening_agrees_with_the_distance_to_the_corner() -> None:
    opening = np.asarray(decorative._rounded_opening((60, 50), 4, 12)).astype(float) / 255
    rows, columns = np.mgrid[0:50, 0:60] + 0.5
    across = np.abs(columns - 30) - (26 - 12)
    down = np.abs(rows - 25) - (21 - 12)
    outside = np.hypot(np.maximum(across, 0), np.maximum(down, 0)) + np.minimum(np.maximum(across, down), 0) - 12
    assert (opening[outside < -1.2] == 1).all()
    assert (opening[outside > 1.2] == 0).all()


def test_turned_corners_are_where_pillow_turns_them() -> None:
    sheet = PillowImage.new("RGB", (80, 60), (255, 255, 255))
    turned = np.asarray(sheet.convert("RGBA").rotate(6, expand=True))[..., 3] > 127
    corners = decorative._turned_corners((80, 60), 6, turned.shape[::-1])
    rows, columns = np.nonzero(turned)
    assert corners[:, 0].min() == pytest.approx(columns.min(), abs=1.5)
    assert corners[:, 0].max() == pytest.approx(columns.max() + 1, abs=1.5)
    assert corners[corners[:, 1].argmin(), 0] == pytest.approx(columns[rows.argmin()], abs=12)


def test_a_polaroids_foot_is_its_widest_edge() -> None:
    for seed in range(20):
        drawn = paint("decorative/polaroid", seed)
        if leans(drawn):
            continue
        assert drawn.frame is not None
        margins = drawn.frame.inner.margins(drawn.whole.width, drawn.whole.height)
        assert margins["left"] == margins["right"] == margins["top"]
        assert margins["bottom"] > 2 * margins["top"]


@pytest.mark.parametrize("design", ["art", "mat", "stamp"])
def test_frames_of_one_width_leave_an_opening_of_the_photographs_size(design: str) -> None:
    for seed in SEEDS:
        drawn = paint(f"decorative/{design}", seed)
        assert drawn.frame is not None
        assert (drawn.frame.inner.width, drawn.frame.inner.height) == (200, 160)
        assert len(set(drawn.frame.inner.margins(drawn.whole.width, drawn.whole.height).values())) == 1


def test_stamps_have_holes_along_all_edges() -> None:
    """Along each edge the ground of the holes and the paper between them take turns."""
    for seed in SEEDS:
        image = paint("decorative/stamp", seed).image.astype(int)
        for edge in (image[0], image[-1], image[:, 0], image[:, -1]):
            far = np.abs(edge - edge[len(edge) // 2]).max(axis=1) > 12
            assert np.count_nonzero(np.diff(far)) >= 4, seed


def test_torn_edges_are_ragged_and_thin() -> None:
    for seed in SEEDS:
        drawn = paint("decorative/torn", seed)
        depths = drawn.mask[:80].argmin(axis=0)[30:-30]
        assert np.ptp(depths) >= 2
        assert depths.min() >= 1
        assert depths.max() <= 0.1 * 160 + 2


def test_what_is_strewn_lies_near_its_sides() -> None:
    for seed in range(20):
        drawn = paint("decorative/seasonal", seed)
        assert not drawn.mask[60:100, 60:140].any(), "the middle stays free"
        assert drawn.frame is not None
        assert "bottom" in drawn.frame.sides


@pytest.mark.parametrize(
    ("side", "point"), [("top", (7, 3)), ("bottom", (7, 56)), ("left", (3, 7)), ("right", (76, 7))]
)
def test_beside_counts_from_each_side_inward(side: Side, point: tuple[float, float]) -> None:
    assert decorative._beside(side, 7, 3, 80, 60) == point


def test_colours_of_frames_differ_from_the_photographs_edge() -> None:
    photo = product(90, 90, backdrop=(255, 255, 255))
    for seed in range(100):
        shade = seen_beside(np.random.default_rng(seed), photo)
        assert max(abs(np.subtract(shade, edge_colour(photo)))) >= 25


def test_real_frame_art_gives_a_mask_of_its_visible_pixels(shared_data: Callable[[str], Path]) -> None:
    files = sorted(shared_data("overlays").rglob("*.png"))[::7]
    photo = coded(160, 160)
    for number, file in enumerate(files):
        with PillowImage.open(file) as opened:
            art = np.asarray(opened.convert("RGBA").resize((160, 160), PillowImage.Resampling.BOX))
        drawn = decorative._overlaid(photo, art, np.random.default_rng(number))
        if drawn is None:
            assert (art[..., 3] > decorative.FAINT_ALPHA).mean() > 0.5
            continue
        if drawn.image.shape == photo.shape:
            assert (drawn.mask == (art[..., 3] > decorative.FAINT_ALPHA)).all()
            assert (drawn.image[~drawn.mask] == photo[~drawn.mask]).all()
        assert drawn.frame is not None
        inner = drawn.frame.inner
        assert not drawn.mask[inner.top : inner.bottom, inner.left : inner.right].any()
