"""Hard plain pictures: labelled plain, of the photograph's size, and photographed rather than framed."""

from __future__ import annotations

import numpy as np
import pytest

from tests.dataset.generator.coded import coded, supplies
from tests.draw import product as drawn_product
from unframe.dataset.generator import negatives
from unframe.dataset.generator.drawn import Drawn
from unframe.types import Image

SUPPLIES = supplies()
HARD = {"rectangular", "own_frame", "full_bleed", "badge_or_text", "white_on_white", "dark_edge"}
WHITE = drawn_product(150, 120, 3, (255, 255, 255))


def paint(design: str, seed: int, photo: Image = WHITE) -> Drawn:
    return negatives.PAINTERS[design](photo, np.random.default_rng(seed), SUPPLIES)


@pytest.mark.parametrize("design", negatives.PAINTERS)
def test_label_tag_mask_and_size(design: str) -> None:
    for seed in range(4):
        drawn = paint(design, seed)
        assert drawn.label == "plain"
        assert drawn.frame is None
        assert not drawn.mask.any()
        assert drawn.image.shape == WHITE.shape
        assert drawn.image.dtype == np.uint8
        assert drawn.design == design
        assert drawn.design.startswith(f"{drawn.hard}/")
        assert drawn.hard in HARD


def test_every_tag_of_the_labelling_guide_has_designs() -> None:
    assert {design.split("/")[0] for design in negatives.PAINTERS} == HARD


@pytest.mark.parametrize("design", negatives.PAINTERS)
def test_one_seed_paints_one_picture_and_leaves_the_photograph_alone(design: str) -> None:
    photo = WHITE.copy()
    first, second, other = (paint(design, seed, photo) for seed in (4, 4, 5))
    assert (first.image == second.image).all()
    assert (first.image != other.image).any()
    assert (photo == WHITE).all()


@pytest.mark.parametrize("size", [(24, 24), (40, 160), (160, 40)])
def test_small_and_narrow_pictures_can_be_painted(size: tuple[int, int]) -> None:
    photo = drawn_product(*size, 1, (255, 255, 255))
    for design in negatives.PAINTERS:
        assert paint(design, 1, photo).image.shape == photo.shape


def straight_rows(image: Image) -> int:
    """Rows near the top or bottom where all of the picture's width changes by the same step: the edge of a frame."""
    grey = image.astype(int)
    steps = np.abs(np.diff(grey, axis=0)).max(axis=2)
    near_edge = np.r_[1 : len(steps) // 3, len(steps) * 2 // 3 : len(steps) - 1]
    flat_side = np.ptp(grey[:-1], axis=1).max(axis=1) <= 2
    return int(((steps.min(axis=1) >= 25) & flat_side)[near_edge].sum())


@pytest.mark.parametrize("design", ["full_bleed/room", "dark_edge/shadow", "full_bleed/rug", "rectangular/across"])
def test_edges_across_the_picture_are_not_pixel_exact_like_a_frames(design: str) -> None:
    framed = WHITE.copy()
    framed[:14] = (180, 30, 40)
    assert straight_rows(framed) == 1, "the measure sees a frame"
    exact = [straight_rows(paint(design, seed).image) > 0 for seed in range(25)]
    assert sum(exact) <= 1


def test_floating_badges_and_text_never_cover_a_whole_side() -> None:
    for design in ("badge_or_text/badge", "badge_or_text/text", "badge_or_text/watermark"):
        for seed in range(25):
            drawn = paint(design, seed, coded(200, 160))
            changed = (drawn.image != coded(200, 160)).any(axis=2)
            assert 0 < changed.mean() < 0.6
            for edge in (changed[0], changed[-1], changed[:, 0], changed[:, -1]):
                assert not edge.all(), (design, seed)


def test_white_margins_have_no_edge_around_them() -> None:
    for seed in range(10):
        image = paint("white_on_white/margin", seed).image
        edges = np.concatenate([image[0], image[:, 0], image[:, -1]])
        assert np.mean((edges > 215).all(axis=1)) > 0.7


def test_fading_backdrops_have_no_edge_anywhere() -> None:
    for seed in range(12):
        image = paint("white_on_white/fading", seed).image.astype(int)
        # Above the product nothing but the backdrop: it changes from row to row and column to column by a grey or two.
        above = image[: max(2, image.shape[0] // 30)]
        assert above.min() > 215
        assert np.abs(np.diff(above.mean(axis=(0, 2)))).max() < 4


def test_vignettes_change_the_corners_most() -> None:
    flat = np.full((90, 120, 3), 128, dtype=np.uint8)
    for seed in range(12):
        change = np.abs(paint("dark_edge/vignette", seed, flat).image.astype(int) - 128)
        assert change[0, 0].max() > change[45, 60].max() + 5


def test_crops_show_a_part_of_the_photograph_only() -> None:
    for seed in range(8):
        image = paint("full_bleed/crop", seed, coded(200, 160)).image
        assert 0.35 * 200 <= np.ptp(image[..., 0].astype(int)) <= 0.9 * 200


def test_products_that_touch_two_edges_reach_both() -> None:
    """Between its long edges the product differs from the backdrop at both ends of the picture."""
    for seed in range(12):
        image = paint("rectangular/across", seed).image.astype(int)
        upright = np.ptp(image.mean(axis=0), axis=0).max() > np.ptp(image.mean(axis=1), axis=0).max()
        ends = (image[2], image[-3]) if upright else (image[:, 2], image[:, -3])
        assert all(np.ptp(end, axis=0).max() > 12 for end in ends), seed


def test_a_cuboid_shows_three_faces_that_share_edges() -> None:
    for yaw in (0.5, -0.5):
        front, side, top = negatives._cuboid(0.8, 0.4, yaw, 0.3)
        shared = front[[1, 2]] if yaw < 0 else front[[0, 3]]
        assert side[[0, 3]] == pytest.approx(shared)
        assert top[[3, 2]] == pytest.approx(front[[0, 1]])
        assert top[:2, 1].max() < front[:2, 1].max(), "the top is seen from above"
        beyond = side[1, 0] - side[0, 0]
        assert (beyond > 0) == (yaw < 0), "the side lies beyond the front"


@pytest.mark.parametrize("design", ["rectangular/upright", "own_frame/upright"])
def test_upright_products_stand_level_on_a_plain_ground(design: str) -> None:
    level = 0
    for seed in range(20):
        image = paint(design, seed).image.astype(int)
        ground = np.median(image[[0, 0, -1, -1], [0, -1, 0, -1]], axis=0)
        apart = np.abs(image - ground).max(axis=2) > 60
        if apart.any():
            rows, columns = np.nonzero(apart.any(axis=1))[0], np.nonzero(apart.any(axis=0))[0]
            inside = apart[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
            level += inside[:, [0, -1]].mean() > 0.5 or inside[[0, -1]].mean() > 0.5
    assert level >= 8
